/** SIGKILL at every file operation, and at any moment under load: the log opens by itself with all that was acknowledged. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { reopenTab } from "../../src/store/closed-tabs";
import { nodeFs } from "../../src/store/fs";
import { openLog, readLog } from "../../src/store/log";
import { findRows } from "../../src/store/queries";
import { migrations } from "../../src/store/schema";
import type { Drill } from "./drill.entry";
import { openTestStore, range, rowsOp, seqs, sharedEngine, temporaryFolder, textRow } from "./support";

const parallel = 2;
const randomKills = Number(process.env.DISPATCH_KILLS ?? 500);
const entry = path.join(__dirname, "drill.entry.js");

type Scenario = { readonly before: Drill["steps"]; readonly during: Drill["steps"]; readonly migrate?: boolean };

const scenarios: Readonly<Record<string, Scenario>> = {
  "the first creation": { before: [], during: [1] },
  appends: { before: [3, "checkpoint", 2], during: [1, 3, 1] },
  checkpoints: { before: [2, "checkpoint", 2], during: [1, "checkpoint", 1, "checkpoint", 1] },
  "closing and reopening a tab": {
    before: [2, "checkpoint", 2],
    during: ["close", "checkpoint", "reopen", 1, "checkpoint", "close"],
  },
  "a migration": { before: [2, "checkpoint", 2, "checkpoint", 1], during: [1], migrate: true },
};

/** What the child said. */
type Report = {
  /** The newest row that was acknowledged. */
  readonly saved: number;
  /** How many rows there were when it opened the log, and the newest of them. */
  readonly found: number;
  readonly newest: number;
  readonly operations: number;
  /** Which of the operations were writes. */
  readonly writes: readonly number[];
};

/** @param killAfter milliseconds after the log was opened; the child is killed then. */
function runChild(drill: Drill, killAfter?: number): Promise<Report & { readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry, JSON.stringify(drill)], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    let timer: NodeJS.Timeout | undefined;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (killAfter !== undefined) timer ??= setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", (_, signal) => {
      clearTimeout(timer);
      resolve({ ...readReport(said), signal });
    });
  });
}

function readReport(said: string): Report {
  const numbers = (word: string) => {
    const line = said.split("\n").findLast((one) => one.startsWith(`${word} `)) ?? "";
    return line.split(" ").slice(1).map(Number);
  };
  const [found = 0, newest = 0] = numbers("found");
  const [saved = found] = numbers("saved");
  const [operations = 0] = numbers("operations");
  return { saved, found, newest, operations, writes: numbers("writes") };
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(range(1, parallel).map(worker));
}

describe("the log after SIGKILL", () => {
  let folder: string;
  let remove: () => void;
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("crash"));
  });
  afterEach(() => remove());

  for (const [name, { before, during, migrate = false }] of Object.entries(scenarios)) {
    it(`holds every acknowledged row at each operation of ${name}`, async function () {
      this.timeout(300_000);
      const template = path.join(folder, "template");
      const steps: Drill = { folder: template, mode: "step", killAt: 0, half: false, migrate: false, steps: before };
      const start = before.length > 0 ? (await runChild(steps)).saved : 0;
      const copy = (to: string) => {
        mkdirSync(to, { recursive: true });
        if (before.length > 0) cpSync(template, to, { recursive: true });
      };
      const whole = path.join(folder, "whole");
      copy(whole);
      const { operations, writes } = await runChild({ ...steps, folder: whole, migrate, steps: during });
      assert.equal(operations > 10 && writes.length > 2, true);
      const cases = [
        ...range(1, operations).map((killAt) => ({ killAt, half: false })),
        ...writes.map((killAt) => ({ killAt, half: true })),
      ];
      const versions = migrate ? [...migrations, () => undefined] : migrations;
      await inParallel(cases, async ({ killAt, half }) => {
        const target = path.join(folder, `${killAt}-${half}`);
        copy(target);
        const report = await runChild({ ...steps, folder: target, killAt, half, migrate, steps: during });
        assert.equal(report.signal, "SIGKILL");
        if (migrate) await assertOldCodeSees(target, start);
        await assertWhole(target, Math.max(start, report.saved), versions, `operation ${killAt}, half: ${half}`);
      });
    });
  }

  /** By itself, in order, each row once and as it was written; then a store can own it and go on. */
  async function assertWhole(target: string, saved: number, versions: typeof migrations, where: string): Promise<void> {
    const log = openLog({ fs: nodeFs, engine: await sharedEngine(), folder: target, migrations: versions });
    const place = { fs: nodeFs, engine: await sharedEngine(), folder: target, steps: versions };
    assert.equal(reopenTab(log, place, "tab-1", new Date(0)).isOpen || saved === 0, true, where);
    const found = findRows(log.database, "tab-1", 0, 1_000_000).records;
    assert.deepEqual(
      found,
      range(1, found.length).map((seq) => textRow(seq)),
      where,
    );
    assert.equal(found.length >= saved, true, `${where}: ${found.length} rows of ${saved}`);
    log.close();
    const store = await openTestStore(target, { migrations: versions });
    assert.deepEqual(store.state, { kind: "writer" }, where);
    await store.write([rowsOp(textRow(found.length + 1))]);
    await store.close();
    const oddities = readdirSync(target).filter((name) => name.includes("corrupt") || name.includes("claim"));
    assert.deepEqual(oddities, [], where);
  }

  /** The version before the migration either finds its own log or knows that this one is newer. */
  async function assertOldCodeSees(target: string, rows: number): Promise<void> {
    const log = readLog({ fs: nodeFs, engine: await sharedEngine(), folder: target });
    assert.deepEqual(seqs(log).slice(0, rows), range(1, rows));
    assert.deepEqual(log.recovery, []);
    log.close();
  }

  it(`loses and doubles nothing in ${randomKills} kills at any moment under load`, async function () {
    this.timeout(600_000);
    await inParallel(range(1, parallel), async (lane) => {
      const target = path.join(folder, `lane-${lane}`);
      const drill: Drill = { folder: target, mode: "load", killAt: 0, half: false, migrate: false, steps: [] };
      let saved = 0;
      for (let kill = 0; kill < randomKills / parallel; kill += 1) {
        const report = await runChild(drill, Math.random() * 15);
        // The child counts what it finds when it opens the log after the kill before.
        assert.equal(report.signal, "SIGKILL");
        assert.equal(report.newest, report.found, `kill ${kill}: rows are missing or doubled`);
        assert.equal(report.found >= saved, true, `kill ${kill}: ${report.found} rows of ${saved}`);
        saved = report.saved;
      }
      await assertWhole(target, saved, migrations, "after the last kill");
    });
  });
});
