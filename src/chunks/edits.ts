/** What the edits of a tab have done to files, and which of them were undone: a fold of its rows. Pure. */
import type { ChangedFile } from "./protocol";
import type { EditedFile, Row, SystemData, ToolResult } from "./rows";

/** One edit of one file, as its result has it. */
export type Edit = {
  readonly callId: string;
  readonly turnId: string;
  /** Of its result. */
  readonly seq: number;
  readonly file: EditedFile;
  /** It was undone, and not redone since. */
  readonly undone: boolean;
};

/** By call id, in the order in which they were made. */
export type Edits = ReadonlyMap<string, Edit>;

export const noEdits: Edits = new Map();

/** @param rows in order of seq; rows of other kinds change nothing. @returns the same when nothing has changed. */
export function foldEdits(edits: Edits, rows: readonly Row[]): Edits {
  let next: Map<string, Edit> | undefined;
  const set = (edit: Edit): void => {
    next ??= new Map(edits);
    next.set(edit.callId, edit);
  };
  for (const row of rows) {
    if (row.type === "tool_result" && row.data.edit !== undefined) {
      const { callId, edit } = row.data;
      const file = edit.added === undefined ? fromWords(edit, row.data) : edit;
      set({ callId, turnId: row.turnId, seq: row.seq, file, undone: false });
    } else if (row.type === "system" && isUndo(row.data)) {
      for (const callId of row.data.calls ?? []) {
        const edit = (next ?? edits).get(callId);
        if (edit !== undefined) set({ ...edit, undone: row.data.kind === "undone" });
      }
    }
  }
  return next ?? edits;
}

/** The first versions said only in words whether the file is new, and how many lines had changed. */
function fromWords(edit: EditedFile, { text, summary = "" }: ToolResult): EditedFile {
  const [, added, removed] = /^\+(\d+) −(\d+)/.exec(summary) ?? [];
  return {
    ...edit,
    ...(text.startsWith("Created ") ? { created: true } : {}),
    added: Number(added ?? 0),
    removed: Number(removed ?? 0),
  };
}

/** Whether the row says that edits were undone or redone. */
export function isUndo({ kind }: SystemData): boolean {
  return kind === "undone" || kind === "redone";
}

/** The files that a turn has changed, in the order in which it first did. Lines of several edits of a file are added up. */
export function changedFiles(edits: Edits, turnId: string): readonly ChangedFile[] {
  const files = new Map<string, ChangedFile>();
  for (const { callId, file, undone, turnId: own } of edits.values()) {
    if (own !== turnId) continue;
    const { path, created, added = 0, removed = 0 } = file;
    const before = files.get(path) ?? { path, added: 0, removed: 0, calls: [], undone: [] };
    files.set(path, {
      ...before,
      ...(created ? { created } : {}),
      added: before.added + added,
      removed: before.removed + removed,
      calls: [...before.calls, callId],
      undone: undone ? [...before.undone, callId] : before.undone,
    });
  }
  return [...files.values()];
}
