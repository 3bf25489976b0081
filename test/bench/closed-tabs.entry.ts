/**
 * What closed tabs cost: the memory of a process that holds the log, with 20 open tabs and 1,000 closed ones beside the
 * same 1,020 tabs all open; and how long closing and reopening one of 1,000 rows takes in the worker.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { loadEngine } from "../../src/store/database";
import { nodeFs } from "../../src/store/fs";
import { openLocalStore } from "../../src/store/local-store";
import { openStore } from "../../src/store/open";
import { range, rowsOp, textRow } from "../store/support";
import { workerFile } from "../store/worker-file";
import type { Figure } from "./figures";

const openTabs = 20;
const closedTabs = 1_000;
const rowsPerTab = 200;
const rounds = 15;
const measureFlag = "--resident-size-of";

if (process.argv[2] === measureFlag) void reportResidentSize(process.argv[3] ?? "");

export async function bench(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-bench-"));
  try {
    return [...(await measureMemory(folder)), ...(await measureTimes(path.join(folder, "times")))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureMemory(folder: string): Promise<readonly Figure[]> {
  const [empty, archived, live] = ["empty", "archived", "live"].map((name) => path.join(folder, name));
  await fill(empty ?? "", 0, 0);
  await fill(archived ?? "", openTabs + closedTabs, closedTabs);
  await fill(live ?? "", openTabs + closedTabs, 0);
  const base = residentSize(empty ?? "");
  const withArchives = residentSize(archived ?? "");
  const allLive = residentSize(live ?? "");
  const note = "resident size of a process with nothing but the log, open and read";
  return [
    { name: "memory, no tab", value: base, unit: "bytes", note },
    { name: "memory, 20 open tabs and 1,000 closed ones", value: withArchives, unit: "bytes", note },
    { name: "memory, the same 1,020 tabs all open", value: allLive, unit: "bytes", note },
    {
      name: "memory, 1,000 of 1,020 tabs closed / all open",
      value: withArchives / allLive,
      unit: "ratio",
      note: `no tab at all would be ${(base / allLive).toFixed(2)}`,
    },
  ];
}

async function fill(folder: string, tabs: number, closed: number): Promise<void> {
  const store = openLocalStore({ fs: nodeFs, engine: await loadEngine(), folder, token: `fill-${tabs}-${closed}` });
  for (const tab of range(1, tabs)) {
    const id = `tab-${tab}`;
    await store.write([rowsOp(...rowsOf(id, rowsPerTab))]);
    if (tab <= closed) await store.closeTab(id, tab);
  }
  await store.close();
}

function rowsOf(tabId: string, count: number) {
  return range(1, count).map((seq) => textRow(seq, `${tabId} ${seq} `.padEnd(300, "some text "), tabId));
}

/** In a process of its own: the memory of this one holds what filling has left. */
function residentSize(folder: string): number {
  const child = spawnSync(process.execPath, ["--expose-gc", __filename, measureFlag, folder], { encoding: "utf8" });
  const size = Number(child.stdout);
  if (child.status !== 0 || !(size > 0)) throw new Error(`the log could not be measured: ${child.stderr}`);
  return size;
}

async function reportResidentSize(folder: string): Promise<void> {
  const store = openLocalStore({ fs: nodeFs, engine: await loadEngine(), folder, token: "measure" });
  for (const { id } of await store.history({ limit: 5_000 })) await store.rowsBefore(id, Number.MAX_SAFE_INTEGER, 50);
  globalThis.gc?.();
  process.stdout.write(String(process.memoryUsage().rss));
  process.exit(0);
}

async function measureTimes(folder: string): Promise<readonly Figure[]> {
  const store = await openStore({ folder, worker: await workerFile() });
  const closing: number[] = [];
  const reopening: number[] = [];
  try {
    await store.write([rowsOp(...rowsOf("tab", 1_000))]);
    for (let round = -2; round < rounds; round += 1) {
      const times = [await timed(() => store.closeTab("tab", 1)), await timed(() => store.reopenTab("tab"))];
      if (round < 0) continue;
      closing.push(times[0] ?? Number.NaN);
      reopening.push(times[1] ?? Number.NaN);
    }
  } finally {
    await store.close();
  }
  return [figure("closing a tab of 1,000 rows", closing), figure("reopening a tab of 1,000 rows", reopening)];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function figure(name: string, runs: readonly number[]): Figure {
  const value = runs.toSorted((left, right) => left - right)[Math.floor(runs.length / 2)] ?? Number.NaN;
  return { name, value, unit: "ms", spread: [Math.min(...runs), Math.max(...runs)], note: "durable, in the worker" };
}
