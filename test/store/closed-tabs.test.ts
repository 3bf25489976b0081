/** Tabs that are closed, opened again and deleted, and the list of them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { Op, Store } from "../../src/store/types";
import { conversation, resultRow, tab } from "./conversation";
import { useLogFolder } from "./folder";
import { openTestLog, range, rowsOp, textRow, textRows } from "./support";

async function contents(store: Store, tabId = "tab-1") {
  return {
    rows: await store.rows(tabId, 1, 1000),
    turns: await store.turns(tabId),
    requests: await store.requests(tabId),
    approvals: await store.approvals(tabId),
    prompt: await store.prompt("p"),
  };
}

const nothing = { rows: [], turns: [], requests: [], approvals: [], prompt: "You are" };

/** In the local calendar. */
function dayOf(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

describe("closed tabs", () => {
  const here = useLogFolder("closed");
  const { open, reopen, archives, archive } = here;

  it("leave the database for a file, and come back as they were: at once, after a restart, and again", async () => {
    let store = await open();
    await store.write([...conversation, textRows(1, 3, "other")]);
    const before = await contents(store);
    for (const round of [1, 2]) {
      await store.closeTab("tab-1", 50 + round);
      await store.closeTab("tab-1", 99);
      assert.deepEqual([await contents(store), archives()], [nothing, ["tab-1.sqlite.gz"]]);
      assert.deepEqual((await store.tabs())[0], { ...tab, closedAt: 50 + round });
      if (round === 1) store = await reopen(store);
      assert.deepEqual([await contents(store), await store.lastSeq("other")], [nothing, 3]);
      assert.equal(await store.reopenTab("tab-1"), true);
      assert.equal(await store.reopenTab("tab-1"), true);
      assert.deepEqual([await contents(store), (await store.tabs())[0]], [before, tab]);
      if (round === 2) store = await reopen(store);
      assert.deepEqual([await contents(store), (await store.tabs())[0], store.recovery], [before, tab, []]);
      await store.checkpoint();
      assert.deepEqual(archives(), []);
    }
    await store.write([textRows(41, 41)]);
    assert.equal(await store.lastSeq("tab-1"), 41);
  });

  it("keep the file until a checkpoint holds the rows again", async () => {
    const store = await open();
    await store.write(conversation);
    await store.closeTab("tab-1", 50);
    await store.reopenTab("tab-1");
    assert.deepEqual(archives(), ["tab-1.sqlite.gz"]);
    await store.checkpoint();
    assert.deepEqual(archives(), []);
  });

  it("take no writes, and stay closed when their record is written", async () => {
    const store = await open();
    await store.write(conversation);
    const write = store.write([textRows(41, 41)]);
    const close = store.closeTab("tab-1", 50);
    const late = store.write([textRows(42, 42)]);
    await Promise.all([write, close, assert.rejects(late, /is closed/)]);
    for (const op of [textRows(1, 1), conversation[1], conversation[5], conversation[7]])
      if (op !== undefined) await assert.rejects(store.write([op]), /is closed/);
    await store.write([{ op: "tab", tab: { ...tab, title: "Renamed" } }]);
    assert.deepEqual(await store.tabs(), [{ ...tab, title: "Renamed", closedAt: 50 }]);
    await store.reopenTab("tab-1");
    assert.deepEqual([await store.tabs(), await store.lastSeq("tab-1")], [[{ ...tab, title: "Renamed" }], 41]);
    assert.equal(await store.reopenTab("nobody"), false);
    await assert.rejects(store.closeTab("nobody", 1), /no tab nobody/);
  });

  it("are listed with the open ones, newest activity first, by pages and by a part of the title", async () => {
    const store = await open();
    await store.write(conversation);
    const titles = ["Straße_1", "STRASSE", "100% sure", "1000 more", "[x] \\ 'q'"];
    const tabOp = (title: string, index: number): Op => {
      const id = `t${index}`;
      return { op: "tab", tab: { id, title, createdAt: index, position: index, draft: "" } };
    };
    await store.write(titles.map(tabOp));
    const entry = {
      id: "tab-1",
      title: "Fix 100% of it",
      firstWords: "Please fix it \u0000",
      createdAt: 1,
      lastAt: textRow(40).createdAt,
      steps: 1,
      usage: { fresh: 2, read: 6, written: 8, output: 4 },
      spend: [
        {
          day: dayOf(6),
          keyId: "k",
          model: "m",
          size: 1,
          requests: 2,
          usage: { fresh: 2, read: 6, written: 8, output: 4 },
        },
      ],
    };
    const [newest, ...rest] = await store.history({ limit: 9 });
    assert.deepEqual([newest, rest.map(({ id }) => id)], [entry, ["t4", "t3", "t2", "t1", "t0"]]);
    for (const id of ["tab-1", "t3", "t1"]) await store.closeTab(id, 60);
    const all = await store.history({ limit: 9 });
    assert.deepEqual(
      [all[0], all.slice(1).map(({ id }) => id)],
      [{ ...entry, closedAt: 60 }, ["t4", "t3", "t2", "t1", "t0"]],
    );
    const pages = [];
    for (let page = await store.history({ limit: 2 }); page.length > 0; ) {
      pages.push(page.map(({ id }) => id));
      const { lastAt = 0, id = "" } = page.at(-1) ?? {};
      page = await store.history({ limit: 2, before: { lastAt, id } });
    }
    assert.deepEqual(pages, [
      ["tab-1", "t4"],
      ["t3", "t2"],
      ["t1", "t0"],
    ]);
    const matching = async (text: string) => (await store.history({ text, limit: 9 })).map(({ title }) => title);
    assert.deepEqual(
      [
        await matching("straSSE"),
        await matching("100%"),
        await matching("e_1"),
        await matching("] \\ '"),
        await matching("none"),
      ],
      [["STRASSE"], ["Fix 100% of it", "100% sure"], ["Straße_1"], ["[x] \\ 'q'"], []],
    );
  });

  it("are found again when everything derived is gone, and the records of the closed tabs with it", async () => {
    let store = await open();
    await store.write([...conversation, textRows(1, 3, "other"), textRows(1, 2, "../Weird id")]);
    await store.closeTab("tab-1", 50);
    await store.closeTab("../Weird id", 51);
    const before = { tabs: await store.tabs(), history: await store.history({ limit: 9 }) };
    await store.close();
    const log = await openTestLog(here.folder);
    log.database.script("DELETE FROM archives; DELETE FROM tabs WHERE id <> 'other'");
    log.checkpoint();
    log.close();
    store = await open();
    const byId = <T extends { readonly id: string }>(list: readonly T[]) =>
      list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(byId(await store.tabs()), byId(before.tabs));
    assert.deepEqual(await store.history({ limit: 9 }), before.history);
    assert.deepEqual([await store.reopenTab("tab-1"), await store.lastSeq("tab-1")], [true, 40]);
    await store.close();
    // And when nothing of the log is left but the archives.
    for (const name of readdirSync(here.folder))
      if (name !== "archive") rmSync(path.join(here.folder, name), { recursive: true });
    store = await open();
    assert.deepEqual([await store.reopenTab("../Weird id"), await store.lastSeq("../Weird id")], [true, 2]);
  });

  it("are deleted with every byte of them, closed or open, and with the blobs that no other tab refers to", async () => {
    const store = await open();
    const blobs = [];
    for (const text of ["only one", "shared", "of a closed one", "about to be used"])
      blobs.push(await store.putBlob(Buffer.from(`blob ${text}`.repeat(500))));
    const [own = "", shared = "", closedOne = "", early = ""] = blobs;
    const secret = (id: string) => range(1, 200).map((seq) => textRow(seq, `secret of ${id} `.repeat(40), id));
    for (const id of ["open", "closed", "kept"])
      await store.write([rowsOp(...secret(id)), { op: "tab", tab: { ...tab, id, title: `title of ${id}` } }]);
    await store.write([
      rowsOp(resultRow(201, "open", own, shared)),
      rowsOp(resultRow(201, "closed", shared, closedOne), resultRow(202, "closed", early)),
      rowsOp(resultRow(201, "kept", shared)),
    ]);
    await store.putBlob(Buffer.from("blob about to be used".repeat(500)));
    await store.closeTab("closed", 5);
    await store.closeTab("kept", 5);
    await store.checkpoint();
    const before = await store.size();
    await store.deleteTab("open");
    await store.deleteTab("closed");
    await store.deleteTab("closed");
    await store.deleteTab("nobody");
    const files = [here.folder, path.join(here.folder, "archive")].flatMap((one) =>
      readdirSync(one).map((name) => path.join(one, name)),
    );
    const holding = files.filter(
      (file) => statSync(file).isFile() && /(secret|title) of (open|closed)/.test(readFileSync(file, "latin1")),
    );
    assert.deepEqual(
      {
        holding,
        archives: archives(),
        blobs: readdirSync(path.join(here.folder, "blobs")).sort(),
        tabs: (await store.history({ limit: 9 })).map(({ id }) => id),
      },
      { holding: [], archives: ["kept.sqlite.gz"], blobs: [shared, early].sort(), tabs: ["kept"] },
    );
    assert.equal((await store.size()) < before / 2, true);
    await assert.rejects(store.write([textRows(1, 1, "open")]), /was deleted/);
    const next = await reopen(store);
    assert.deepEqual([next.recovery, (await next.tabs()).map(({ id }) => id)], [[], ["kept"]]);
    assert.deepEqual([await next.reopenTab("kept"), await next.lastSeq("kept")], [true, 201]);
  });

  it("do not take a blob with them while an archive can't be read", async () => {
    const store = await open();
    const blob = await store.putBlob(Buffer.from("blob"));
    await store.write([rowsOp(resultRow(1, "a", blob)), rowsOp(resultRow(1, "b", blob))]);
    await store.closeTab("b", 5);
    await store.close();
    renameSync(archive("b"), archive("unknown"));
    const next = await open();
    await next.deleteTab("a");
    assert.deepEqual(readdirSync(path.join(here.folder, "blobs")), [blob]);
  });

  it("are seen by a second window, which can change nothing", async () => {
    const first = await open();
    await first.write([...conversation, textRows(1, 3, "other")]);
    await first.closeTab("tab-1", 50);
    const second = await open();
    assert.deepEqual([second.state.kind, second.recovery], ["reader", []]);
    assert.deepEqual(await second.history({ limit: 9 }), await first.history({ limit: 9 }));
    assert.deepEqual([await contents(second), await second.lastSeq("other")], [nothing, 3]);
    assert.equal((await second.size()) > 0, true);
    for (const act of [second.closeTab("other", 1), second.reopenTab("tab-1"), second.deleteTab("other")])
      await assert.rejects(act, /Nothing can be saved here/);
    await first.reopenTab("tab-1");
    await first.checkpoint();
    const third = await open();
    assert.deepEqual([third.recovery, await third.lastSeq("tab-1")], [[], 40]);
  });
});
