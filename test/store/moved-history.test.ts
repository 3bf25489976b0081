/** A folder that was moved, renamed or opened in another way: its chats are found in the storage of its old self. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createMovedHistory, type MovedHistory } from "../../src/host/moved-history";
import { sharedStorage } from "../../src/host/shared-storage";
import { describeHome } from "../../src/store/home";
import type { LocalStore } from "../../src/store/local-store";
import { openTestStore, textRow, textRows } from "./support";

const anyDate = /last used .*\)/;

describe("the chats of a moved folder", () => {
  let base: string;
  const stores: LocalStore[] = [];
  /** What the editor keeps for each workspace. */
  const memories = new Map<string, Map<string, unknown>>();
  beforeEach(() => {
    memories.clear();
    base = realpathSync(mkdtempSync(path.join(os.tmpdir(), "dispatch-moved-")));
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    rmSync(base, { recursive: true, force: true });
  });

  const at = (...parts: readonly string[]): string => path.join(base, ...parts);
  const storageOf = (workspace: string): string => at("workspaceStorage", workspace, "dispatch.dispatch");

  /** What a window on this folder does, in the storage that the editor gives it. */
  async function openWindow(workspace: string, folder: string) {
    const home = describeHome(folder);
    const store = await openTestStore(path.join(storageOf(workspace), "log"), { home });
    stores.push(store);
    const memory = memories.get(workspace) ?? new Map<string, unknown>();
    memories.set(workspace, memory);
    const moved = createMovedHistory({
      storage: storageOf(workspace),
      folder,
      memory: { get: (key) => memory.get(key), update: (key, value) => memory.set(key, value) },
      changed: () => undefined,
      log: () => undefined,
    });
    await moved.look(store);
    return { store, moved };
  }

  const words = (moved: MovedHistory): readonly string[] =>
    moved.banners().map(({ message }) => message.replace(anyDate, "last used …)"));

  /** A window on a folder, in which something is said, and closed again. */
  async function work(workspace: string, folder: string): Promise<void> {
    const { store } = await openWindow(workspace, folder);
    await store.write([textRows(1, 3)]);
    await store.write([textRows(1, 2, "tab-2")]);
    await store.closeTab("tab-2", 5);
    await store.close();
  }

  it("are offered after the folder was renamed, and come with all their rows", async () => {
    mkdirSync(at("project"));
    await work("old", at("project"));
    renameSync(at("project"), at("renamed"));
    const { store, moved } = await openWindow("new", at("renamed"));
    assert.deepEqual(words(moved), [`This folder's chats from ${at("project")} were found (2 chats, last used …).`]);
    const offer = moved.offer();
    assert.ok(offer);
    assert.deepEqual(await moved.bring(store, offer), ["tab-1"]);
    assert.equal(await store.reopenTab("tab-1"), true);
    assert.deepEqual(await store.rows("tab-1", 1, 9), [textRow(1), textRow(2), textRow(3)]);
    assert.deepEqual([words(moved), await moved.find(store)], [[], []]);
    await moved.look(store);
    assert.deepEqual(words(moved), []);
  });

  it("are offered when the folder is opened as a workspace file, and the other way round", async () => {
    mkdirSync(at("project"));
    await work("as-folder", at("project"));
    const { store, moved } = await openWindow("as-workspace", at("project"));
    assert.equal(words(moved).length, 1);
    const offer = moved.offer();
    assert.ok(offer);
    await moved.bring(store, offer);
    await store.close();
    rmSync(storageOf("as-folder"), { recursive: true });
    assert.equal(words((await openWindow("as-folder", at("project"))).moved).length, 1);
  });

  it("stay declined, and can be had all the same", async () => {
    mkdirSync(at("project"));
    await work("old", at("project"));
    renameSync(at("project"), at("renamed"));
    const first = await openWindow("new", at("renamed"));
    first.moved.dismissed(first.moved.banners()[0]?.id ?? "");
    assert.deepEqual(words(first.moved), []);
    await first.store.close();
    const { store, moved } = await openWindow("new", at("renamed"));
    assert.deepEqual(words(moved), []);
    const [offer] = await moved.find(store);
    assert.ok(offer);
    assert.deepEqual([offer.kinship, offer.chats, await moved.bring(store, offer)], ["same", 2, ["tab-1"]]);
  });

  it("are offered again until there is an answer, also when something was said here meanwhile", async () => {
    mkdirSync(at("project"));
    await work("old", at("project"));
    renameSync(at("project"), at("renamed"));
    const first = await openWindow("new", at("renamed"));
    await first.store.write([textRows(1, 1, "mine")]);
    await first.store.close();
    const { moved } = await openWindow("new", at("renamed"));
    assert.equal(words(moved).length, 1);
  });

  it("are not offered to another folder, nor where there are chats already", async () => {
    for (const name of ["project", "other", "busy"]) mkdirSync(at(name));
    await work("old", at("project"));
    const { store, moved } = await openWindow("other", at("other"));
    assert.deepEqual([words(moved), await moved.find(store)], [[], []]);
    await work("busy", at("busy"));
    rmSync(at("project"), { recursive: true });
    const busy = await openWindow("busy", at("busy"));
    assert.deepEqual(words(busy.moved), []);
    assert.deepEqual(
      (await busy.moved.find(busy.store)).map(({ home, kinship }) => [home.folder, kinship]),
      [[at("project"), "gone"]],
    );
  });

  it("are found by the editor's note when their log is older than its own", async () => {
    mkdirSync(at("project"));
    await work("old", at("project"));
    rmSync(path.join(storageOf("old"), "log", "home.json"));
    const note = { folder: pathToFileURL(at("project")).href };
    writeFileSync(at("workspaceStorage", "old", "workspace.json"), JSON.stringify(note, undefined, 2));
    const { moved } = await openWindow("new", at("project"));
    assert.equal(words(moved).length, 1);
  });

  it("are those of the first window in a second one, to which the editor gives a storage of its own", () => {
    const storages = ["5f1c", "5f1c-1", "5f1c-12", "-3a", "alone-1"].map(storageOf);
    for (const storage of storages) mkdirSync(storage, { recursive: true });
    const shared = storages.map((storage) => path.basename(path.dirname(sharedStorage(storage))));
    assert.deepEqual(shared, ["5f1c", "5f1c", "5f1c-12", "-3a", "alone-1"]);
  });

  it("are not offered when their log can't be read, and nothing else suffers", async () => {
    mkdirSync(at("project"));
    await work("old", at("project"));
    for (const name of ["journal", "checkpoint.sqlite", "checkpoint.previous.sqlite", "journal.previous"])
      writeFileSync(path.join(storageOf("old"), "log", name), "damaged");
    rmSync(path.join(storageOf("old"), "log", "archive"), { recursive: true });
    mkdirSync(path.join(storageOf("empty"), "log"), { recursive: true });
    writeFileSync(path.join(storageOf("empty"), "log", "home.json"), "no home");
    const { store, moved } = await openWindow("new", at("project"));
    assert.deepEqual([words(moved), store.recovery], [[], []]);
  });
});
