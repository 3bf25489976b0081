/** The way in which rows of one tab come into being: numbered, made durable, then shown. */
import type { Draft, Row } from "../chunks/rows";
import type { Op, Store } from "../store/types";

export type TabLog = {
  /**
   * Numbers the drafts, writes them together with `also` as one durable record, then hands the rows to `onRows`.
   * Calls are written and handed on in their order. Rejects only when the store does (closed, not the writer).
   */
  readonly append: (turnId: string, drafts: readonly Draft[], also?: readonly Op[]) => Promise<readonly Row[]>;
  /**
   * Takes over rows that another window has written, in order of seq; those that are known are skipped.
   * @returns false when rows are missing before them: then nothing has happened.
   */
  readonly follow: (rows: readonly Row[]) => boolean;
  /** The seq of the last row that was handed on: everything up to it is durable. */
  readonly durableSeq: () => number;
};

export function createTabLog(options: {
  readonly tabId: string;
  readonly lastSeq: number;
  readonly store: Store;
  readonly now: () => number;
  readonly newId: () => string;
  readonly onRows: (rows: readonly Row[]) => void;
}): TabLog {
  let nextSeq = options.lastSeq + 1;
  let durable = options.lastSeq;
  let underWay = 0;

  const write = async (rows: readonly Row[], also: readonly Op[]): Promise<void> => {
    underWay += 1;
    try {
      await options.store.write(rows.length > 0 ? [...also, { op: "rows", rows }] : also);
      durable = rows.at(-1)?.seq ?? durable;
    } finally {
      underWay -= 1;
      // The seqs of a refused write are given again, or every later row would leave a gap and be refused too.
      if (underWay === 0) nextSeq = durable + 1;
    }
  };

  return {
    async append(turnId, drafts, also = []) {
      const createdAt = options.now();
      const rows = drafts.map(
        (draft): Row => ({ ...draft, id: options.newId(), tabId: options.tabId, seq: nextSeq++, turnId, createdAt }),
      );
      if (rows.length + also.length > 0) await write(rows, also);
      if (rows.length > 0) options.onRows(rows);
      return rows;
    },
    follow(rows) {
      const fresh = rows.filter((row) => row.seq > durable);
      const [first] = fresh;
      if (first === undefined) return true;
      if (first.seq !== durable + 1) return false;
      durable = fresh.at(-1)?.seq ?? durable;
      nextSeq = durable + 1;
      options.onRows(fresh);
      return true;
    },
    durableSeq: () => durable,
  };
}
