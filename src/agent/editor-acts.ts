/** What a view asks of the editor: answered from the log where it concerns a call, passed on where it does not. */
import type { FromView } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import { checkArguments } from "../tools/arguments";
import { findCall, findResult, readText } from "./earlier-results";
import type { Tab } from "./tab";
import type { Surroundings } from "./types";

export type EditorAct = Extract<
  FromView,
  {
    type:
      | "openFile"
      | "openLink"
      | "openDiff"
      | "openChanges"
      | "openOutput"
      | "openTerminal"
      | "openJob"
      | "copy"
      | "insert"
      | "run";
  }
>;

export async function actInEditor(
  act: EditorAct,
  session: { readonly surroundings: Surroundings; readonly tab: (id: string) => Tab | undefined },
): Promise<void> {
  const { editor } = session.surroundings;
  switch (act.type) {
    case "openFile":
      return act.line === undefined ? editor.openFile(act.path) : editor.openFile(act.path, act.line);
    case "openLink":
      return editor.openLink(act.href);
    case "copy":
      return editor.copy(act.text);
    case "insert":
      return editor.insert(act.text);
    case "run":
      return editor.run(act.command);
    case "openDiff":
      return openDiff(act, session);
    case "openChanges":
      return openChanges(act, session);
    case "openOutput":
      return openOutput(act, session);
    case "openTerminal":
      return openTerminal(act, session);
    case "openJob": {
      const job = session.tab(act.tab)?.jobs.find(act.id);
      return job && editor.openText({ title: `Job ${job.id} output`, text: job.output.text() });
    }
    default:
      return assertNever(act);
  }
}

type Where = { readonly tab: string; readonly callId: string };
type Sources = { readonly surroundings: Surroundings; readonly tab: (id: string) => Tab | undefined };

/** A pending edit shows what would be written; a finished one what was, from its blobs. */
async function openDiff(where: Where, { surroundings, tab }: Sources): Promise<void> {
  const pending = tab(where.tab)?.question(where.callId)?.prepared;
  if (pending?.texts !== undefined && pending.subject.kind === "edit") {
    return surroundings.editor.openDiff({
      title: `${pending.subject.path} (proposed)`,
      path: pending.subject.path,
      ...pending.texts,
    });
  }
  const edit = (await resultOf(where, surroundings))?.edit;
  if (edit === undefined) return surroundings.log("warn", "there is no diff for this call any more");
  const { store } = surroundings;
  const [before = "", after = ""] = await Promise.all([readText(store, edit.before), readText(store, edit.after)]);
  surroundings.editor.openDiff({ title: `${edit.path} (edited by Dispatch)`, path: edit.path, before, after });
}

/** Each file of the turn once: before the first of its edits, and after the last. */
async function openChanges({ tab: id, turnId }: { tab: string; turnId: string }, { surroundings, tab }: Sources) {
  const files = new Map<string, { readonly before: string; readonly after: string }>();
  for (const { file } of (await tab(id)?.edits(turnId)) ?? [])
    files.set(file.path, { before: files.get(file.path)?.before ?? file.before, after: file.after });
  const { store } = surroundings;
  const changes = [...files].map(async ([path, { before, after }]) => {
    const [left = "", right = ""] = await Promise.all([readText(store, before), readText(store, after)]);
    return { path, before: left, after: right };
  });
  const shown = await Promise.all(changes);
  if (shown.length > 0) surroundings.editor.openChanges({ title: "Changes of one turn", files: shown });
}

async function openOutput(where: Where, { surroundings }: Sources): Promise<void> {
  const result = await resultOf(where, surroundings);
  if (result === undefined) return;
  const whole = result.blob === undefined ? undefined : await readText(surroundings.store, result.blob);
  surroundings.editor.openText({ title: `${result.name} output`, text: whole ?? result.text });
}

/** Also of a call that waits, runs, or was never run: its row is there from the beginning. */
async function openTerminal(where: Where, { surroundings }: Sources): Promise<void> {
  const { store, workspace, tools, editor, log } = surroundings;
  const call = await findCall(store, where.tab, where.callId);
  const tool = tools.find(({ name }) => name === "run_shell");
  const checked =
    call?.name === tool?.name && tool ? checkArguments(tool.schema, call?.argumentsText ?? "") : undefined;
  if (checked?.ok !== true || workspace === undefined) return log("warn", "there is no such command");
  const { command, cwd } = checked.args;
  const folder = await workspace.resolve(typeof cwd === "string" && cwd !== "" ? cwd : ".");
  if ("error" in folder) return log("warn", `the folder of a command can't be used: ${folder.error}`);
  editor.openTerminal({ command: String(command), cwd: folder.path });
}

const resultOf = ({ tab, callId }: Where, { store }: Surroundings) =>
  findResult(store, tab, (result) => result.callId === callId);
