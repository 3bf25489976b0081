/** The store over its real worker thread, as the extension uses it. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { openStore } from "../../src/store/open";
import type { Store } from "../../src/store/types";
import { useLogFolder } from "./folder";
import { openTestLog, range, rowsOp, seqs, textRow, textRows } from "./support";
import { workerFile } from "./worker-file";

describe("the store in its worker", () => {
  const here = useLogFolder("worker");
  let worker: string;
  before(async () => {
    worker = await workerFile();
  });

  async function open(): Promise<Store> {
    return here.keep(await openStore({ folder: here.folder, worker }));
  }

  it("writes, reads, refuses, stores blobs, checkpoints and closes", async () => {
    const store = await open();
    assert.deepEqual([store.state, store.recovery], [{ kind: "writer" }, []]);
    await Promise.all(range(1, 20).map((seq) => store.write([textRows(seq, seq)])));
    await assert.rejects(store.write([textRows(30, 30)]), /leaves a gap/);
    const blob = await store.putBlob(Buffer.from("blob"));
    assert.deepEqual(await store.rowsBefore("tab-1", 4, 2), [textRow(2), textRow(3)]);
    assert.equal(Buffer.from((await store.getBlob(blob)) ?? []).toString(), "blob");
    await store.checkpoint();
    assert.equal(existsSync(path.join(here.folder, "checkpoint.sqlite")), true);
    await store.write([textRows(1, 2, "gone")]);
    await store.closeTab("tab-1", 5);
    await store.deleteTab("gone");
    assert.deepEqual(
      (await store.history({ limit: 9 })).map(({ id, closedAt }) => [id, closedAt]),
      [["tab-1", 5]],
    );
    assert.deepEqual([await store.reopenTab("tab-1"), (await store.size()) > 0], [true, true]);
    await store.close();
    await store.close();
    await assert.rejects(store.write([textRows(21, 21)]), /closed/);
    assert.equal(existsSync(path.join(here.folder, "owner.json")), false);
    const log = await openTestLog(here.folder);
    assert.deepEqual(seqs(log), range(1, 20));
    log.close();
  });

  it("tells what was mended", async () => {
    const first = await open();
    await first.write([textRows(1, 3)]);
    await first.close();
    writeFileSync(path.join(here.folder, "checkpoint.sqlite"), "damaged");
    const second = await open();
    assert.match(second.recovery.join(" "), /checkpoint.sqlite was damaged; it is kept as .* was restored/);
    assert.equal(await second.lastSeq("tab-1"), 3);
  });

  it("hands over to the next one in the same process", async () => {
    const first = await open();
    await first.write([textRows(1, 3)]);
    const second = await open();
    assert.equal(second.state.kind, "reader");
    const isWriter = new Promise((resolve) => second.onState((state) => state.kind === "writer" && resolve(state)));
    await first.close();
    await isWriter;
    await second.write([textRows(4, 4)]);
    assert.equal(await second.lastSeq("tab-1"), 4);
  });

  it("says so when the thread dies, keeps what was saved, and leaves the log free for the next one", async () => {
    const broken = mkdtempSync(path.join(os.tmpdir(), "dispatch-broken-"));
    // The real worker, with a bug that shows at a certain row.
    const source = readFileSync(worker, "utf8");
    const bug = `require("node:worker_threads").parentPort.on("message", (call) => { if (JSON.stringify(call).includes("boom")) setImmediate(() => { throw new Error("a bug"); }); });\n`;
    const strict = '"use strict";';
    writeFileSync(
      path.join(broken, "store-worker.js"),
      source.startsWith(strict) ? source.replace(strict, strict + bug) : bug + source,
    );
    writeFileSync(path.join(broken, "sql-wasm.wasm"), readFileSync(path.join(path.dirname(worker), "sql-wasm.wasm")));
    const store = await openStore({ folder: here.folder, worker: path.join(broken, "store-worker.js") });
    await store.write([textRows(1, 2)]);
    const stopped = new Promise<string>((resolve) => store.onState((state) => resolve(JSON.stringify(state))));
    await Promise.allSettled([store.write([rowsOp(textRow(3, "boom"))]), store.lastSeq("tab-1")]);
    assert.match(await stopped, /"blocked".*a bug.*what was saved is safe/);
    await assert.rejects(store.lastSeq("tab-1"), /has stopped/);
    await store.close();
    rmSync(broken, { recursive: true });
    const next = await open();
    assert.equal(next.state.kind, "writer");
    assert.equal((await next.lastSeq("tab-1")) >= 2, true);
  });

  it("fails to open when there is no worker", async () => {
    await assert.rejects(openStore({ folder: here.folder, worker: path.join(here.folder, "none.js") }), /none\.js/);
  });
});
