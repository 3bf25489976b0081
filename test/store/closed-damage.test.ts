/** Archives that are not as they were left: nothing is deleted, nothing silently wrong, and what can be read comes back. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { openDatabase } from "../../src/store/database";
import { migrations } from "../../src/store/schema";
import type { Op } from "../../src/store/types";
import { conversation } from "./conversation";
import { useLogFolder } from "./folder";
import { openTestStore, range, sharedEngine, textRows } from "./support";

describe("damaged files of closed tabs", () => {
  const here = useLogFolder("closed");
  const { open, reopen, archives, archive } = here;

  for (const [name, damage] of Object.entries({
    "is cut short": (bytes: Buffer) => bytes.subarray(0, bytes.length * 0.6),
    "is empty": () => Buffer.alloc(0),
    "has a flipped bit": (bytes: Buffer) => {
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 4, bytes.length >> 1);
      return bytes;
    },
    "has a damaged row": (bytes: Buffer) => {
      const image = gunzipSync(bytes);
      image.writeUInt8(0x73, image.indexOf("row 33"));
      return gzipSync(image);
    },
  })) {
    it(`are set aside and said when the file ${name}; what can be read comes back`, async () => {
      let store = await open();
      await store.write(conversation);
      await store.closeTab("tab-1", 50);
      const damaged = damage(readFileSync(archive()));
      writeFileSync(archive(), damaged);
      store = await reopen(store);
      assert.deepEqual([store.recovery, (await store.history({ limit: 9 })).length], [[], 1]);
      const outcome = await store.reopenTab("tab-1").then(String, (error: Error) => error.message);
      const said = [outcome, ...store.recovery].join(" ");
      assert.match(said, /tab-1.sqlite.gz was damaged; it is kept as tab-1.sqlite.gz.corrupt-/);
      const kept = archives().filter((one) => one.includes("corrupt"));
      assert.deepEqual(
        kept.map((one) => readFileSync(path.join(here.folder, "archive", one)).equals(damaged)),
        [true],
      );
      const back = (await store.rows("tab-1", 1, 99)).map(({ seq }) => seq);
      if (name === "has a damaged row")
        assert.deepEqual(
          back,
          range(1, 40).filter((seq) => seq !== 33),
        );
      assert.equal((await store.history({ limit: 9 })).length, 1);
      await store.checkpoint();
      assert.deepEqual(
        archives().filter((one) => one.includes("corrupt")),
        kept,
      );
      await store.deleteTab("tab-1");
      assert.deepEqual(archives(), []);
    });
  }

  it("say so when the file is missing", async () => {
    let store = await open();
    await store.write(conversation);
    await store.closeTab("tab-1", 50);
    await store.close();
    rmSync(archive());
    store = await open();
    assert.match(store.recovery.join(), /The file of the closed chat “Fix 100% of it” is missing/);
    assert.equal(await store.reopenTab("tab-1"), false);
    await assert.rejects(store.write([textRows(1, 1)]), /is closed/);
  });

  it("are left alone when a newer version has closed them", async () => {
    let store = await open();
    await store.write(conversation);
    await store.closeTab("tab-1", 50);
    const database = openDatabase(await sharedEngine(), gunzipSync(readFileSync(archive())));
    database.script(`PRAGMA user_version = ${migrations.length + 1}`);
    const newer = gzipSync(database.image());
    database.close();
    writeFileSync(archive(), newer);
    store = await reopen(store);
    await assert.rejects(store.reopenTab("tab-1"), /A newer version of Dispatch closed the chat “Fix 100% of it”/);
    await store.close();
    for (const name of readdirSync(here.folder))
      if (name !== "archive") rmSync(path.join(here.folder, name), { recursive: true });
    store = await open();
    assert.match(store.recovery.join(), /A newer version of Dispatch closed the chat/);
    assert.deepEqual([archives(), readFileSync(archive()).equals(newer)], [["tab-1.sqlite.gz"], true]);
  });

  it("join what a damaged log still has of an open tab with its archive", async () => {
    let store = await open();
    await store.write([textRows(1, 5, "other")]);
    await store.checkpoint();
    await store.write(conversation);
    await store.closeTab("tab-1", 50);
    await store.reopenTab("tab-1");
    await store.write([textRows(41, 41)]);
    const journal = readFileSync(path.join(here.folder, "journal"));
    await store.close();
    for (const name of ["journal.previous", "checkpoint.sqlite"]) rmSync(path.join(here.folder, name));
    // The record that brought the rows back is lost.
    journal.fill(0, journal.lastIndexOf("row 33"), journal.lastIndexOf("row 33") + 6);
    writeFileSync(path.join(here.folder, "journal"), journal);
    writeFileSync(archive(), await archiveOf(conversation));
    store = await open();
    assert.match(store.recovery.join(), /journal was damaged/);
    assert.deepEqual(
      (await store.rows("tab-1", 1, 99)).map(({ seq }) => seq),
      range(1, 41),
    );
  });

  async function archiveOf(ops: readonly Op[]): Promise<Buffer> {
    const other = path.join(here.folder, "..", "other");
    const store = await openTestStore(other);
    await store.write(ops);
    await store.closeTab("tab-1", 50);
    await store.close();
    return readFileSync(path.join(other, "archive", "tab-1.sqlite.gz"));
  }
});
