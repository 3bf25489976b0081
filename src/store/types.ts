/** What the chunk log offers to the rest of Dispatch. Implemented over a worker thread; knows nothing of VS Code. */

import type { Mode } from "../chunks/modes";
import type { HistoryEntry, ModelName, QueuedMessage, ReadingPlace, TurnEnd, Usage } from "../chunks/protocol";
import type { Decision, Row } from "../chunks/rows";

export type TabRecord = {
  readonly id: string;
  readonly title: string;
  readonly createdAt: number;
  readonly position: number;
  readonly draft: string;
  /** Hash of the frozen system text and tool list, once the first request of the tab was built. */
  readonly promptHash?: string;
  /** Set while the tab is closed. */
  readonly closedAt?: number;
  /** Messages that wait to be delivered, the next one first. */
  readonly queue?: readonly QueuedMessage[];
  /** A turn has ended that no view has shown. */
  readonly unread?: boolean;
  /** Where it was read last; absent: at the end. */
  readonly place?: ReadingPlace;
  /** The models that this tab asks, in this order, when it does not follow the settings. */
  readonly models?: readonly TabModel[];
  /** What may happen without a question; absent: `ask`. */
  readonly mode?: Mode;
  /** The mode that the model was told of last; absent: `ask`, of which it knows from its instructions. */
  readonly toldMode?: Mode;
};

/** A choice of model as a tab keeps it: by names, since the settings may have changed when it is used again. */
export type TabModel = ModelName;

export type TurnRecord = {
  readonly id: string;
  readonly tabId: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly endReason?: TurnEnd;
};

/** One attempt at one request. Together with the rows it rebuilds the body: its SHA-256 is compared in tests. */
export type RequestRecord = {
  readonly id: string;
  readonly tabId: string;
  readonly turnId: string;
  readonly step: number;
  readonly attempt: number;
  readonly keyId: string;
  readonly model: string;
  readonly promptHash: string;
  /** The rows that the body was rendered from: all rows of the tab with firstSeq <= seq <= lastSeq. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The exact text of the body's head before `tools`: model, max_tokens, thinking, stream. */
  readonly head: string;
  /** Version of the renderer in src/wire, so that old bodies can be rebuilt after a change. */
  readonly renderer: number;
  readonly bodySha256: string;
  readonly startedAt: number;
  readonly firstTokenMs?: number;
  readonly durationMs: number;
  readonly outcome: "ok" | "error" | "aborted";
  readonly errorCode?: string;
  readonly statusCode?: number;
  readonly stopReason?: string;
  readonly requestId?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  /** The kind of server, as the settings name it. */
  readonly provider?: string;
  /**
   * Who paid: organisation and workspace where the server names them, else the key and its address. What one account
   * has cached or signed, another can't read. Absent when no answer has begun.
   */
  readonly account?: string;
  /** The answer's id, by which a later request may name this one. */
  readonly messageId?: string;
  /** What else the body was made of. Absent: nothing. */
  readonly options?: RequestOptions;
  /** Why a prefix was not in the cache, in the server's word (`tools_changed`), where it says so. */
  readonly cacheMissReason?: string;
};

/** What the body of a request depends on besides its head, its prompt and its rows. */
export type RequestOptions = {
  /** It is no step of the conversation: its body is made of this and its head alone. */
  readonly side?: {
    readonly kind: "search";
    readonly query: string;
    /** So many as the server has counted, where it has any. */
    readonly searches?: number;
  };
  /** The answer before had ended with `pause_turn` and was sent back as it was. */
  readonly paused?: boolean;
  /** False: without cache marks. */
  readonly marks?: boolean;
  /** The answer that the server compares this request with, to say why the cache was missed; null: none yet. */
  readonly previousMessageId?: string | null;
  /** The rows, as first and last seq of each run, whose thinking the model could not read: it was left out. */
  readonly withoutThinking?: readonly (readonly [number, number])[];
  /** The last row that this choice had cached, before others were asked: the body has a cache mark there. */
  readonly cachedTo?: number;
  /** The body holds images. */
  readonly images?: boolean;
};

export type ApprovalRecord = {
  readonly id: string;
  readonly tabId: string;
  readonly turnId: string;
  readonly callId: string;
  readonly tool: string;
  readonly argumentsSha256: string;
  readonly decision: Decision;
  /** What the decision covers, in words: `once`, `this tab: edits to src/a.ts`. */
  readonly scope: string;
  readonly createdAt: number;
};

/** One change to the log. A list of them is one journal record: all of it is durable or none of it. */
export type Op =
  | { readonly op: "rows"; readonly rows: readonly Row[] }
  /** Inserts or replaces the tab's record. */
  | { readonly op: "tab"; readonly tab: TabRecord }
  /** Inserts the turn, or sets its end. */
  | { readonly op: "turn"; readonly turn: TurnRecord }
  | { readonly op: "request"; readonly request: RequestRecord }
  /** Content-addressed; a hash that is there already is left alone. */
  | { readonly op: "prompt"; readonly hash: string; readonly text: string }
  | { readonly op: "approval"; readonly approval: ApprovalRecord }
  | { readonly op: "setting"; readonly key: string; readonly value: string };

export type StoreState =
  | { readonly kind: "writer" }
  /** Another process owns the log. Reading works on what was there when it was opened. */
  | {
      readonly kind: "reader";
      readonly owner: string;
      /** Nothing here can tell whether that process is still there; a person may, and `takeOver` takes this. */
      readonly doubtful?: string | undefined;
    }
  /** A newer Dispatch wrote this log: it is shown, not written. */
  | { readonly kind: "newer"; readonly fileVersion: number; readonly codeVersion: number }
  /** The last write has not reached the disk and is being retried; `reason` is one sentence. */
  | { readonly kind: "blocked"; readonly reason: string };

export type HistoryQuery = {
  /** A part of the title, in any case. */
  readonly text?: string;
  /** The last entry of the page before. */
  readonly before?: { readonly lastAt: number; readonly id: string };
  readonly limit: number;
};

/** What a reader has taken over from the writer: its reads show it already. */
export type Change =
  /** In the order in which they were written. What the listener has read meanwhile may hold some of it. */
  | { readonly kind: "ops"; readonly ops: readonly Op[] }
  /** Some tabs were closed, brought back or deleted. */
  | { readonly kind: "tabs" }
  /** The log was read anew: anything may have changed. */
  | { readonly kind: "all" };

/** What the requests of one tab, on one day, with one key and one model, have used. */
export type UsageSum = {
  readonly tabId: string;
  /** In the local calendar: `2026-11-22`. */
  readonly day: string;
  readonly keyId: string;
  /** Unknown of requests that older versions made. */
  readonly provider?: string;
  readonly model: string;
  /** The input of each of these requests in begun hundreds of thousands of tokens: 1 is up to 100,000. */
  readonly size: number;
  /** Those that the server had begun to answer, whatever became of them. */
  readonly requests: number;
  readonly usage: Usage;
  /** Web searches that the server bills by the piece; absent: none. */
  readonly searches?: number;
};

/** What is kept of a tab's use when its requests are gone. */
export type Spend = Omit<UsageSum, "tabId">;

export type UsageQuery = {
  readonly tabId?: string;
  /** The first day that counts: `2026-11-22`. */
  readonly fromDay?: string;
};

/** A conversation as the log knows it; what it has cost depends on prices, which the log doesn't know. */
export type StoredChat = HistoryEntry & { readonly spend: readonly Spend[] };

/** What another log holds that this one does not. */
export type Peek = {
  /** Conversations in which something was said. */
  readonly chats: number;
  /** When the newest of their rows was written; 0 without any. */
  readonly lastAt: number;
};

export interface Store {
  readonly state: StoreState;
  /** Sentences about what was found and mended at open (a torn tail, a corrupt checkpoint set aside). */
  readonly recovery: readonly string[];
  onState(listener: (state: StoreState) => void): () => void;
  /** For a reader: what another window has written. A writer is told nothing of its own writes. */
  onChange(listener: (change: Change) => void): () => void;
  /**
   * Resolves when the ops are durable and visible to reads. Writes are applied in the order of the calls.
   * While the disk refuses, the promise stays pending and the write is retried with the same ids; it rejects only
   * when the store is closed, is not the writer, or the ops contradict rows that are there already.
   */
  write(ops: readonly Op[]): Promise<void>;
  /** All of them, the closed ones too: those have `closedAt`. */
  tabs(): Promise<readonly TabRecord[]>;
  /** Rows with fromSeq <= seq <= toSeq in order of seq; rows whose crc does not fit are left out and named in `recovery`. */
  rows(tabId: string, fromSeq: number, toSeq: number): Promise<readonly Row[]>;
  /** The newest `limit` rows with seq < before, in order of seq. */
  rowsBefore(tabId: string, before: number, limit: number): Promise<readonly Row[]>;
  /** The newest `limit` calls and results of one tool with seq < before, in order of seq. Looks through the whole tab. */
  rowsOfTool(tabId: string, tool: string, before: number, limit: number): Promise<readonly Row[]>;
  /** Results that have edited a file, rows that say what was undone, and those that have told the model; in order of seq. Looks through the whole tab. */
  editRows(tabId: string): Promise<readonly Row[]>;
  /** 0 when the tab has no rows. */
  lastSeq(tabId: string): Promise<number>;
  turns(tabId: string): Promise<readonly TurnRecord[]>;
  requests(tabId: string): Promise<readonly RequestRecord[]>;
  approvals(tabId: string): Promise<readonly ApprovalRecord[]>;
  prompt(hash: string): Promise<string | undefined>;
  settings(): Promise<Readonly<Record<string, string>>>;
  /** Durable before it resolves. @returns the SHA-256 that names it. */
  putBlob(bytes: Uint8Array): Promise<string>;
  getBlob(sha256: string): Promise<Uint8Array | undefined>;
  /**
   * Moves the rows, turns, requests and approvals of a tab into a file of its own; its record stays, with `closedAt`.
   * While it is closed, reads find nothing of it and writes to it are refused, except of its record, which stays closed.
   * Rejects when there is no such tab. A tab that is closed already stays as it is.
   */
  closeTab(tabId: string, closedAt: number): Promise<void>;
  /**
   * Brings all of it back, with the same ids and seqs; a tab that is open stays as it is. Rejects with a sentence when
   * nothing can be read from its file, or a newer version wrote it.
   * @returns false when there is nothing to bring back.
   */
  reopenTab(tabId: string): Promise<boolean>;
  /**
   * Removes all of a tab, open or closed, with the blobs that no other one refers to. When it resolves, none of its
   * content is in any file of the log, but in those that were set aside as damaged before. Its id can't be used again.
   */
  deleteTab(tabId: string): Promise<void>;
  /** All conversations, open and closed, those with the newest activity first. */
  history(query: HistoryQuery): Promise<readonly StoredChat[]>;
  /**
   * Everything that was used, by tab, day, key, model and size of the prompt. The sums of closed tabs stay, and those
   * of deleted ones too: what was spent stays spent.
   */
  usage(query: UsageQuery): Promise<readonly UsageSum[]>;
  /** Looks into another log. @param folder the log's folder. Rejects when it can't be read. */
  peek(folder: string): Promise<Peek>;
  /**
   * Brings the chats of another log into this one, with their ids and seqs, as closed ones; those that are here, or were
   * deleted here, stay as they are. All or nothing, also when the process dies; the other log is not changed. Rejects
   * with a sentence when another process has that one open, or a newer version wrote it.
   * @returns ids of those that were open there, in the order of their tabs.
   */
  bringIn(folder: string): Promise<readonly string[]>;
  /** Bytes of all files in the log's folder. */
  size(): Promise<number>;
  checkpoint(): Promise<void>;
  /**
   * For a reader, when a person has said that the owner is gone: resolves when the log is claimed, and the state is
   * `writer` some seconds later. Rejects with a sentence when another process is the owner now, or it can be seen that
   * the owner is alive. @param doubtful as the state has it.
   */
  takeOver(doubtful: string): Promise<void>;
  /** Checkpoints, gives up ownership and ends the worker. Idempotent. */
  close(): Promise<void>;
}
