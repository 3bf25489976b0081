/** What a journal record may hold: the ops of the store's users, and what only the log does with whole tabs. */
import type { HistoryEntry } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { ApprovalRecord, Op, RequestRecord, Spend, TabRecord, TurnRecord } from "./types";

/** What is derived from the rows of a tab and kept while they are in a file of their own. */
export type Summary = Pick<HistoryEntry, "firstWords" | "lastAt" | "steps" | "usage"> & {
  /** Names of the blobs that the rows refer to. */
  readonly blobs: readonly string[];
  /** Absent in records of older versions: then it is summed from the archive. */
  readonly spend?: readonly Spend[];
};

/** All of a tab that is not in `tabs`. */
export type TabContent = {
  readonly rows: readonly Row[];
  readonly turns: readonly TurnRecord[];
  readonly requests: readonly RequestRecord[];
  readonly approvals: readonly ApprovalRecord[];
  readonly prompts: readonly { readonly hash: string; readonly text: string }[];
};

export type LogOp =
  | Op
  /** The tab's content is in its archive, durably: it leaves the database. */
  | { readonly op: "archived"; readonly tab: TabRecord; readonly summary: Summary }
  /** The content is back. What the database holds already stays as it is; a damaged archive may leave gaps. */
  | { readonly op: "restored"; readonly tab: TabRecord; readonly content: TabContent }
  /** The tab is no more, and its id is never used again. */
  | {
      readonly op: "removed";
      readonly tabId: string;
      readonly blobs: readonly string[];
      readonly spend?: readonly Spend[];
    }
  /** Nothing of the removed tabs is on the disk any more. */
  | { readonly op: "purged"; readonly tabIds: readonly string[] };
