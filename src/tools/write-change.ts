/** The common end of write_file and edit_file: what the card shows, and the write of exactly that. */
import { diffLines } from "./diff";
import { inOrder, newProblems, problemCounts, problemLine, tellable } from "./problems";
import { remoteSchema } from "./remote-schema";
import { asWritten, failure } from "./tool-helpers";
import type { Encoding, FileWrite, Prepared, Resolved, RunContext, ToolOutput, Workspace } from "./types";

export type Change = {
  readonly resolved: Resolved;
  readonly before: string;
  readonly after: string;
  readonly encoding: Encoding;
  /** The stamp of `before`; null when there is no file yet. */
  readonly stamp: string | null;
  /** `before` is what an editor shows, with changes that are not saved. */
  readonly unsaved?: true;
};

/** A card shows all that a person would ever read there; *Open diff* has the rest. */
const ON_CARD = { maxLines: 20_000, maxTotal: 2_000_000 };

/** Plans a change: the whole new text is fixed here, and written only over the text that the card was made from. */
export function planChange(workspace: Workspace, change: Change): Prepared {
  const { resolved, before, after, encoding } = change;
  const { added, removed, lines } = diffLines(before, after, ON_CARD);
  const isNew = change.stamp === null;
  const why = resolved.guarded ?? remoteSchema(before, after);
  const guard = why === undefined ? {} : { guarded: why };
  return {
    ok: true,
    effect: { kind: "write", path: resolved.path, inside: resolved.inside, ...asWritten(resolved), ...guard },
    subject: {
      ...{ kind: "edit", path: resolved.shown, isNew, added, removed, diff: lines },
      ...(change.unsaved ? { unsaved: true } : {}),
    },
    texts: { before, after, ...(isNew ? { created: true } : {}), ...(encoding === "utf8" ? {} : { encoding }) },
    run: async ({ signal, mayRead }) => {
      if (signal.aborted) return failure("Not written: the turn was stopped.", "stopped");
      return withNews(workspace, change, { signal, mayRead }, async () =>
        outcomeOf(await workspace.write(resolved.path, after, encoding, change.stamp), { ...change, added, removed }),
      );
    },
  };
}

/** Problems that the result lists; the others are counted. */
const SHOWN_PROBLEMS = 8;

/** Tells behind the result what the language services have found since, in any file. Says nothing where nothing is new. */
async function withNews(
  { diagnostics, root }: Workspace,
  { resolved, stamp }: Change,
  { signal, mayRead }: Pick<RunContext, "signal" | "mayRead">,
  write: () => Promise<ToolOutput>,
): Promise<ToolOutput> {
  if (diagnostics === undefined) return write();
  const isKnown = stamp === null || (await diagnostics.look(resolved.path, signal));
  const places = resolved.inside ? [root] : [resolved.path];
  const known = places.flatMap(diagnostics.list);
  const watch = diagnostics.watch(resolved.path);
  try {
    const output = await write();
    if (output.isError) return output;
    await watch.wait(signal);
    const { told, note } = tellable(newProblems(known, places.flatMap(diagnostics.list)), mayRead);
    const news = inOrder(told);
    if (news.length === 0) return { ...output, text: [output.text, ...note].join("\n") };
    const lines = news.slice(0, SHOWN_PROBLEMS).map(problemLine);
    const more = news.length - lines.length;
    const rest = more === 0 ? [] : [`[... ${more} more: diagnostics lists them ...]`];
    const head = isKnown
      ? "New since this edit, by VS Code's language services:"
      : "VS Code's language services show now (what concerns other lines may have been there before):";
    const text = [output.text, head, ...lines, ...rest, ...note].join("\n");
    return { ...output, text, summary: `${output.summary} · ${problemCounts(news)}` };
  } finally {
    watch.dispose();
  }
}

/** A change whose lines were counted. */
type Counted = Change & { readonly added: number; readonly removed: number };

function outcomeOf(written: FileWrite, change: Counted): ToolOutput {
  const { shown } = change.resolved;
  switch (written.kind) {
    case "written":
      return written.unsaved ? inEditor(written.text ?? change.after, change) : onDisk(written.text, change);
    case "changed":
      return failure(
        `${shown} has changed since this call was made, so nothing was written. Read it again and repeat the change on what is there now.`,
        "changed meanwhile",
      );
    case "unsaved":
      return failure(
        `${shown} is open in the editor with unsaved changes, so nothing was written. Ask the person to save or discard them, then read the file again.`,
        "unsaved changes",
      );
    case "error":
      return failure(`Nothing was written. ${written.message}`);
  }
}

function onDisk(saved: string | undefined, change: Counted): ToolOutput {
  const { after, resolved, stamp } = change;
  const edit = editOf(change, saved ?? after);
  const summary = countsOf(edit);
  const done = `${stamp === null ? "Created" : "Wrote"} ${resolved.shown} (${summary} lines).`;
  const text = edit.after === after ? done : `${done}\n${savedFurther(after, edit.after)}`;
  return { text, isError: false, summary, edit };
}

function inEditor(text: string, change: Counted): ToolOutput {
  const edit = editOf(change, text);
  const summary = countsOf(edit);
  const why = change.unsaved
    ? "The file has unsaved changes of the person's, so it was not saved: on disk it is as it was, and commands see that."
    : "It could not be saved: on disk it is as it was, and commands see that. Tell the person.";
  return {
    text: `Changed ${change.resolved.shown} in the editor (${summary} lines). ${why}`,
    isError: false,
    summary: `${summary}, not saved`,
    edit,
  };
}

function editOf(change: Counted, now: string): NonNullable<ToolOutput["edit"]> {
  const { added, removed } = now === change.after ? change : diffLines(change.before, now);
  return { after: now, added, removed };
}

const countsOf = ({ added, removed }: { readonly added: number; readonly removed: number }): string =>
  `+${added} −${removed}`;

/** Lines of what a formatter has done that the model is shown; it reads the file for more. */
const SHOWN_LINES = 40;

function savedFurther(written: string, saved: string): string {
  const { lines } = diffLines(written, saved, { context: 0, maxLines: SHOWN_LINES, maxCharacters: 300 });
  const signs = { add: "+", remove: "-", same: " " };
  const shown = lines.map((line) =>
    line.kind === "gap" ? `… ${line.text}` : `${signs[line.kind]} ${line.line}\t${line.text}`,
  );
  return `The person's editor has changed it further while saving (a formatter, or the like). How what is in the file differs from what you wrote:\n${shown.join("\n")}`;
}
