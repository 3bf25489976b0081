/** The store in the thread that calls it. The worker wraps this one; tests use it with disks of their own. */
import { getBlob } from "./blobs";
import * as queries from "./queries";
import { checkpointNow, closeSession, enqueue, openSession, type SessionOptions, tell } from "./session";
import type { Store } from "./types";

export type LocalStore = Store & { readonly onRecovery: (listener: (recovery: readonly string[]) => void) => void };

/** Opens at once, in whatever state the folder allows: see `StoreState`. */
export function openLocalStore(options: SessionOptions): LocalStore {
  const session = openSession(options);
  const database = () => session.log.database;

  function found<T>({ records, damaged }: queries.Found<T>): readonly T[] {
    tell(session, damaged);
    return records;
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
    onRecovery: (listener) => void session.recoveryListeners.add(listener),
    write: (ops) => new Promise((done, fail) => enqueue(session, { kind: "write", ops, done, fail })),
    putBlob: (bytes) => new Promise((done, fail) => enqueue(session, { kind: "blob", bytes, done, fail })),
    tabs: async () => found(queries.findTabs(database())),
    rows: async (tab, from, to) => found(queries.findRows(database(), tab, from, to)),
    rowsBefore: async (tab, before, limit) => found(queries.findRowsBefore(database(), tab, before, limit)),
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
    checkpoint: async () => checkpointNow(session),
    close: async () => {
      if (!session.closed) closeSession(session);
    },
  };
}
