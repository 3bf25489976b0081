/** The power goes at every operation of each thing that the log does; what was acknowledged is there afterwards. */
import assert from "node:assert/strict";
import type { Engine } from "../../src/store/database";
import { type Log, openLog } from "../../src/store/log";
import { migrations } from "../../src/store/schema";
import { type ModelDisk, modelDisk, PowerCut } from "./model-disk";
import { randomNumbers } from "./random";
import { range, rowsOp, seqs, sharedEngine, textRow } from "./support";

const folder = "/log";
const older = migrations;
const newer = [
  ...migrations,
  (database: Log["database"]) => database.script("ALTER TABLE tabs ADD COLUMN colour TEXT"),
];

/** Long enough for several sectors, so that a write can be torn inside. */
const row = (seq: number) => rowsOp(textRow(seq, `row ${seq} `.repeat(120)));

type Scenario = {
  readonly migrations?: typeof migrations;
  readonly before: readonly Step[];
  /** Done until the power goes. */
  readonly during: readonly Step[];
  readonly damage?: string;
};
/** A number writes that many rows, each as a record of its own, with one sync. */
type Step = number | "checkpoint";

const scenarios: Readonly<Record<string, Scenario>> = {
  "the first opening": { before: [], during: [1, 3, 1] },
  "an append": { before: [3, "checkpoint", 2], during: [1, 1, 4, 1] },
  "the first checkpoint": { before: [4], during: [1, "checkpoint", 2] },
  checkpoints: { before: [2, "checkpoint", 2, "checkpoint", 1], during: [1, "checkpoint", 2, "checkpoint", 1] },
  "a migration": { migrations: newer, before: [2, "checkpoint", 2, "checkpoint", 1], during: [2] },
  "mending a damaged checkpoint": {
    before: [2, "checkpoint", 2, "checkpoint", 2],
    damage: `${folder}/checkpoint.sqlite`,
    during: [2, "checkpoint", 1],
  },
};

describe("the log after a power cut", () => {
  let engine: Engine;
  before(async () => {
    engine = await sharedEngine();
  });

  const open = (disk: ModelDisk, steps: typeof migrations) =>
    openLog({ fs: disk.fs, engine, folder, migrations: steps });

  /** @returns the newest row that was acknowledged. */
  function run(log: Log, steps: readonly Step[], acknowledge: (seq: number) => void): void {
    let seq = seqs(log).length;
    for (const step of steps) {
      if (step === "checkpoint") log.checkpoint();
      else log.write(range(seq + 1, seq + step).map((one) => [row(one)]));
      if (step !== "checkpoint") seq += step;
      acknowledge(seq);
    }
  }

  function prepared({ before, damage }: Scenario): { readonly disk: ModelDisk; readonly rows: number } {
    const disk = modelDisk();
    const log = open(disk, older);
    let rows = 0;
    run(log, before, (seq) => {
      rows = seq;
    });
    log.close();
    if (damage !== undefined) disk.fs.read(damage)?.fill(0, 4096, 8192);
    return { disk, rows };
  }

  /** @returns whether the power went before everything was done. */
  function cut(scenario: Scenario, operation: number, seed: number): boolean {
    const { disk, rows } = prepared(scenario);
    let acknowledged = rows;
    disk.cutAfter(operation);
    let isCut = false;
    try {
      const log = open(disk, scenario.migrations ?? older);
      run(log, scenario.during, (seq) => {
        acknowledged = seq;
      });
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      isCut = true;
    }
    const after = disk.afterCut(randomNumbers(seed));
    for (const round of ["first", "second"]) {
      const log = open(after, scenario.migrations ?? older);
      const found = seqs(log);
      const where = `${round} opening after operation ${operation}, seed ${seed}: ${found.join()} of ${acknowledged}`;
      assert.deepEqual(found, range(1, found.length), where);
      assert.equal(found.length >= acknowledged, true, where);
      acknowledged = found.length + 1;
      log.write([[row(acknowledged)]]);
      log.close();
    }
    return isCut;
  }

  for (const [name, scenario] of Object.entries(scenarios)) {
    it(`holds every acknowledged row when it goes during ${name}`, () => {
      let operation = 0;
      while (
        range(1, 6)
          .map((seed) => cut(scenario, operation, seed * 1000 + operation))
          .includes(true)
      )
        operation += 1;
      assert.equal(operation > 5, true);
    });
  }
});
