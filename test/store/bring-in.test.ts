/** The chats of a folder that was moved come into its new log: all of them, as they were, or none. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { bringIn } from "../../src/store/bring-in";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import { describeHome, homeName, kinshipOf, parseHome } from "../../src/store/home";
import { ownIdentity } from "../../src/store/identity";
import type { LocalStore } from "../../src/store/local-store";
import { openLog } from "../../src/store/log";
import { migrations } from "../../src/store/schema";
import type { Store } from "../../src/store/types";
import { conversation, resultRow } from "./conversation";
import { openTestLog, openTestStore, rowsOp, sharedEngine, temporaryFolder, textRows } from "./support";

async function contents(store: Store, id: string) {
  return [
    await store.rows(id, 1, Number.MAX_SAFE_INTEGER),
    await store.turns(id),
    await store.requests(id),
    await store.approvals(id),
  ];
}

/** Names and bytes of all files of a log but its owner. */
function bytesOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names
      .filter(({ name }) => !name.startsWith("owner."))
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file, "base64")]),
  );
}

describe("the chats of another log", () => {
  let from: string;
  let folder: string;
  let remove: () => void;
  const stores: LocalStore[] = [];
  beforeEach(() => {
    const place = temporaryFolder("bring-in");
    remove = place.remove;
    from = path.join(path.dirname(place.folder), "old", "log");
    ({ folder } = place);
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    remove();
  });
  const open = async (where: string): Promise<LocalStore> => {
    const store = await openTestStore(where);
    stores.push(store);
    return store;
  };

  /** One open chat with all that there is, a closed one, one that was only begun, an empty one. */
  async function fill(): Promise<{ readonly blob: string; readonly closed: unknown; readonly opened: unknown }> {
    const store = await openTestStore(from);
    await store.write(conversation);
    const blob = await store.putBlob(Buffer.from("output"));
    await store.write([rowsOp(resultRow(41, "tab-1", blob))]);
    await store.write([textRows(1, 7, "closed")]);
    const opened = await contents(store, "tab-1");
    const closed = await contents(store, "closed");
    await store.closeTab("closed", 99);
    const bare = { title: "", createdAt: 1, position: 5 };
    await store.write([{ op: "tab", tab: { ...bare, id: "begun", draft: "half", mode: "edits" } }]);
    await store.write([{ op: "tab", tab: { ...bare, id: "empty", draft: "" } }]);
    await store.close();
    return { blob, closed, opened };
  }

  it("come with their ids, seqs and files, beside what is here; the other log stays as it was", async () => {
    const { blob, closed, opened } = await fill();
    const before = bytesOf(from);
    const store = await open(folder);
    await store.write([textRows(1, 2, "mine")]);
    assert.deepEqual(await store.peek(from), { chats: 2, lastAt: 1_700_000_000_041 });
    assert.deepEqual(await store.bringIn(from), ["tab-1", "begun"]);
    assert.deepEqual(bytesOf(from), before);
    assert.deepEqual(
      readdirSync(from).filter((name) => name.startsWith("owner")),
      [],
    );
    for (const id of ["tab-1", "closed", "begun"]) assert.equal(await store.reopenTab(id), true);
    assert.deepEqual([await contents(store, "tab-1"), await contents(store, "closed")], [opened, closed]);
    const begun = (await store.tabs()).find(({ id }) => id === "begun");
    // What it allowed was allowed in another folder.
    assert.deepEqual([begun?.draft, begun?.mode], ["half", undefined]);
    assert.equal(Buffer.from((await store.getBlob(blob)) ?? []).toString(), "output");
    assert.equal(await store.prompt("p"), "You are");
    assert.equal(await store.lastSeq("mine"), 2);
    await store.deleteTab("closed");
    assert.deepEqual([await store.peek(from), await store.bringIn(from)], [{ chats: 0, lastAt: 0 }, []]);
    assert.deepEqual(store.recovery, []);
  });

  it("stay where they are while another window has them open", async () => {
    await fill();
    const other = await open(from);
    const store = await open(folder);
    await assert.rejects(store.bringIn(from), /open in another window/);
    await assert.rejects(store.bringIn(path.join(from, "none")), /no folder/);
    assert.deepEqual([await store.tabs(), other.state], [[], { kind: "writer" }]);
    await other.write([textRows(8, 8, "tab-9")]).catch(() => undefined);
  });

  it("are all here or not at all, wherever the process dies", async () => {
    const { opened } = await fill();
    const engine = await sharedEngine();
    const outcomes = new Set<number>();
    for (let limit = 1, died = true; died; limit += 1) {
      rmSync(folder, { recursive: true, force: true });
      await (await openTestStore(folder)).close();
      const fs = dying(limit);
      const log = openLog({ fs: nodeFs, engine, folder });
      const place = { fs, engine, folder, steps: migrations };
      const dyingWrite: typeof log.write = (batch) => {
        fs.count();
        return log.write(batch);
      };
      died = false;
      try {
        bringIn({ ...log, write: dyingWrite }, place, from, ownIdentity("dying-one"), new Date(0));
      } catch (error) {
        assert.match(String(error), /the process died/);
        died = true;
      }
      log.close();
      rmSync(path.join(from, "owner.json"), { force: true });
      const store = await openTestStore(folder);
      const { length } = await store.tabs();
      outcomes.add(length);
      assert.equal(length === 0 || length === 3, true, `operation ${limit}: ${length} chats`);
      await store.bringIn(from);
      await store.reopenTab("tab-1");
      assert.deepEqual(
        [(await store.tabs()).length, await contents(store, "tab-1")],
        [3, opened],
        `operation ${limit}`,
      );
      assert.deepEqual(store.recovery, [], `operation ${limit}`);
      assert.equal(
        [...bytesOf(folder).keys()].some((name) => name.includes("coming")),
        false,
      );
      await store.close();
    }
    assert.deepEqual([...outcomes].sort(), [0, 3]);
  }).timeout(60_000);

  /** A disk that does so many changing operations, and none after that. */
  function dying(limit: number): StoreFs & { readonly count: () => void } {
    let left = limit;
    const count = (): void => {
      left -= 1;
      if (left < 0) throw new Error("the process died");
    };
    const names = ["open", "write", "sync", "rename", "link", "remove", "syncFolder", "makeFolder"] as const;
    const counted = names.map((name) => [
      name,
      (...args: readonly unknown[]) => {
        count();
        return Reflect.apply(nodeFs[name], undefined, args);
      },
    ]);
    return { ...nodeFs, ...Object.fromEntries(counted), count };
  }

  it("are known by the folder that they belong to", async () => {
    const base = path.dirname(folder);
    const [old, now] = [path.join(base, "project"), path.join(base, "moved", "project")];
    mkdirSync(path.join(old, ".git"), { recursive: true });
    mkdirSync(path.dirname(now));
    const config =
      '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://name:secret@example.com/a.git\n[branch "x"]\n';
    writeFileSync(path.join(old, ".git", "config"), config);
    const home = describeHome(old);
    assert.ok(home);
    const store = await openTestStore(folder, { home });
    stores.push(store);
    const kept = readFileSync(path.join(folder, homeName), "utf8");
    assert.deepEqual([parseHome(kept), kept.includes("secret")], [home, false]);
    const exists = (where: string): boolean => describeHome(where) !== undefined;
    const kinship = (): string => {
      const own = describeHome(now);
      return own === undefined ? "" : kinshipOf(own, home, exists);
    };
    renameSync(old, now);
    assert.equal(kinship(), "same", "moved");
    rmSync(now, { recursive: true });
    mkdirSync(path.join(now, ".git"), { recursive: true });
    assert.equal(kinship(), "gone", "another folder of that name");
    writeFileSync(path.join(now, ".git", "config"), config);
    assert.equal(kinship(), "probable", "a copy of the same repository");
    mkdirSync(old);
    assert.equal(kinship(), "none", "the old one is there");
    assert.equal(kinshipOf({ ...home, id: "another" }, home, exists), "same", "made anew at the same path");
    assert.deepEqual([parseHome("{"), parseHome('{"folder":1}')], [undefined, undefined]);
    await store.close();
    const log = await openTestLog(folder);
    log.close();
  });
});
