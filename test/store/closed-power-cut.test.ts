/**
 * The process is killed, or the power goes, at every operation of closing, reopening and deleting a tab. Afterwards each
 * acknowledged row is there once, in the database or in the archive, or the tab is gone with every byte.
 */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { ArchivePlace } from "../../src/store/archive";
import { closeTab, deleteTab, reopenTab } from "../../src/store/closed-tabs";
import type { Engine } from "../../src/store/database";
import { findHistory } from "../../src/store/history";
import { type Log, openLog } from "../../src/store/log";
import { findRows, findTab } from "../../src/store/queries";
import { migrations } from "../../src/store/schema";
import { isArchived, isRemoved } from "../../src/store/tab-ops";
import { type ModelDisk, modelDisk, PowerCut } from "./model-disk";
import { randomNumbers } from "./random";
import { range, rowsOp, seqs, sharedEngine, textRow } from "./support";

const folder = "/log";
const secret = "what only this tab says";
const row = (seq: number) => textRow(seq, `row ${seq} ${secret} `.repeat(40));

/** A number writes that many rows into the tab. */
type Step = number | "close" | "reopen" | "delete" | "checkpoint";
type Scenario = { readonly before: readonly Step[]; readonly during: readonly Step[] };

const scenarios: Readonly<Record<string, Scenario>> = {
  "closing the first time": { before: [4], during: [1, "close", "checkpoint"] },
  "closing with checkpoints": { before: [3, "checkpoint", 2], during: ["close", "checkpoint", "checkpoint"] },
  "reopening and writing on": {
    before: [3, "close", "checkpoint"],
    during: ["reopen", 1, "checkpoint", 1, "checkpoint"],
  },
  "closing and reopening in turns": { before: [3], during: ["close", "reopen", 2, "close", "checkpoint", "reopen"] },
  "deleting an open tab": { before: [3, "checkpoint", 2], during: ["delete"] },
  "deleting a closed tab": { before: [3, "close", "checkpoint"], during: ["delete"] },
  "deleting a tab that was just reopened": { before: [3, "close", "checkpoint", "reopen"], during: ["delete"] },
};

/** What was acknowledged, and what was begun after it. */
type Progress = { rows: number; tab: "open" | "closed" | "deleted"; begun: Step | undefined };

describe("closed tabs after a crash", () => {
  let engine: Engine;
  before(async () => {
    engine = await sharedEngine();
  });

  const place = (disk: ModelDisk): ArchivePlace => ({ fs: disk.fs, engine, folder, steps: migrations });
  const open = (disk: ModelDisk) => openLog({ fs: disk.fs, engine, folder });

  function run(disk: ModelDisk, log: Log, steps: readonly Step[], progress: Progress): void {
    for (const step of steps) {
      progress.begun = step;
      switch (step) {
        case "close":
          closeTab(log, place(disk), "tab-1", 9);
          progress.tab = "closed";
          break;
        case "reopen":
          assert.equal(reopenTab(log, place(disk), "tab-1", new Date(0)).isOpen, true);
          progress.tab = "open";
          break;
        case "delete":
          deleteTab(log, place(disk), "tab-1", new Set());
          progress.tab = "deleted";
          break;
        case "checkpoint":
          log.checkpoint();
          break;
        default:
          log.write(range(progress.rows + 1, progress.rows + step).map((seq) => [rowsOp(row(seq))]));
          progress.rows += step;
      }
      progress.begun = undefined;
    }
  }

  /** @returns whether it came before everything was done. */
  function cut({ before, during }: Scenario, operation: number, random: () => number, where: string): boolean {
    const disk = modelDisk();
    const progress: Progress = { rows: 0, tab: "open", begun: undefined };
    const first = open(disk);
    first.write([[rowsOp(textRow(1, "bystander", "other"))]]);
    run(disk, first, before, progress);
    first.close();
    disk.cutAfter(operation);
    let isCut = false;
    try {
      run(disk, open(disk), during, progress);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      isCut = true;
    }
    check(disk.afterCut(random), progress, where);
    return isCut;
  }

  function check(disk: ModelDisk, progress: Progress, where: string): void {
    const log = open(disk);
    const told = log.recovery.filter((one) => !one.includes("was cut short"));
    assert.deepEqual([seqs(log, "other"), told], [[1], []], where);
    const { database } = log;
    const mayBeDeleted = progress.tab === "deleted" || progress.begun === "delete";
    const isDeleted = isRemoved(database, "tab-1");
    assert.equal(isDeleted ? mayBeDeleted : progress.tab !== "deleted", true, where);
    if (isDeleted) {
      assert.deepEqual([findTab(database, "tab-1"), seqs(log), filesWith(disk)], [undefined, [], []], where);
      assert.throws(() => closeTab(log, place(disk), "tab-1", 9), /no tab/);
      log.close();
      return;
    }
    const isClosed = isArchived(database, "tab-1");
    const mayBeClosed = progress.tab === "closed" || progress.begun === "close";
    const mayBeOpen = progress.tab === "open" || progress.begun === "reopen";
    assert.equal(isClosed ? mayBeClosed : mayBeOpen, true, where);
    assert.equal(findTab(database, "tab-1")?.closedAt, isClosed ? 9 : undefined, where);
    assert.deepEqual(
      findHistory(database, { limit: 9 })
        .map(({ id }) => id)
        .sort(),
      ["other", "tab-1"],
      where,
    );
    if (isClosed) assert.deepEqual(seqs(log), [], where);
    assert.equal(reopenTab(log, place(disk), "tab-1", new Date(0)).isOpen, true, where);
    const found = findRows(database, "tab-1", 1, 99).records;
    assert.equal(found.length >= progress.rows, true, where);
    assert.deepEqual(found, range(1, found.length).map(row), where);
    // And the log goes on: another row, closed, opened by the next process.
    log.write([[rowsOp(row(found.length + 1))]]);
    closeTab(log, place(disk), "tab-1", 10);
    log.close();
    const next = open(disk);
    assert.deepEqual([seqs(next), next.recovery, isArchived(next.database, "tab-1")], [[], [], true], where);
    reopenTab(next, place(disk), "tab-1", new Date(0));
    next.checkpoint();
    assert.deepEqual([seqs(next), disk.fs.list(`${folder}/archive`)], [range(1, found.length + 1), []], where);
    next.close();
  }

  function filesWith(disk: ModelDisk): readonly string[] {
    const files = [folder, `${folder}/archive`].flatMap((one) => disk.fs.list(one).map((name) => `${one}/${name}`));
    return files.filter((file) => {
      const bytes = Buffer.from(disk.fs.read(file) ?? []);
      return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).includes(secret);
    });
  }

  // With 0.4 everything that was written is found again, as when only the process was killed.
  const kill = () => 0.4;

  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`hold every row once, or none, when it comes during ${name}`, function () {
      this.timeout(300_000);
      let operation = 0;
      const isCut = (seed: number) => {
        const random = seed === 0 ? kill : randomNumbers(seed * 1000 + operation);
        return cut(scenario, operation, random, `operation ${operation}, seed ${seed}`);
      };
      while (range(0, 2).map(isCut).includes(true)) operation += 1;
      assert.equal(operation > 5, true);
    });
  }
});
