/** A disk that refuses: nothing is called saved that is not, nothing is lost, and work goes on when the disk does. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import type { Store, StoreState } from "../../src/store/types";
import { openTestLog, openTestStore, range, rowsOp, seqs, temporaryFolder, textRow, textRows } from "./support";

type Operation = "write" | "sync" | "truncate" | "rename" | "open" | "link" | "remove" | "syncFolder" | "makeFolder";
const changing: readonly Operation[] = [
  "write",
  "sync",
  "truncate",
  "rename",
  "open",
  "link",
  "remove",
  "syncFolder",
  "makeFolder",
];

/** The real file system with a fault that can be switched on: `fault` says which error an operation ends with. */
function faultyFs() {
  const disk: { fault: (operation: Operation) => string | undefined; count: number } = {
    fault: () => undefined,
    count: 0,
  };
  function guard(operation: Operation): void {
    disk.count += 1;
    const code = disk.fault(operation);
    if (code !== undefined) throw Object.assign(new Error(`${code}: injected`), { code });
  }
  const guarded = changing.map((name) => [
    name,
    (...args: readonly unknown[]) => {
      guard(name);
      return Reflect.apply(nodeFs[name], undefined, args);
    },
  ]);
  const fs: StoreFs = {
    ...nodeFs,
    ...Object.fromEntries(guarded),
    // A disk without space writes what fits before it refuses.
    write: (fd, bytes, position) => {
      const half = bytes.subarray(0, Math.max(1, Math.floor(bytes.length / 2)));
      if (disk.fault("write") !== undefined) nodeFs.write(fd, half, position);
      guard("write");
      return nodeFs.write(fd, half, position);
    },
  };
  return { fs, disk };
}

function nextState(store: Store, kind: StoreState["kind"]): Promise<StoreState> {
  return new Promise((resolve) => {
    if (store.state.kind === kind) resolve(store.state);
    const stop = store.onState((state) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    });
  });
}

describe("the store on a disk that refuses", () => {
  let folder: string;
  let remove: () => void;
  const stores: Store[] = [];
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("trouble"));
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    remove();
  });

  async function open(fs: StoreFs): Promise<Store> {
    const store = await openTestStore(folder, { fs });
    stores.push(store);
    return store;
  }

  const onDisk = async () => {
    const log = await openTestLog(folder);
    const found = { seqs: seqs(log), recovery: log.recovery };
    log.close();
    return found;
  };

  for (const [code, operation, sentence] of [
    ["ENOSPC", "write", /^The disk is full, so nothing new can be saved in .*; Dispatch keeps trying\.$/],
    ["EIO", "sync", /^The disk reports an error/],
    ["EROFS", "write", /^The disk is read-only/],
    ["EDQUOT", "sync", /^The disk quota is used up/],
  ] as const) {
    it(`keeps writes pending while ${operation} fails with ${code}, and saves them in order afterwards`, async () => {
      const { fs, disk } = faultyFs();
      const store = await open(fs);
      await store.write([textRows(1, 2)]);
      disk.fault = (one) => (one === operation ? code : undefined);
      let settled = 0;
      const writes = [3, 4, 5].map((seq) => store.write([textRows(seq, seq)]).finally(() => (settled += 1)));
      const blob = store.putBlob(Buffer.from("blob")).finally(() => (settled += 1));
      const blocked = await nextState(store, "blocked");
      assert.match(blocked.kind === "blocked" ? blocked.reason : "", sentence);
      assert.equal(settled, 0);
      assert.equal(await store.lastSeq("tab-1"), 2);
      disk.fault = () => undefined;
      await Promise.all([...writes, blob]);
      assert.deepEqual(store.state, { kind: "writer" });
      await store.close();
      assert.deepEqual(await onDisk(), { seqs: range(1, 5), recovery: [] });
    });
  }

  it("opens in a folder that can't be written, shows what is there, and writes as soon as it can", async () => {
    const first = await openTestStore(folder);
    await first.write([textRows(1, 3)]);
    await first.close();
    const { fs, disk } = faultyFs();
    disk.fault = () => "EROFS";
    const store = await open(fs);
    assert.match(store.state.kind === "blocked" ? store.state.reason : "", /^The disk is read-only/);
    assert.equal((await store.rows("tab-1", 1, 9)).length, 3);
    const write = store.write([textRows(4, 4)]);
    disk.fault = () => undefined;
    await write;
    assert.deepEqual(store.state, { kind: "writer" });
    assert.equal(await store.lastSeq("tab-1"), 4);
  });

  it("rejects what is pending when it is closed before the disk takes it", async () => {
    const { fs, disk } = faultyFs();
    const store = await open(fs);
    disk.fault = () => "ENOSPC";
    const write = store.write([textRows(1, 1)]);
    await nextState(store, "blocked");
    const refused = assert.rejects(write, /The disk is full/);
    await store.close();
    await refused;
  });

  it("survives a failure of any one operation of writing and checkpointing", async () => {
    for (let failing = 1; ; failing += 1) {
      rmSync(folder, { recursive: true, force: true });
      const { fs, disk } = faultyFs();
      const store = await openTestStore(folder, { fs });
      await store.write([textRows(1, 2)]);
      await store.checkpoint();
      const start = disk.count;
      disk.fault = () => (disk.count === start + failing ? "EIO" : undefined);
      for (const seq of range(3, 4)) {
        await store.write([textRows(seq, seq)]);
        await store.checkpoint().catch(() => undefined);
      }
      const isOver = disk.count < start + failing;
      disk.fault = () => undefined;
      assert.deepEqual(
        (await store.rows("tab-1", 1, 99)).map(({ seq }) => seq),
        range(1, 4),
      );
      await store.close();
      assert.deepEqual(await onDisk(), { seqs: range(1, 4), recovery: [] }, `operation ${failing}`);
      if (isOver) break;
    }
  });

  it("stays whole on disk when the process ends right after a failed operation", async () => {
    for (let failing = 1; ; failing += 1) {
      rmSync(folder, { recursive: true, force: true });
      const { fs, disk } = faultyFs();
      const log = await openTestLog(folder, { fs });
      log.write([[textRows(1, 2)]]);
      log.checkpoint();
      log.write([[textRows(3, 3)]]);
      const start = disk.count;
      disk.fault = () => (disk.count >= start + failing ? "EIO" : undefined);
      let saved = 3;
      try {
        log.write([[textRows(4, 4)]]);
        saved = 4;
        log.checkpoint();
        log.write([[textRows(5, 5)]]);
        saved = 5;
      } catch {
        // The disk has failed for good.
      }
      const found = await onDisk();
      assert.equal(found.seqs.length >= saved, true, `operation ${failing}: ${found.seqs.length} of ${saved}`);
      assert.deepEqual(found.seqs, range(1, found.seqs.length));
      if (saved === 5) break;
    }
  });

  it("writes everything anew when the folder was removed while it was open", async () => {
    const store = await open(nodeFs);
    await store.write([textRows(1, 3)]);
    rmSync(folder, { recursive: true });
    await store.write([textRows(4, 4)]);
    assert.deepEqual(readdirSync(folder).includes("owner.json"), true);
    await store.close();
    assert.deepEqual(await onDisk(), { seqs: range(1, 4), recovery: [] });
  });

  it("does not write into a journal that was put in place of its own", async () => {
    const store = await open(nodeFs);
    await store.write([textRows(1, 3)]);
    renameSync(path.join(folder, "journal"), path.join(folder, "moved"));
    writeFileSync(path.join(folder, "journal"), "something else");
    await store.write([textRows(4, 4)]);
    await store.close();
    assert.deepEqual((await onDisk()).seqs, range(1, 4));
  });

  it("fills a real disk, waits, and goes on when there is space", async function () {
    const mount = mkdtempSync(path.join(os.tmpdir(), "dispatch-small-"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", mount]);
    if (mounted.status !== 0) {
      rmSync(mount, { recursive: true });
      console.log("      skipped: a small file system can't be mounted here (that takes root on Linux)");
      this.skip();
    }
    try {
      folder = path.join(mount, "log");
      mkdirSync(folder);
      writeFileSync(path.join(mount, "ballast"), Buffer.alloc(1_700_000));
      const store = await open(nodeFs);
      const text = "x".repeat(20_000);
      let saved = 0;
      const writes = range(1, 30).map(async (seq) => {
        // Some are written before the disk is full, the others are asked for while it is.
        if (seq > 20) await nextState(store, "blocked");
        await store.write([rowsOp(textRow(seq, text))]);
        saved = seq;
      });
      const blocked = await nextState(store, "blocked");
      assert.match(blocked.kind === "blocked" ? blocked.reason : "", /^The disk is full/);
      assert.equal(await store.lastSeq("tab-1"), saved);
      rmSync(path.join(mount, "ballast"));
      await Promise.all(writes);
      assert.deepEqual([saved, store.state.kind], [30, "writer"]);
      await store.close();
      assert.deepEqual((await onDisk()).seqs, range(1, 30));
    } finally {
      for (const store of stores.splice(0)) await store.close();
      spawnSync("umount", [mount]);
      rmSync(mount, { recursive: true });
    }
  });
});
