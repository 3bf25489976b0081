/**
 * What a durable append of 8 rows costs at 1,000, 100,000 and 1,000,000 rows of history, by the real store in its
 * worker; beside it the same append to a JSON file that is written anew each time, synced and renamed.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Row } from "../../src/chunks/rows";
import { openStore } from "../../src/store/open";
import type { Store } from "../../src/store/types";
import { workerFile } from "../store/worker-file";
import type { Figure } from "./figures";

const sizes = [1_000, 100_000, 1_000_000] as const;
const rounds = 15;
const appendsPerRound = 15;

type History = { readonly size: number; readonly store: Store; seq: number };

export async function bench(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-bench-"));
  try {
    const appends = await measureAppends(folder);
    const rewrites = new Map(sizes.map((size) => [size, measureRewrite(path.join(folder, "history.json"), size)]));
    return figures(appends, rewrites);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns for each size the median of each round, in milliseconds. All sizes take turns, so noise meets all of them. */
async function measureAppends(folder: string): Promise<ReadonlyMap<number, readonly number[]>> {
  const worker = await workerFile();
  const histories: History[] = [];
  try {
    for (const size of sizes) {
      const store = await openStore({ folder: path.join(folder, String(size)), worker });
      histories.push({ size, store, seq: size });
      for (let seq = 1; seq <= size; seq += 10_000) await store.write([rowsOp(seq, Math.min(10_000, size - seq + 1))]);
      await store.checkpoint();
    }
    const medians = new Map<number, number[]>(sizes.map((size) => [size, []]));
    for (let round = -2; round < rounds; round += 1) {
      for (const history of histories) {
        const times: number[] = [];
        for (let count = 0; count < appendsPerRound; count += 1) times.push(await append(history));
        // The first rounds warm up: pages are copied once after a checkpoint, code is compiled.
        if (round >= 0) medians.get(history.size)?.push(median(times));
      }
    }
    return medians;
  } finally {
    for (const { store } of histories) await store.close();
  }
}

async function append(history: History): Promise<number> {
  const op = rowsOp(history.seq + 1, 8);
  const start = performance.now();
  await history.store.write([op]);
  const time = performance.now() - start;
  history.seq += 8;
  return time;
}

/** The same rows as one JSON file. @returns milliseconds of each run. */
function measureRewrite(file: string, size: number): readonly number[] {
  const history = rowsOp(1, size).rows.slice();
  return Array.from({ length: size > 100_000 ? 3 : 7 }, (_, run) => {
    const rows = rowsOp(size + 8 * run + 1, 8).rows;
    const start = performance.now();
    history.push(...rows);
    const fd = openSync(`${file}.tmp`, "w");
    writeSync(fd, JSON.stringify(history));
    fsyncSync(fd);
    closeSync(fd);
    renameSync(`${file}.tmp`, file);
    return performance.now() - start;
  });
}

function figures(
  appends: ReadonlyMap<number, readonly number[]>,
  rewrites: ReadonlyMap<number, readonly number[]>,
): readonly Figure[] {
  const of = (size: number) => appends.get(size) ?? [];
  const [smallest] = sizes;
  const name = (size: number) => size.toLocaleString("en");
  const times = sizes.map((size) =>
    figure(`durable append of 8 rows, ${name(size)} rows of history`, "ms", of(size), "median of each round"),
  );
  const flat = sizes.slice(1).map((size) => {
    const ratios = of(size).map((time, round) => time / (of(smallest)[round] ?? Number.NaN));
    return figure(`append at ${name(size)} rows / at ${name(smallest)}`, "ratio", ratios, "flat means 1");
  });
  const peers = sizes.map((size) => {
    const ratios = (rewrites.get(size) ?? []).map((time) => time / median(of(size)));
    return figure(`rewriting a JSON history of ${name(size)} rows / append`, "ratio", ratios, "what peers do");
  });
  return [...times, ...flat, ...peers];
}

function figure(name: string, unit: Figure["unit"], runs: readonly number[], note: string): Figure {
  return { name, value: median(runs), unit, spread: [Math.min(...runs), Math.max(...runs)], note };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Rows of some 300 bytes as JSON. */
function rowsOp(from: number, count: number): { readonly op: "rows"; readonly rows: readonly Row[] } {
  const rows = Array.from({ length: count }, (_, index): Row => {
    const seq = from + index;
    const place = {
      id: `row-${seq}`,
      tabId: "tab",
      seq,
      turnId: `turn-${seq >> 5}`,
      step: 1,
      createdAt: 1_700_000_000_000,
    };
    return { ...place, role: "assistant", type: "text", data: { text: `${seq} `.padEnd(150, "some text ") } };
  });
  return { op: "rows", rows };
}
