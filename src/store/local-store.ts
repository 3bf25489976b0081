/** The store in the thread that calls it: queue, ownership, retries and the moments of checkpoints around the log. */
import { getBlob, putBlob } from "./blobs";
import { logFiles } from "./files";
import { ownIdentity } from "./identity";
import { emptyLog, type Log, type LogOptions, openLog, readLog } from "./log";
import { claimLog, ownsLog, releaseLog } from "./owner";
import * as queries from "./queries";
import { migrations } from "./schema";
import { describeTrouble } from "./trouble";
import type { Op, Store, StoreState } from "./types";

export type LocalStoreOptions = LogOptions & {
  /** Random; names this opening of the log in the owner file. */
  readonly token: string;
  readonly timings?: Partial<Timings>;
};

/** All in milliseconds. */
export type Timings = {
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** How often a reader looks whether the writer has gone. */
  readonly takeOver: number;
  /** How long nothing was written when a larger journal is turned into a checkpoint. */
  readonly idle: number;
};

export type LocalStore = Store & { readonly onRecovery: (listener: (recovery: readonly string[]) => void) => void };

type Job =
  | { readonly kind: "write"; readonly ops: readonly Op[]; readonly done: () => void; readonly fail: Fail }
  | { readonly kind: "blob"; readonly bytes: Uint8Array; readonly done: (name: string) => void; readonly fail: Fail };
type Fail = (error: Error) => void;

const usual: Timings = { firstRetry: 500, longestRetry: 5000, takeOver: 2000, idle: 30_000 };
const busyJournalBytes = 8 * 1024 * 1024;
const idleJournalBytes = 256 * 1024;
const batchLimit = 256;

export function openLocalStore(options: LocalStoreOptions): LocalStore {
  const { fs, folder, token } = options;
  const timings = { ...usual, ...options.timings };
  const self = ownIdentity(token);
  const queue: Job[] = [];
  const listeners = new Set<(state: StoreState) => void>();
  const recoveryListeners = new Set<(recovery: readonly string[]) => void>();
  let state: StoreState = { kind: "blocked", reason: "The log is being opened." };
  let log: Log | undefined;
  let owned = false;
  let recovery: readonly string[] = [];
  let retryDelay = timings.firstRetry;
  let retryTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let flushing: NodeJS.Immediate | undefined;
  let nextCheckpointBytes = 0;
  let closing: Promise<void> | undefined;

  function setState(next: StoreState): void {
    const isSame = JSON.stringify(next) === JSON.stringify(state);
    state = next;
    if (!isSame) for (const listener of listeners) listener(next);
  }

  function tell(sentences: readonly string[]): void {
    const added = sentences.filter((sentence) => !recovery.includes(sentence));
    if (added.length === 0) return;
    recovery = [...recovery, ...added];
    for (const listener of recoveryListeners) listener(recovery);
  }

  function replaceLog(next: Log): void {
    log?.close();
    log = next;
    tell(next.recovery);
  }

  /** The log to read from: the last one that could be opened, else what is on disk, else nothing. */
  function reading(): Log {
    if (log === undefined) replaceLog(orEmpty(options));
    return log ?? emptyLog(options);
  }

  function later(work: () => void, delay: number): void {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => {
      retryTimer = undefined;
      work();
    }, delay);
  }

  /** @throws what is not the disk's fault. */
  function onTrouble(error: unknown, again: () => void): void {
    const reason = describeTrouble(error, folder);
    if (reason === undefined) throw error;
    setState({ kind: "blocked", reason });
    later(again, retryDelay);
    retryDelay = Math.min(retryDelay * 2, timings.longestRetry);
  }

  function refuseAll(error: Error): void {
    for (const job of queue.splice(0)) job.fail(error);
  }

  function becomeOwner(): void {
    try {
      const claim = claimLog(fs, folder, self);
      if (claim.kind === "taken") {
        reading();
        setState({ kind: "reader", owner: claim.by });
        refuseAll(refusal(state));
        later(becomeOwner, timings.takeOver);
        return;
      }
      replaceLog(openLog(options));
      settleAs(reading());
    } catch (error) {
      reading();
      onTrouble(error, becomeOwner);
    }
  }

  function settleAs(opened: Log): void {
    retryDelay = timings.firstRetry;
    if (opened.newer === undefined) {
      owned = true;
      setState({ kind: "writer" });
      flush();
      return;
    }
    releaseLog(fs, folder, token);
    const codeVersion = (options.migrations ?? migrations).length;
    setState({ kind: "newer", fileVersion: opened.newer, codeVersion });
    refuseAll(refusal(state));
  }

  /**
   * Someone may have removed or replaced the owner file by hand. When the whole folder is gone, memory is the only copy:
   * it is claimed again and written anew.
   */
  function isStillOwner(): boolean {
    if (ownsLog(fs, folder, token)) return true;
    const files = logFiles(folder);
    const isGone = fs.stat(files.journal) === undefined && fs.stat(files.checkpoint) === undefined;
    return isGone && claimLog(fs, folder, self).kind === "mine";
  }

  function flush(): void {
    clearImmediate(flushing);
    flushing = undefined;
    if (!owned || log === undefined || queue.length === 0) return;
    try {
      if (!isStillOwner()) {
        owned = false;
        becomeOwner();
        return;
      }
      while (queue.length > 0) runNext(log);
      retryDelay = timings.firstRetry;
      setState({ kind: "writer" });
      afterWriting(log);
    } catch (error) {
      onTrouble(error, flush);
    }
  }

  /** Runs one blob, or all writes before the next one with a single sync. A job leaves the queue when it is settled. */
  function runNext(target: Log): void {
    const [first] = queue;
    if (first?.kind === "blob") {
      const name = putBlob(fs, folder, first.bytes);
      queue.shift();
      first.done(name);
      return;
    }
    const end = queue.findIndex((job) => job.kind === "blob");
    const writes = queue.slice(0, Math.min(end < 0 ? queue.length : end, batchLimit)).filter(isWrite);
    const outcomes = target.write(writes.map(({ ops }) => ops));
    queue.splice(0, writes.length);
    for (const [index, job] of writes.entries()) {
      const refused = outcomes[index];
      if (refused === undefined) job.done();
      else job.fail(refused);
    }
  }

  function afterWriting(target: Log): void {
    const bytes = target.journalBytes();
    if (bytes > Math.max(busyJournalBytes, nextCheckpointBytes) && bytes > target.databaseBytes() / 2) tidy(target);
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      if (target === log && owned && target.journalBytes() > idleJournalBytes) tidy(target);
    }, timings.idle).unref();
  }

  /** A checkpoint that fails is no loss, the journal holds everything: it is tried again when that has grown further. */
  function tidy(target: Log): void {
    try {
      target.checkpoint();
      nextCheckpointBytes = 0;
    } catch (error) {
      if (describeTrouble(error, folder) === undefined) throw error;
      nextCheckpointBytes = target.journalBytes() + busyJournalBytes;
    }
  }

  function enqueue(job: Job): void {
    if (closing !== undefined) {
      job.fail(new Error("The log is closed."));
    } else if (state.kind === "reader" || state.kind === "newer") {
      job.fail(refusal(state));
    } else {
      queue.push(job);
      if (state.kind === "writer") flushing ??= setImmediate(flush);
    }
  }

  function found<T>({ records, damaged }: queries.Found<T>): readonly T[] {
    tell(damaged);
    return records;
  }

  function checkpointNow(): void {
    flush();
    if (!owned || log === undefined) throw refusal(state);
    if (queue.length > 0 && state.kind === "blocked") throw new Error(state.reason);
    const hasCheckpoint = fs.stat(logFiles(folder).checkpoint) !== undefined;
    if (!hasCheckpoint || log.journalBytes() > 0) log.checkpoint();
  }

  async function shutDown(): Promise<void> {
    flush();
    clearTimeout(retryTimer);
    clearTimeout(idleTimer);
    refuseAll(new Error(state.kind === "blocked" ? state.reason : "The log is closed."));
    try {
      if (owned) checkpointNow();
    } catch {
      // The journal holds everything that was acknowledged.
    }
    log?.close();
    try {
      releaseLog(fs, folder, token);
    } catch {
      // The next process finds out that this one is gone.
    }
    owned = false;
  }

  becomeOwner();
  return {
    get state() {
      return state;
    },
    get recovery() {
      return recovery;
    },
    onState: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onRecovery: (listener) => void recoveryListeners.add(listener),
    write: (ops) => new Promise((done, fail) => enqueue({ kind: "write", ops, done, fail })),
    putBlob: (bytes) => new Promise((done, fail) => enqueue({ kind: "blob", bytes, done, fail })),
    tabs: async () => found(queries.findTabs(reading().database)),
    rows: async (tab, from, to) => found(queries.findRows(reading().database, tab, from, to)),
    rowsBefore: async (tab, before, limit) => found(queries.findRowsBefore(reading().database, tab, before, limit)),
    lastSeq: async (tab) => queries.lastSeq(reading().database, tab),
    turns: async (tab) => found(queries.findTurns(reading().database, tab)),
    requests: async (tab) => found(queries.findRequests(reading().database, tab)),
    approvals: async (tab) => found(queries.findApprovals(reading().database, tab)),
    prompt: async (hash) => queries.findPrompt(reading().database, hash),
    settings: async () => queries.findSettings(reading().database),
    getBlob: async (name) => {
      const bytes = getBlob(fs, folder, name);
      if (bytes === "damaged") tell([`The stored file ${name} is damaged and is left out.`]);
      return bytes === "damaged" ? undefined : bytes;
    },
    checkpoint: async () => checkpointNow(),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

function orEmpty(options: LogOptions): Log {
  try {
    return readLog(options);
  } catch {
    return emptyLog(options);
  }
}

function isWrite(job: Job): job is Job & { readonly kind: "write" } {
  return job.kind === "write";
}

function refusal(state: StoreState): Error {
  switch (state.kind) {
    case "reader":
      return new Error(`Nothing can be saved here: ${state.owner}`);
    case "newer":
      return new Error("A newer version of Dispatch wrote this log: update Dispatch to go on with it.");
    case "blocked":
      return new Error(state.reason);
    case "writer":
      return new Error("The log is closed.");
    default:
      return state satisfies never;
  }
}
