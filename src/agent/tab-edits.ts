/** The edits of a tab, which may stand far above what any view has loaded: what they changed, and what was undone. */
import { changedFiles, type Edit, type Edits, foldEdits, isUndo, noEdits } from "../chunks/edits";
import type { ChangedFile } from "../chunks/protocol";
import type { Draft, Row } from "../chunks/rows";
import type { Store } from "../store/types";

export type TabEdits = {
  /** Finds them in the log, once. Resolves when they are known. */
  readonly load: () => Promise<void>;
  /** Rows that were just sealed. */
  readonly append: (rows: readonly Row[]) => void;
  readonly find: (callId: string) => Edit | undefined;
  /** In the order in which they were made. */
  readonly ofTurn: (turnId: string) => readonly Edit[];
  readonly files: (turnId: string) => readonly ChangedFile[];
  /** What was undone and redone and the model does not know yet, as a row of this step; nothing when it knows all. */
  readonly news: (step: number) => readonly Draft[];
};

export function createTabEdits(tabId: string, store: Store): TabEdits {
  let edits: Edits = noEdits;
  let untold: readonly { readonly seq: number; readonly text: string }[] = [];
  let lastSeq = 0;
  let isLoaded = false;
  /** Rows that were sealed while the log is read. */
  let held: readonly Row[] = [];
  let loading: Promise<void> | undefined;

  const take = (rows: readonly Row[]): void => {
    const fresh = rows.filter((row) => row.seq > lastSeq);
    lastSeq = fresh.at(-1)?.seq ?? lastSeq;
    edits = foldEdits(edits, fresh);
    for (const row of fresh) {
      if (row.type === "system" && isUndo(row.data)) {
        untold = [...untold, { seq: row.seq, text: row.data.tell ?? row.data.text }];
      } else if (row.type === "text" && row.role === "user" && row.data.tells !== undefined) {
        const { tells } = row.data;
        untold = untold.filter(({ seq }) => seq > tells);
      }
    }
  };

  return {
    load() {
      loading ??= store.editRows(tabId).then(
        (rows) => {
          isLoaded = true;
          take(rows);
          take(held);
          held = [];
        },
        (error: unknown) => {
          loading = undefined; // the next one may read it
          held = [];
          throw error;
        },
      );
      return loading;
    },
    append(rows) {
      if (isLoaded) take(rows);
      else if (loading !== undefined) held = [...held, ...rows];
    },
    find: (callId) => edits.get(callId),
    ofTurn: (turnId) => [...edits.values()].filter((edit) => edit.turnId === turnId),
    files: (turnId) => changedFiles(edits, turnId),
    news(step) {
      const last = untold.at(-1);
      if (last === undefined) return [];
      const text = untold.map((one) => one.text).join("\n\n");
      return [{ role: "user", type: "text", step, data: { text, origin: "context", tells: last.seq } }];
    },
  };
}
