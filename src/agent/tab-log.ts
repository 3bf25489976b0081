/** The way in which rows of one tab come into being: numbered, made durable, then shown. */
import type { Draft, Row } from "../chunks/rows";
import type { Op, Store } from "../store/types";

export type TabLog = {
  /**
   * Numbers the drafts, writes them together with `also` as one durable record, then hands the rows to `onRows`.
   * Calls are written and handed on in their order. Rejects only when the store does (closed, not the writer).
   */
  readonly append: (turnId: string, drafts: readonly Draft[], also?: readonly Op[]) => Promise<readonly Row[]>;
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
  return {
    async append(turnId, drafts, also = []) {
      const createdAt = options.now();
      const rows = drafts.map(
        (draft): Row => ({ ...draft, id: options.newId(), tabId: options.tabId, seq: nextSeq++, turnId, createdAt }),
      );
      await options.store.write(rows.length > 0 ? [...also, { op: "rows", rows }] : also);
      if (rows.length > 0) {
        durable = Math.max(durable, rows[rows.length - 1]?.seq ?? durable);
        options.onRows(rows);
      }
      return rows;
    },
    durableSeq: () => durable,
  };
}
