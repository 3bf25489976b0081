/** The store in the thread that calls it. The worker wraps this one; tests use it with disks of their own. */
import { getBlob } from "./blobs";
import { bringIn, peek } from "./bring-in";
import { closeTab, deleteTab, reopenTab } from "./closed-tabs";
import { findHistory } from "./history";
import type { Log } from "./log";
import * as queries from "./queries";
import { migrations } from "./schema";
import { checkpointNow, closeSession, enqueue, openSession, type SessionOptions, tell } from "./session";
import { folderBytes } from "./size";
import { takeOver } from "./take-over";
import type { Store } from "./types";
import { findUsage } from "./usage";

export type LocalStore = Store & { readonly onRecovery: (listener: (recovery: readonly string[]) => void) => void };

/** Opens at once, in whatever state the folder allows: see `StoreState`. */
export function openLocalStore(options: SessionOptions): LocalStore {
  const session = openSession(options);
  const database = () => session.log.database;

  function found<T>({ records, damaged }: queries.Found<T>): readonly T[] {
    tell(session, damaged);
    return records;
  }

  const { fs, engine, folder, migrations: steps = migrations, now = () => new Date() } = options;
  const place = { fs, engine, folder, steps };

  /** In the order of the calls, between the writes before and after it. */
  function inTurn<T>(work: (log: Log) => T): Promise<T> {
    return new Promise((done, fail) => {
      const run = (log: Log) => {
        const value = work(log);
        session.isUntidy = true;
        return () => done(value);
      };
      enqueue(session, { kind: "task", run, fail });
    });
  }

  return {
    get state() {
      return session.state;
    },
    get recovery() {
      return session.recovery;
    },
    onState: (listener) => {
      session.listeners.add(listener);
      return () => void session.listeners.delete(listener);
    },
    onChange: (listener) => {
      session.changeListeners.add(listener);
      return () => void session.changeListeners.delete(listener);
    },
    onRecovery: (listener) => void session.recoveryListeners.add(listener),
    write: (ops) => new Promise((done, fail) => enqueue(session, { kind: "write", ops, done, fail })),
    putBlob: (bytes) => new Promise((done, fail) => enqueue(session, { kind: "blob", bytes, done, fail })),
    tabs: async () => found(queries.findTabs(database())),
    rows: async (tab, from, to) => found(queries.findRows(database(), tab, from, to)),
    rowsBefore: async (tab, before, limit) => found(queries.findRowsBefore(database(), tab, before, limit)),
    rowsOfTool: async (tab, tool, before, limit) => found(queries.findRowsOfTool(database(), tab, tool, before, limit)),
    editRows: async (tab) => found(queries.findEditRows(database(), tab)),
    lastSeq: async (tab) => queries.lastSeq(database(), tab),
    turns: async (tab) => found(queries.findTurns(database(), tab)),
    requests: async (tab) => found(queries.findRequests(database(), tab)),
    approvals: async (tab) => found(queries.findApprovals(database(), tab)),
    prompt: async (hash) => queries.findPrompt(database(), hash),
    settings: async () => queries.findSettings(database()),
    getBlob: async (name) => {
      const bytes = getBlob(options.fs, options.folder, name);
      if (bytes === "damaged") tell(session, [`The stored file ${name} is damaged and is left out.`]);
      return bytes === "damaged" ? undefined : bytes;
    },
    closeTab: (tab, closedAt) => inTurn((log) => closeTab(log, place, tab, closedAt)),
    reopenTab: (tab) =>
      inTurn((log) => {
        const { isOpen, told } = reopenTab(log, place, tab, now());
        tell(session, told);
        return isOpen;
      }),
    deleteTab: (tab) => inTurn((log) => deleteTab(log, place, tab, session.unclaimed.names())),
    history: async (query) => findHistory(database(), query),
    usage: async (query) => findUsage(database(), query),
    peek: async (from) => peek(session.log, place, from),
    bringIn: (from) =>
      inTurn((log) => {
        const { wereOpen, told } = bringIn(log, place, from, session.self, now());
        tell(session, told);
        return wereOpen;
      }),
    size: async () => folderBytes(fs, folder),
    checkpoint: async () => checkpointNow(session),
    takeOver: async (doubtful) => takeOver(session, doubtful),
    close: async () => {
      if (!session.closed) closeSession(session);
    },
  };
}
