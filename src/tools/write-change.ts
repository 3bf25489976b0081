/** The common end of write_file and edit_file: what the card shows, and the write of exactly that. */
import { diffLines } from "./diff";
import { failure } from "./tool-helpers";
import type { FileWrite, Prepared, Resolved, ToolOutput, Workspace } from "./types";

export type Change = {
  readonly resolved: Resolved;
  readonly before: string;
  readonly after: string;
  readonly encoding: "utf8" | "utf8-bom" | "utf16le";
  /** The stamp of `before`; null when there is no file yet. */
  readonly stamp: string | null;
};

/** Plans a change: the whole new text is fixed here, and written only over the text that the card was made from. */
export function planChange(workspace: Workspace, change: Change): Prepared {
  const { resolved, before, after } = change;
  const { added, removed, lines } = diffLines(before, after);
  const summary = `+${added} −${removed}`;
  const guard = resolved.guarded === undefined ? {} : { guarded: resolved.guarded };
  return {
    ok: true,
    effect: { kind: "write", path: resolved.path, inside: resolved.inside, ...guard },
    subject: { kind: "edit", path: resolved.shown, isNew: change.stamp === null, added, removed, diff: lines },
    texts: { before, after },
    run: async ({ signal }) => {
      if (signal.aborted) return failure("Not written: the turn was stopped.", "stopped");
      const written = await workspace.write(resolved.path, after, change.encoding, change.stamp);
      return outcomeOf(written, change, summary);
    },
  };
}

function outcomeOf(written: FileWrite, change: Change, summary: string): ToolOutput {
  const { shown } = change.resolved;
  switch (written.kind) {
    case "written": {
      const verb = change.stamp === null ? "Created" : "Wrote";
      return { text: `${verb} ${shown} (${summary} lines).`, isError: false, summary };
    }
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
