/** What the log makes of files that are not as it left them. Nothing is deleted, nothing is silently wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { openDatabase } from "../../src/store/database";
import { nodeFs } from "../../src/store/fs";
import { type Log, readLog } from "../../src/store/log";
import { findRows } from "../../src/store/queries";
import { migrations } from "../../src/store/schema";
import {
  openTestLog,
  openTestStore,
  range,
  rowsOp,
  seqs,
  sharedEngine,
  temporaryFolder,
  textRow,
  textRows,
} from "./support";

describe("recovery of the log", () => {
  let folder: string;
  let remove: () => void;
  const file = (name: string) => path.join(folder, name);
  const edit = (name: string, change: (bytes: Buffer) => void) => {
    const bytes = readFileSync(file(name));
    change(bytes);
    writeFileSync(file(name), bytes);
  };

  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("recovery"));
  });
  afterEach(() => remove());

  /** Rows 1–20 in the previous checkpoint, 21–40 in the checkpoint, 41–60 in the journal; long enough for many pages. */
  async function writeLog(): Promise<void> {
    const log = await openTestLog(folder);
    for (const seq of range(1, 60)) {
      log.write([[rowsOp(textRow(seq, `row ${seq} `.repeat(100)))]]);
      if (seq === 20 || seq === 40) log.checkpoint();
    }
    log.close();
  }

  /** What is there after opening, and again after one more write and another opening, which must find nothing to mend. */
  async function reopened() {
    const log = await openTestLog(folder);
    const found = { seqs: seqs(log), recovery: log.recovery };
    log.write([[textRows(1 + (found.seqs.at(-1) ?? 0), 1 + (found.seqs.at(-1) ?? 0))]]);
    log.close();
    const again = await openTestLog(folder);
    assert.deepEqual(seqs(again), [...found.seqs, 1 + (found.seqs.at(-1) ?? 0)]);
    assert.deepEqual(again.recovery, []);
    again.close();
    return found;
  }

  const kept = () => readdirSync(folder).filter((name) => name.includes(".corrupt-"));
  const sentences = (recovery: readonly string[]) => recovery.map((one) => one.replace(/corrupt-.*Z/, "corrupt-TIME"));

  it("restores everything when the checkpoint has a zeroed page", async () => {
    await writeLog();
    edit("checkpoint.sqlite", (bytes) => bytes.fill(0, 8192, 12288));
    const { seqs: found, recovery } = await reopened();
    assert.deepEqual(found, range(1, 60));
    assert.deepEqual(sentences(recovery), [
      "checkpoint.sqlite was damaged; it is kept as checkpoint.sqlite.corrupt-TIME.",
      "Everything that had been saved was restored.",
    ]);
    assert.equal(kept().length, 1);
  });

  for (const [name, damage] of Object.entries({
    "is cut short": () => truncateSync(file("checkpoint.sqlite"), 5000),
    "is empty": () => truncateSync(file("checkpoint.sqlite"), 0),
    "has one flipped bit in a row": () =>
      edit("checkpoint.sqlite", (bytes) => void bytes.writeUInt8(0x73, bytes.indexOf("row 33"))),
    "is a text file": () => writeFileSync(file("checkpoint.sqlite"), "not a database"),
    "is missing": () => rmSync(file("checkpoint.sqlite")),
  })) {
    it(`restores everything when the checkpoint ${name}`, async () => {
      await writeLog();
      damage();
      assert.deepEqual((await reopened()).seqs, range(1, 60));
    });
  }

  it("restores everything when the checkpoint is damaged again after it was mended", async () => {
    await writeLog();
    edit("checkpoint.sqlite", (bytes) => bytes.fill(0, 8192, 12288));
    (await openTestLog(folder)).close();
    edit("checkpoint.sqlite", (bytes) => bytes.fill(0, 8192, 12288));
    assert.deepEqual((await reopened()).seqs, range(1, 60));
  });

  it("salvages what can be read when both checkpoints are damaged", async () => {
    await writeLog();
    for (const name of ["checkpoint.sqlite", "checkpoint.previous.sqlite"]) {
      edit(name, (bytes) =>
        bytes.fill(0xff, bytes.indexOf("row 15 ") & ~4095, (bytes.indexOf("row 15 ") & ~4095) + 4096),
      );
    }
    const { seqs: found, recovery } = await reopened();
    assert.equal(
      found.length >= 50 && found.includes(1) && found.includes(40) && found.includes(60),
      true,
      found.join(),
    );
    assert.equal(found.includes(15), false);
    assert.equal(kept().length, 2);
    assert.match(recovery.at(-1) ?? "", /could not be read; everything else was restored/);
  });

  it("cuts off a torn write", async () => {
    await writeLog();
    truncateSync(file("journal"), readFileSync(file("journal")).length - 7);
    const { seqs: found, recovery } = await reopened();
    assert.deepEqual(found, range(1, 59));
    assert.match(recovery.join(), /cut short; it had not been confirmed/);
    assert.deepEqual(kept(), []);
  });

  it("keeps what is valid behind a flipped bit in the journal, and says how much was lost", async () => {
    await writeLog();
    edit("journal", (bytes) => void bytes.writeUInt8(0x73, bytes.indexOf("row 50")));
    const { seqs: found, recovery } = await reopened();
    assert.deepEqual(found, [...range(1, 49), ...range(51, 60)]);
    assert.deepEqual(sentences(recovery), [
      "journal was damaged; it is kept as journal.corrupt-TIME.",
      "1 saved change to the log could not be read; everything else was restored.",
    ]);
  });

  it("keeps a journal whose last record is damaged: it may have been confirmed", async () => {
    await writeLog();
    edit("journal", (bytes) => void bytes.writeUInt8(0x73, bytes.indexOf("row 60")));
    assert.deepEqual((await reopened()).seqs, range(1, 59));
    assert.equal(kept().length, 1);
  });

  it("finds the records of a journal whose header is damaged", async () => {
    await writeLog();
    edit("journal", (bytes) => bytes.fill(0x20, 0, 30));
    assert.deepEqual((await reopened()).seqs, range(1, 60));
  });

  it("tells when the journal's beginning is lost", async () => {
    await writeLog();
    rmSync(file("checkpoint.sqlite"));
    rmSync(file("checkpoint.previous.sqlite"));
    rmSync(file("journal.previous"));
    const { seqs: found, recovery } = await reopened();
    assert.deepEqual(found, range(41, 60));
    assert.deepEqual(recovery, ["40 saved changes to the log could not be read; everything else was restored."]);
  });

  it("sets a foreign database aside", async () => {
    const foreign = openDatabase(await sharedEngine());
    foreign.script("CREATE TABLE chunks (a); INSERT INTO chunks VALUES (1)");
    (await openTestLog(folder)).close();
    writeFileSync(file("checkpoint.sqlite"), foreign.image());
    const { seqs: found, recovery } = await reopened();
    assert.deepEqual(found, []);
    assert.match(recovery[0] ?? "", /checkpoint.sqlite is not a log of Dispatch; it is kept as/);
  });

  it("does not take a checkpoint from another time for this log's", async () => {
    await writeLog();
    const old = file("old");
    copyFileSync(file("checkpoint.previous.sqlite"), old);
    const log = await openTestLog(folder);
    log.checkpoint();
    log.checkpoint();
    log.close();
    renameSync(old, file("checkpoint.sqlite"));
    assert.deepEqual((await reopened()).seqs, range(1, 60));
  });

  it("never shows a row good whose bytes were flipped", async () => {
    await writeLog();
    const before = readLog({ fs: nodeFs, engine: await sharedEngine(), folder });
    const good = new Map(before.database.all("SELECT seq, data_json FROM chunks").map(([seq, data]) => [seq, data]));
    before.close();
    const whole = readFileSync(file("checkpoint.sqlite"));
    // Without the recorded hash and the fallback, so that only the checks inside the file are left.
    for (const name of ["journal", "journal.previous", "checkpoint.previous.sqlite"]) rmSync(file(name));
    const wrong: string[] = [];
    for (const offset of range(0, 199).map((index) => Math.floor(((index + 0.5) / 200) * whole.length))) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8((whole[offset] ?? 0) ^ 4, offset);
      writeFileSync(file("checkpoint.sqlite"), flipped);
      const log = readLog({ fs: nodeFs, engine: await sharedEngine(), folder });
      for (const row of findRows(log.database, "tab-1", 1, 100).records) {
        if (JSON.stringify(row.data) !== good.get(row.seq)) wrong.push(`${offset}: ${row.id}`);
      }
      log.close();
    }
    assert.deepEqual(wrong, []);
  });

  it("opens a newer log for reading and does not touch it", async () => {
    await writeLog();
    const codeVersion = migrations.length;
    const newer = [...migrations, ...range(1, 2).map(() => () => undefined)];
    (await openTestLog(folder, { migrations: newer })).close();
    const files = () => readdirSync(folder).map((name) => [name, readFileSync(file(name)).toString("base64")]);
    const before = files();
    const store = await openTestStore(folder);
    assert.deepEqual(store.state, { kind: "newer", fileVersion: codeVersion + 2, codeVersion });
    assert.equal((await store.rows("tab-1", 1, 100)).length, 60);
    await assert.rejects(store.write([textRows(61, 61)]), /newer version of Dispatch/);
    await store.close();
    assert.deepEqual(files(), before);
  });

  it("migrates an older log and keeps it as the previous checkpoint", async () => {
    await writeLog();
    const addColumn = (database: Log["database"]) => database.script("ALTER TABLE tabs ADD COLUMN colour TEXT");
    const log = await openTestLog(folder, { migrations: [...migrations, addColumn] });
    assert.deepEqual(seqs(log), range(1, 60));
    assert.deepEqual(log.database.get("SELECT count(*), max(colour) FROM tabs"), [1, null]);
    log.close();
    const version = async (name: string) =>
      openDatabase(await sharedEngine(), readFileSync(file(name))).get("PRAGMA user_version")?.[0];
    assert.deepEqual(
      [await version("checkpoint.sqlite"), await version("checkpoint.previous.sqlite")],
      [migrations.length + 1, migrations.length],
    );
  });

  it("writes a checkpoint that the sqlite3 command reads", async function () {
    await writeLog();
    const query = "PRAGMA integrity_check; SELECT count(*), max(seq) FROM chunks; PRAGMA user_version;";
    const result = spawnSync("sqlite3", [file("checkpoint.sqlite"), query], { encoding: "utf8" });
    if (result.error !== undefined) {
      console.log("      skipped: there is no sqlite3 command on this machine");
      this.skip();
    }
    assert.equal(result.stdout, `ok\n40|40\n${migrations.length}\n`);
  });

  it("shows a reader the valid part of a log and changes no file", async () => {
    await writeLog();
    truncateSync(file("journal"), readFileSync(file("journal")).length - 7);
    edit("checkpoint.sqlite", (bytes) => bytes.fill(0, 8192, 12288));
    const before = readdirSync(folder).map((name) => [name, readFileSync(file(name)).toString("base64")]);
    const log = readLog({ fs: nodeFs, engine: await sharedEngine(), folder });
    assert.deepEqual(seqs(log), range(1, 59));
    log.close();
    assert.deepEqual(
      readdirSync(folder).map((name) => [name, readFileSync(file(name)).toString("base64")]),
      before,
    );
    assert.equal(existsSync(file("owner.json")), false);
  });
});
