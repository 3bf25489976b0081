/** The store as the rest of Dispatch sees it: a thin client of the log's worker thread. */
import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import { assertNever } from "../chunks/rows";
import { nodeFs } from "./fs";
import { releaseLog } from "./owner";
import type { Calls, FromWorker, WorkerData } from "./rpc";
import type { Change, Store, StoreState } from "./types";

export type StoreOptions = {
  /** The log's folder; it is made when it is not there. */
  readonly folder: string;
  /** Path of the built store-worker.js, with sql-wasm.wasm beside it. */
  readonly worker: string;
  /** The folder that the chats are about. The log remembers it, so that it is found again when the folder has moved. */
  readonly home?: string;
};

/** The worker as a list of facts and one function: what it last said, and a way to ask it. */
type Client = {
  readonly state: () => StoreState;
  readonly recovery: () => readonly string[];
  readonly listeners: Set<(state: StoreState) => void>;
  readonly changeListeners: Set<(change: Change) => void>;
  readonly ready: Promise<unknown>;
  readonly call: <M extends keyof Calls>(method: M, ...args: Parameters<Calls[M]>) => ReturnType<Calls[M]>;
  readonly end: () => Promise<unknown>;
};

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/**
 * Opens the log, mends it if it has to, and tries to become its writer. A folder that can't be written, a second window
 * or a damaged file do not make it fail: `state` and `recovery` tell.
 * @throws when the worker can't be started.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const client = startWorker(options);
  const { call } = client;
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    // A worker that has stopped holds nothing open.
    await call("close").catch(() => undefined);
    await client.end();
  }

  await client.ready;
  return {
    get state() {
      return client.state();
    },
    get recovery() {
      return client.recovery();
    },
    onState: (listener) => {
      client.listeners.add(listener);
      return () => void client.listeners.delete(listener);
    },
    onChange: (listener) => {
      client.changeListeners.add(listener);
      return () => void client.changeListeners.delete(listener);
    },
    write: (ops) => call("write", ops),
    tabs: () => call("tabs"),
    rows: (tabId, fromSeq, toSeq) => call("rows", tabId, fromSeq, toSeq),
    rowsBefore: (tabId, before, limit) => call("rowsBefore", tabId, before, limit),
    rowsOfTool: (tabId, tool, before, limit) => call("rowsOfTool", tabId, tool, before, limit),
    editRows: (tabId) => call("editRows", tabId),
    lastSeq: (tabId) => call("lastSeq", tabId),
    turns: (tabId) => call("turns", tabId),
    requests: (tabId) => call("requests", tabId),
    approvals: (tabId) => call("approvals", tabId),
    prompt: (hash) => call("prompt", hash),
    settings: () => call("settings"),
    putBlob: (bytes) => call("putBlob", bytes),
    getBlob: (sha256) => call("getBlob", sha256),
    closeTab: (tabId, closedAt) => call("closeTab", tabId, closedAt),
    reopenTab: (tabId) => call("reopenTab", tabId),
    deleteTab: (tabId) => call("deleteTab", tabId),
    history: (query) => call("history", query),
    usage: (query) => call("usage", query),
    peek: (from) => call("peek", from),
    bringIn: (from) => call("bringIn", from),
    size: () => call("size"),
    checkpoint: () => call("checkpoint"),
    takeOver: (doubtful) => call("takeOver", doubtful),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function startWorker({ folder, worker: file, home }: StoreOptions): Client {
  const token = randomUUID();
  const worker = new Worker(file, { workerData: { folder, token, home } satisfies WorkerData });
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(state: StoreState) => void>();
  const changeListeners = new Set<(change: Change) => void>();
  let state: StoreState = { kind: "blocked", reason: "The log is being opened." };
  let recovery: readonly string[] = [];
  let stopped: Error | undefined;
  let isEnding = false;
  let calls = 0;

  function setState(next: StoreState): void {
    state = next;
    for (const listener of listeners) listener(next);
  }

  function settle(id: number): Waiting | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    return one;
  }

  function receive(message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        settle(0)?.resolve(undefined);
        break;
      case "state":
        setState(message.state);
        break;
      case "change":
        for (const listener of changeListeners) listener(message.change);
        break;
      case "recovery":
        recovery = message.recovery;
        break;
      case "result":
        settle(message.id)?.resolve(message.value);
        break;
      case "failure":
        settle(message.id)?.reject(new Error(message.message));
        break;
      default:
        assertNever(message);
    }
  }

  /** The thread has ended, so nothing writes any more: the log is given up for the next one. */
  function stop(reason: string): void {
    if (stopped !== undefined) return;
    stopped = new Error(reason);
    for (const one of waiting.values()) one.reject(stopped);
    waiting.clear();
    if (isEnding) return;
    setState({ kind: "blocked", reason });
    try {
      releaseLog(nodeFs, folder, token);
    } catch {
      // The folder can't be written; the next process finds that this one is gone.
    }
  }

  let crash = "its thread ended";
  worker.on("message", receive);
  worker.on("error", (error) => {
    crash = error instanceof Error ? error.message : String(error);
  });
  worker.on("exit", () => {
    const sentence = `The log has stopped (${crash}); what was saved is safe. Reload the window to go on.`;
    stop(isEnding ? "The log is closed." : sentence);
  });

  return {
    state: () => state,
    recovery: () => recovery,
    listeners,
    changeListeners,
    ready: new Promise((resolve, reject) => waiting.set(0, { resolve, reject })),
    call: (method, ...args) => {
      const answer = new Promise((resolve, reject) => {
        if (stopped !== undefined) throw stopped;
        calls += 1;
        worker.postMessage({ id: calls, method, args });
        waiting.set(calls, { resolve, reject });
      });
      // The worker runs the method of this name and sends what it returned.
      return answer as ReturnType<Calls[typeof method]>;
    },
    end: () => {
      isEnding = true;
      return worker.terminate();
    },
  };
}
