/**
 * A process that dies inside the log. `step`: does a script and kills itself at one file operation. `load`: writes until
 * someone kills it. What became durable is reported on stdout, one number per line, before anything else is done.
 */
import { writeSync } from "node:fs";
import type { ArchivePlace } from "../../src/store/archive";
import { closeTab, reopenTab } from "../../src/store/closed-tabs";
import { loadEngine } from "../../src/store/database";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import { ownIdentity } from "../../src/store/identity";
import { type Log, openLog } from "../../src/store/log";
import { claimLog } from "../../src/store/owner";
import { migrations } from "../../src/store/schema";
import { range, rowsOp, textRow } from "./support";

export type Drill = {
  readonly folder: string;
  readonly mode: "step" | "load";
  /** 1-based; 0: never. */
  readonly killAt: number;
  /** At a write: half of it is written before. */
  readonly half: boolean;
  readonly migrate: boolean;
  /** A number writes that many rows into the one tab. */
  readonly steps: readonly (number | "checkpoint" | "close" | "reopen")[];
};

const changing = ["makeFolder", "open", "write", "truncate", "sync", "rename", "link", "remove", "syncFolder"] as const;

if (process.argv[2] !== undefined) void main(JSON.parse(process.argv[2]));

async function main(drill: Drill): Promise<void> {
  const engine = await loadEngine();
  const { fs, operations, writes } = deadly(drill);
  const claim = claimLog(fs, drill.folder, ownIdentity(`drill-${process.pid}`));
  if (claim.kind === "taken") throw new Error(claim.by);
  const addColumn = (database: Log["database"]) => database.script("ALTER TABLE tabs ADD COLUMN colour TEXT");
  const log = openLog({
    fs,
    engine,
    folder: drill.folder,
    migrations: drill.migrate ? [...migrations, addColumn] : migrations,
  });
  const [count, newest] = log.database.get("SELECT count(*), coalesce(max(seq), 0) FROM chunks") ?? [];
  const seq = Number(count);
  say(`found ${seq} ${newest}`);
  if (drill.mode === "load") writeForEver(log, seq);
  else follow(log, { fs, engine, folder: drill.folder, steps: migrations }, seq, drill.steps);
  say(`operations ${operations()}`);
  say(`writes ${writes.join(" ")}`);
}

function follow(log: Log, place: ArchivePlace, start: number, steps: Drill["steps"]): void {
  let seq = start;
  for (const step of steps) {
    if (step === "checkpoint") log.checkpoint();
    else if (step === "close") closeTab(log, place, "tab-1", 1);
    else if (step === "reopen") reopenTab(log, place, "tab-1", new Date(0));
    else {
      log.write(range(seq + 1, seq + step).map((one) => [rowsOp(textRow(one))]));
      seq += step;
    }
    say(`saved ${seq}`);
  }
}

/** Batches of 1 to 8 rows; a checkpoint now and then, so that kills meet it too. */
function writeForEver(log: Log, start: number): void {
  for (let seq = start, round = 0; ; round += 1) {
    const count = 1 + (round % 8);
    log.write(range(seq + 1, seq + count).map((one) => [rowsOp(textRow(one))]));
    seq += count;
    say(`saved ${seq}`);
    if (round % 7 === 6) log.checkpoint();
  }
}

/** The real file system, up to the operation at which the process kills itself. */
function deadly({ killAt, half }: Drill) {
  let count = 0;
  const writes: number[] = [];
  function die(): void {
    process.kill(process.pid, "SIGKILL");
    // The signal is on its way: nothing else may happen until it is here.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  }
  const counted = changing.map((name) => [
    name,
    (...args: readonly unknown[]) => {
      count += 1;
      if (name === "write") writes.push(count);
      if (count === killAt) {
        if (half && name === "write") writeHalf(args);
        die();
      }
      return Reflect.apply(nodeFs[name], undefined, args);
    },
  ]);
  const fs: StoreFs = { ...nodeFs, ...Object.fromEntries(counted) };
  return { fs, operations: () => count, writes };
}

function writeHalf([fd, bytes, position]: readonly unknown[]): void {
  if (typeof fd !== "number" || typeof position !== "number" || !(bytes instanceof Uint8Array))
    throw new Error("not a write");
  nodeFs.write(fd, bytes.subarray(0, Math.floor(bytes.length / 2)), position);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
