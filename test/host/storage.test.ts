import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { prepareStorage } from "../../src/host/storage";

describe("storage", () => {
  let base = "";
  beforeEach(async () => {
    base = await mkdtemp(path.join(tmpdir(), "dispatch-storage-"));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it("is a folder of its own that only this user can enter", async () => {
    const folder = path.join(base, "workspace", "log");
    assert.deepEqual(await prepareStorage(path.join(base, "workspace")), { ok: true, folder });
    if (process.platform !== "win32") assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.deepEqual(await prepareStorage(path.join(base, "workspace")), { ok: true, folder });
  });

  it("says in a sentence when the folder can't be made", async () => {
    await writeFile(path.join(base, "taken"), "");
    const storage = await prepareStorage(path.join(base, "taken"));
    assert.equal(storage.ok, false);
    assert.match(storage.ok ? "" : storage.message, /^The folder for the history can't be used \(.*ENOTDIR.*\)\.$/);
  });
});
