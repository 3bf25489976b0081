/**
 * Edits are undone and redone from the log, on the file as it is now: what was done to it since stays, or nothing is
 * written. Each file whole or not at all. What was done is one row; the model is told at its next step.
 */
import type { Edit } from "../chunks/edits";
import { assertNever } from "../chunks/rows";
import { diffLines } from "../tools/diff";
import { type Step, type TakenBack, takeBack } from "../tools/take-back";
import type { FileRead, FileWrite, Workspace } from "../tools/types";
import { readLastStep } from "./restore";
import { whyNoUndo } from "./setup";
import type { TabParts } from "./tab-parts";

export type UndoAct = "undo" | "redo";

type Done = { readonly path: string; readonly calls: readonly string[]; readonly words: string; readonly diff: string };
type Refused = { readonly path: string; readonly why: string };

/**
 * @param calls their edits, in any order; those that are undone (redone) already, or that nobody knows, are passed over.
 * @returns in one or more sentences what could not be done, or nothing. Where a file has changed too much, its diff is opened.
 */
export async function undoEdits(parts: TabParts, act: UndoAct, calls: readonly string[]): Promise<string | undefined> {
  const { surroundings, edits } = parts;
  const { workspace } = surroundings;
  const why = whyNoUndo(surroundings);
  if (why !== undefined || workspace === undefined) return why;
  await edits.load();
  const done: Done[] = [];
  const refused: Refused[] = [];
  for (const group of byFile(calls, act, edits.find)) {
    const end = await undoFile(parts, workspace, act, group);
    if ("why" in end) refused.push(end);
    else done.push(end);
  }
  if (done.length > 0) await record(parts, act, done);
  return refused.length === 0 ? undefined : refused.map(({ path, why }) => `${path} ${why}`).join(" ");
}

/** In the order in which they were made: a later edit of a file stands on the earlier ones. */
function byFile(
  calls: readonly string[],
  act: UndoAct,
  find: (callId: string) => Edit | undefined,
): readonly (readonly [Edit, ...Edit[]])[] {
  const files = new Map<string, [Edit, ...Edit[]]>();
  const wanted = [...new Set(calls)].flatMap((callId) => find(callId) ?? []);
  for (const edit of wanted.filter(({ undone }) => undone === (act === "redo")).sort((a, b) => a.seq - b.seq)) {
    const group = files.get(edit.file.path);
    if (group === undefined) files.set(edit.file.path, [edit]);
    else group.push(edit);
  }
  return [...files.values()];
}

async function undoFile(
  { surroundings }: TabParts,
  workspace: Workspace,
  act: UndoAct,
  group: readonly [Edit, ...Edit[]],
): Promise<Done | Refused> {
  const [{ file }] = group;
  const { path } = file;
  const steps = await stepsOf(group, surroundings.store.getBlob);
  if (steps === undefined) return { path, why: "was not changed: its texts are not in the log any more." };
  const resolved = await workspace.resolve(path);
  // A link that was put in its way since leads to another file.
  if ("error" in resolved || resolved.shown !== path)
    return { path, why: "was not changed: the path leads somewhere else now." };
  const found = await workspace.read(resolved.path);
  if (found.kind !== "text" && found.kind !== "missing")
    return { path, why: "was not changed: it is no text file now." };
  const now = found.kind === "text" ? found.text : undefined;
  const result = takeBack(act, steps, now);
  if (result.kind !== "text") {
    const wanted = act === "undo" ? steps[0]?.before : steps.at(-1)?.after;
    if (now !== undefined && wanted !== undefined) {
      const title = `${path} (now, and as it would be ${act === "undo" ? "without the edit" : "with the edit"})`;
      surroundings.editor.openDiff({ title, path, before: now, after: wanted });
    }
    return { path, why: whyNot(result, act) };
  }
  const written = await write(workspace, resolved.path, found, result.text, file.encoding ?? "utf8");
  const why = notWritten(written);
  if (why !== undefined) return { path, why };
  const isUnsaved = written.kind === "written" && written.unsaved === true;
  return {
    path,
    calls: group.map(({ callId }) => callId),
    words: [wordsOf(now, result), isUnsaved ? "not saved" : ""].filter((words) => words !== "").join(", "),
    diff: diffOf(now ?? "", result.text ?? ""),
  };
}

/** @returns nothing when a text is gone. */
async function stepsOf(
  group: readonly Edit[],
  getBlob: (sha256: string) => Promise<Uint8Array | undefined>,
): Promise<readonly Step[] | undefined> {
  const steps: Step[] = [];
  for (const { file } of group) {
    const [before, after] = await Promise.all([getBlob(file.before), getBlob(file.after)]);
    if (before === undefined || after === undefined) return undefined;
    steps.push({ before: file.created ? undefined : decode(before), after: decode(after) });
  }
  return steps;
}

/** A text may begin with what looks like a mark. */
const decode = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

async function write(
  workspace: Workspace,
  real: string,
  found: FileRead & { kind: "text" | "missing" },
  text: string | undefined,
  encoding: "utf8" | "utf8-bom" | "utf16le",
): Promise<FileWrite> {
  if (found.kind === "missing")
    return text === undefined ? { kind: "written" } : workspace.write(real, text, encoding, null);
  if (text === undefined) return workspace.remove(real, found.stamp);
  return text === found.text ? { kind: "written" } : workspace.write(real, text, found.encoding, found.stamp);
}

function notWritten(written: FileWrite): string | undefined {
  switch (written.kind) {
    case "written":
      return undefined;
    case "changed":
      return "was changed by something else at this moment. Try again.";
    case "unsaved":
      return "has unsaved changes in an editor. Save or revert them first.";
    case "error":
      return `was not changed: ${written.message}`;
    default:
      return assertNever(written);
  }
}

function whyNot(result: Exclude<TakenBack, { kind: "text" }>, act: UndoAct): string {
  switch (result.kind) {
    case "meets":
      return `was changed since at the same lines, so the edit can't be ${act === "undo" ? "undone" : "redone"} alone. Nothing was written; the diff shows both.`;
    case "grown":
      return "was created by the edit and has been changed since, so it was not deleted.";
    case "gone":
      return "is not there any more.";
    case "taken":
      return "is there again, with another text. Nothing was written.";
    default:
      return assertNever(result);
  }
}

function wordsOf(now: string | undefined, { text, merged }: TakenBack & { kind: "text" }): string {
  if (text === now) return "nothing left to do";
  if (text === undefined) return "deleted";
  if (now === undefined) return "created again";
  return merged ? "what was changed since is kept" : "";
}

const SHOWN_LINES = 24;

/** What it has changed, for the model. */
function diffOf(before: string, after: string): string {
  const { lines } = diffLines(before, after, { context: 1, maxLines: SHOWN_LINES, maxCharacters: 200 });
  const signs = { add: "+", remove: "-", same: " " };
  return lines.map((line) => (line.kind === "gap" ? `… ${line.text}` : `${signs[line.kind]} ${line.text}`)).join("\n");
}

async function record(parts: TabParts, act: UndoAct, done: readonly Done[]): Promise<void> {
  const turn = parts.turns.last();
  if (turn === undefined) return;
  const { step } = await readLastStep(parts.surroundings.store, turn);
  const verb = act === "undo" ? "Undone" : "Redone";
  const names = done.map(({ path, words }) => (words === "" ? path : `${path} (${words})`));
  await parts.tabLog.append(turn.id, [
    {
      role: "system",
      type: "system",
      step,
      data: {
        kind: act === "undo" ? "undone" : "redone",
        text: `${verb}: ${names.join(", ")}.`,
        calls: done.flatMap(({ calls }) => calls),
        tell: tellOf(act, done),
      },
    },
  ]);
}

/** Files of which the model is told the lines; of the others it gets the names. */
const TOLD_FILES = 6;

function tellOf(act: UndoAct, done: readonly Done[]): string {
  const verb = act === "undo" ? "undone" : "redone";
  const files = done.map(({ path, calls, words, diff }, at) => {
    const edits = `${path}: ${calls.length === 1 ? "1 edit" : `${calls.length} edits`}${words === "" ? "" : ` (${words})`}`;
    return at < TOLD_FILES && diff !== "" ? `${edits}, which changed the file like this:\n${diff}` : edits;
  });
  const wish = act === "undo" ? " Do not make these edits again unless the person asks for them." : "";
  return `The person has ${verb} edits of yours.${wish} Read a file again before you change it.\n${files.join("\n")}`;
}
