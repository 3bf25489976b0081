/**
 * One opening of the log: who owns it, what waits to be written, when a refusing disk is tried again and when the
 * journal becomes a checkpoint. The state is one record; the functions here are all that change it.
 */
import path from "node:path";
import { putBlob, type Unclaimed, unclaimedBlobs } from "./blobs";
import { logFiles } from "./files";
import { changesOf, follow, type Place, takeOver } from "./follow";
import { replaceFile } from "./fs";
import { type Home, homeName } from "./home";
import { type Identity, ownIdentity } from "./identity";
import { emptyLog, type Log, type LogOptions, openLog, readLog } from "./log";
import { lookOut, type Watch } from "./lookout";
import { claimLog, ownsLog, releaseLog } from "./owner";
import { migrations } from "./schema";
import { describeTrouble } from "./trouble";
import type { Change, Op, StoreState } from "./types";

export type SessionOptions = LogOptions & {
  /** Random; names this opening of the log in the owner file. */
  readonly token: string;
  /** The folder that the log belongs to: kept beside it. */
  readonly home?: Home | undefined;
  /** Calls back, until it is stopped by what it returns, when something may have changed in the folder. */
  readonly watch?: Watch;
  readonly timings?: Partial<Timings>;
};

/** All in milliseconds. */
export type Timings = {
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** How often a reader looks whether the writer has gone. */
  readonly takeOver: number;
  /** How long a write that is under way may take, should an owner be alive after all that a person has called gone. */
  readonly settle: number;
  /** How often a reader looks for what the writer has added, where the system does not tell it. */
  readonly follow: number;
  /** How long nothing was written when a larger journal is turned into a checkpoint. */
  readonly idle: number;
};

export type Job =
  | { readonly kind: "write"; readonly ops: readonly Op[]; readonly done: () => void; readonly fail: Fail }
  /** Runs by itself. What it returns is called when it has left the queue. */
  | { readonly kind: "task"; readonly run: (log: Log) => () => void; readonly fail: Fail }
  | { readonly kind: "blob"; readonly bytes: Uint8Array; readonly done: (name: string) => void; readonly fail: Fail };
type Fail = (error: Error) => void;

export type Session = {
  readonly options: SessionOptions;
  readonly timings: Timings;
  readonly self: Identity;
  readonly queue: Job[];
  readonly unclaimed: Unclaimed;
  readonly listeners: Set<(state: StoreState) => void>;
  readonly changeListeners: Set<(change: Change) => void>;
  readonly recoveryListeners: Set<(recovery: readonly string[]) => void>;
  state: StoreState;
  recovery: readonly string[];
  /** What is read from, and written to while `owned`. */
  log: Log;
  /** How far a reader has come. */
  place: Place;
  owned: boolean;
  closed: boolean;
  retryDelay: number;
  /** After a checkpoint that failed: how long the journal must be before the next one. */
  nextCheckpointBytes: number;
  /** A checkpoint would free memory or files. */
  isUntidy: boolean;
  retryTimer: NodeJS.Timeout | undefined;
  idleTimer: NodeJS.Timeout | undefined;
  stopLooking: (() => void) | undefined;
  flushing: NodeJS.Immediate | undefined;
};

const usual: Timings = { firstRetry: 500, longestRetry: 5000, takeOver: 2000, settle: 3000, follow: 500, idle: 30_000 };
const busyJournalBytes = 8 * 1024 * 1024;
const idleJournalBytes = 256 * 1024;
const batchLimit = 256;
const nowhere: Place = { seen: undefined, at: undefined };

/** Opens the log as its writer where that is possible, else as a reader that goes on trying. */
export function openSession(options: SessionOptions): Session {
  const timings = { ...usual, ...options.timings };
  const session: Session = {
    options,
    timings,
    self: ownIdentity(options.token),
    queue: [],
    unclaimed: unclaimedBlobs(),
    isUntidy: false,
    listeners: new Set(),
    changeListeners: new Set(),
    recoveryListeners: new Set(),
    state: { kind: "blocked", reason: "The log is being opened." },
    recovery: [],
    log: emptyLog(options),
    place: nowhere,
    owned: false,
    closed: false,
    retryDelay: timings.firstRetry,
    nextCheckpointBytes: 0,
    retryTimer: undefined,
    idleTimer: undefined,
    stopLooking: undefined,
    flushing: undefined,
  };
  becomeOwner(session);
  if (!session.owned && session.state.kind !== "newer") readOnly(session);
  return session;
}

/** Queues a job. It is settled when it is durable, or when it can't become so; while the disk refuses it waits. */
export function enqueue(session: Session, job: Job): void {
  if (session.closed || session.state.kind === "reader" || session.state.kind === "newer") {
    job.fail(refusal(session));
    return;
  }
  session.queue.push(job);
  // While the disk refuses, the retry takes the whole queue.
  if (session.state.kind === "writer") session.flushing ??= setImmediate(() => flush(session));
}

/** @throws when there is nothing to checkpoint for this process, or the disk refuses. */
export function checkpointNow(session: Session): void {
  flush(session);
  if (!session.owned || session.state.kind === "blocked" || lost(session)) throw refusal(session);
  const hasCheckpoint = session.options.fs.stat(logFiles(session.options.folder).checkpoint) !== undefined;
  if (!hasCheckpoint || session.log.journalBytes() > 0) session.log.checkpoint();
}

/** A last try to write what waits, a checkpoint, and the log is free for others. */
export function closeSession(session: Session): void {
  const { fs, folder, token } = session.options;
  flush(session);
  const reason = refusal(session);
  session.closed = true;
  clearTimeout(session.retryTimer);
  clearTimeout(session.idleTimer);
  stopFollowing(session);
  for (const job of session.queue.splice(0)) job.fail(session.state.kind === "blocked" ? reason : refusal(session));
  // The journal holds everything that was acknowledged, and the next process finds that this one is gone.
  ignoreTrouble(session, () => checkpointNow(session));
  session.owned = false;
  session.log.close();
  ignoreTrouble(session, () => releaseLog(fs, folder, token));
}

/** Adds sentences for the user, each once. */
export function tell(session: Session, sentences: readonly string[]): void {
  const added = sentences.filter((sentence) => !session.recovery.includes(sentence));
  if (added.length === 0) return;
  session.recovery = [...session.recovery, ...added];
  for (const listener of session.recoveryListeners) listener(session.recovery);
}

export function becomeOwner(session: Session): void {
  const { fs, folder } = session.options;
  try {
    const claim = claimLog(fs, folder, session.self);
    if (claim.kind === "mine") {
      settleAs(session, openLog(session.options));
      return;
    }
    setState(session, { kind: "reader", owner: claim.by, doubtful: claim.doubtful });
    refuseAll(session);
    startFollowing(session);
    later(session, becomeOwner, session.timings.takeOver);
  } catch (error) {
    onTrouble(session, error, becomeOwner);
  }
}

function settleAs(session: Session, log: Log): void {
  const { fs, folder, token, migrations: steps = migrations } = session.options;
  stopFollowing(session);
  replaceLog(session, log);
  session.retryDelay = session.timings.firstRetry;
  if (log.newer === undefined) {
    session.owned = true;
    setState(session, { kind: "writer" });
    ignoreTrouble(session, () => keepHome(session));
    flush(session);
    return;
  }
  setState(session, { kind: "newer", fileVersion: log.newer, codeVersion: steps.length });
  refuseAll(session);
  ignoreTrouble(session, () => releaseLog(fs, folder, token));
}

function keepHome({ options: { fs, folder, home } }: Session): void {
  if (home === undefined) return;
  const file = path.join(folder, homeName);
  const bytes = Buffer.from(`${JSON.stringify(home, undefined, 2)}\n`);
  if (!bytes.equals(fs.read(file) ?? new Uint8Array())) replaceFile(fs, file, bytes);
}

/** Shows what is on the disk, or nothing when that can't be read either. */
function readOnly(session: Session): void {
  ignoreTrouble(session, () => {
    const log = readLog(session.options);
    replaceLog(session, log);
    session.place = log.place;
  });
}

function startFollowing(session: Session): void {
  const { watch, folder } = session.options;
  session.stopLooking ??= lookOut(
    () => ignoreTrouble(session, () => lookOnce(session)),
    session.timings.follow,
    (changed) => watch?.(folder, changed) ?? (() => undefined),
  );
}

function stopFollowing(session: Session): void {
  session.stopLooking?.();
  session.stopLooking = undefined;
  session.place = nowhere;
}

/** Takes over what the writer has added. @throws when the disk refuses to read. */
function lookOnce(session: Session): void {
  const { fs, folder, migrations: steps = migrations } = session.options;
  const step = follow(fs, folder, session.place, steps.length);
  if (step.kind === "same") return;
  if (step.kind === "new" && takeOver(session.log.database, step.records)) {
    session.place = step.place;
    for (const change of changesOf(step.records)) tellChange(session, change);
    return;
  }
  readOnly(session);
  tellChange(session, { kind: "all" });
}

function tellChange(session: Session, change: Change): void {
  for (const listener of session.changeListeners) listener(change);
}

function replaceLog(session: Session, next: Log): void {
  session.log.close();
  session.log = next;
  tell(session, next.recovery);
}

/**
 * Someone may have removed or replaced the owner file by hand. When the whole folder is gone, memory is the only copy:
 * it is claimed again and written anew.
 */
function isStillOwner({ options: { fs, folder, token }, self }: Session): boolean {
  if (ownsLog(fs, folder, token)) return true;
  const files = logFiles(folder);
  const isGone = fs.stat(files.journal) === undefined && fs.stat(files.checkpoint) === undefined;
  return isGone && claimLog(fs, folder, self).kind === "mine";
}

/** Whether another has become the owner: then nothing more is written, no checkpoint either, and what waits is refused. */
function lost(session: Session): boolean {
  const { fs, folder, token } = session.options;
  const isMine = session.closed ? ownsLog(fs, folder, token) : isStillOwner(session);
  if (isMine || session.closed) return !isMine;
  session.owned = false;
  becomeOwner(session);
  return true;
}

function flush(session: Session): void {
  clearImmediate(session.flushing);
  session.flushing = undefined;
  if (!session.owned || session.queue.length === 0) return;
  try {
    while (session.queue.length > 0) {
      if (lost(session)) return;
      runNext(session);
    }
    session.retryDelay = session.timings.firstRetry;
    setState(session, { kind: "writer" });
    afterWriting(session);
  } catch (error) {
    onTrouble(session, error, flush);
  }
}

/** Runs one job, or all writes before another kind of job with a single sync. A job leaves the queue when it is settled. */
function runNext(session: Session): void {
  const { queue, log, options } = session;
  const [first] = queue;
  if (first?.kind === "blob") {
    const name = putBlob(options.fs, options.folder, first.bytes);
    session.unclaimed.put(name);
    queue.shift();
    first.done(name);
    return;
  }
  if (first?.kind === "task") {
    runTask(session, first);
    return;
  }
  const end = queue.findIndex((job) => job.kind !== "write");
  const writes = queue
    .slice(0, Math.min(end < 0 ? queue.length : end, batchLimit))
    .filter((job) => job.kind === "write");
  const outcomes = log.write(writes.map(({ ops }) => ops));
  queue.splice(0, writes.length);
  for (const [index, job] of writes.entries()) {
    const refused = outcomes[index];
    session.unclaimed.claim(job.ops);
    if (refused === undefined) job.done();
    else job.fail(refused);
  }
}

/** @throws when the disk refuses: then the task stays and is run again. */
function runTask({ queue, log, options }: Session, task: Extract<Job, { kind: "task" }>): void {
  let done: () => void;
  try {
    done = task.run(log);
  } catch (error) {
    if (describeTrouble(error, options.folder) !== undefined) throw error;
    queue.shift();
    task.fail(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  queue.shift();
  done();
}

function afterWriting(session: Session): void {
  const { log } = session;
  const bytes = log.journalBytes();
  const isLong = bytes > Math.max(busyJournalBytes, session.nextCheckpointBytes);
  if (isLong && bytes > log.databaseBytes() / 2) tidy(session);
  clearTimeout(session.idleTimer);
  session.idleTimer = setTimeout(() => {
    if (session.owned && !lost(session) && (session.isUntidy || session.log.journalBytes() > idleJournalBytes))
      tidy(session);
  }, session.timings.idle).unref();
}

/** A checkpoint that fails is no loss, the journal holds everything: it is tried again when that has grown further. */
function tidy(session: Session): void {
  session.nextCheckpointBytes = session.log.journalBytes() + busyJournalBytes;
  ignoreTrouble(session, () => {
    session.log.checkpoint();
    session.nextCheckpointBytes = 0;
    session.isUntidy = false;
  });
}

export function setState(session: Session, next: StoreState): void {
  const isSame = JSON.stringify(next) === JSON.stringify(session.state);
  session.state = next;
  if (!isSame) for (const listener of session.listeners) listener(next);
}

/** @throws what is not the disk's fault. */
function onTrouble(session: Session, error: unknown, again: (session: Session) => void): void {
  const reason = describeTrouble(error, session.options.folder);
  if (reason === undefined) throw error;
  setState(session, { kind: "blocked", reason });
  later(session, again, session.retryDelay);
  session.retryDelay = Math.min(session.retryDelay * 2, session.timings.longestRetry);
}

/** For what can do without the disk. When the log is being closed, nothing can be told any more. */
function ignoreTrouble(session: Session, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!session.closed && describeTrouble(error, session.options.folder) === undefined) throw error;
  }
}

export function later(session: Session, work: (session: Session) => void, delay: number): void {
  clearTimeout(session.retryTimer);
  session.retryTimer = setTimeout(() => work(session), delay);
}

function refuseAll(session: Session): void {
  for (const job of session.queue.splice(0)) job.fail(refusal(session));
}

function refusal({ closed, state }: Session): Error {
  if (closed) return new Error("The log is closed.");
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
