/** What the tests of the log share: an engine, folders that go away, rows that differ. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Row } from "../../src/chunks/rows";
import { type Engine, loadEngine } from "../../src/store/database";
import { nodeFs } from "../../src/store/fs";
import { type LocalStore, openLocalStore } from "../../src/store/local-store";
import { type Log, type LogOptions, openLog } from "../../src/store/log";
import { findRows } from "../../src/store/queries";
import type { SessionOptions } from "../../src/store/session";
import type { Op } from "../../src/store/types";

let engine: Promise<Engine> | undefined;

export function sharedEngine(): Promise<Engine> {
  engine ??= loadEngine();
  return engine;
}

/** A new folder for the log, removed after the test together with everything in it. */
export function temporaryFolder(name: string): { readonly folder: string; readonly remove: () => void } {
  const parent = mkdtempSync(path.join(os.tmpdir(), `dispatch-${name}-`));
  return { folder: path.join(parent, "log"), remove: () => rmSync(parent, { recursive: true, force: true }) };
}

export async function openTestLog(folder: string, more: Partial<LogOptions> = {}): Promise<Log> {
  return openLog({ fs: nodeFs, engine: await sharedEngine(), folder, ...more });
}

let tokens = 0;

/** A store in this thread that retries quickly. */
export async function openTestStore(folder: string, more: Partial<SessionOptions> = {}): Promise<LocalStore> {
  tokens += 1;
  const token = `test-${process.pid}-${tokens}`;
  const timings = { firstRetry: 5, longestRetry: 20, takeOver: 20, ...more.timings };
  return openLocalStore({ fs: nodeFs, engine: await sharedEngine(), folder, token, ...more, timings });
}

export function textRow(seq: number, text = `row ${seq}`, tabId = "tab-1"): Row {
  const place = { id: `${tabId}:${seq}`, tabId, seq, turnId: "turn-1", step: 1, createdAt: 1_700_000_000_000 + seq };
  return { ...place, role: "assistant", type: "text", data: { text } };
}

export function rowsOp(...rows: readonly Row[]): Op {
  return { op: "rows", rows };
}

/** Rows from..to in one op. */
export function textRows(from: number, to: number, tabId = "tab-1"): Op {
  return rowsOp(...Array.from({ length: to - from + 1 }, (_, index) => textRow(from + index, undefined, tabId)));
}

export function seqs(log: Log, tabId = "tab-1"): readonly number[] {
  return findRows(log.database, tabId, 1, Number.MAX_SAFE_INTEGER).records.map(({ seq }) => seq);
}

export function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
