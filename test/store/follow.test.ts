/** A reader keeps up with the writer, whatever that does, and leaves every file as it is. */
import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import type { Row } from "../../src/chunks/rows";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import { encodeRecord } from "../../src/store/journal";
import type { LocalStore } from "../../src/store/local-store";
import type { Change, Store } from "../../src/store/types";
import { openTestStore, rowsOp, temporaryFolder, textRow, textRows } from "./support";

const tabIds = ["a", "b", "c"] as const;

type Act =
  | { readonly act: "rows"; readonly tab: string; readonly count: number }
  | { readonly act: "turn" | "title" | "close" | "reopen" | "delete"; readonly tab: string }
  | { readonly act: "checkpoint" | "setting" }
  | { readonly act: "wait"; readonly ms: number };

const tab = fc.constantFrom(...tabIds);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant("rows" as const), tab, count: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom("turn", "title", "close", "reopen"), tab }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("checkpoint", "setting") }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("delete" as const), tab }) },
);

/** A disk on which nothing may be changed. */
const readOnlyFs: StoreFs = {
  ...nodeFs,
  makeFolder: (folder) => assert.ok(existsSync(folder)),
  remove: (file) => assert.equal(existsSync(file), false),
  ...Object.fromEntries(
    (["write", "truncate", "sync", "rename", "link", "syncFolder", "open"] as const).map((name) => [
      name,
      () => assert.fail(`a reader calls ${name}`),
    ]),
  ),
};

async function contents(store: Store) {
  const tabs = await store.tabs();
  const whole = tabs.map(async ({ id }) => [
    await store.rows(id, 1, Number.MAX_SAFE_INTEGER),
    await store.turns(id),
    await store.lastSeq(id),
  ]);
  return [tabs, await Promise.all(whole), await store.settings(), await store.history({ limit: 99 })];
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** What someone knows who reads a tab once and then believes what is told. */
function listen(store: Store) {
  const known = new Map<string, readonly Row[]>();
  const changes: Change[] = [];
  let work: Promise<void> = Promise.resolve();
  const readAll = async (): Promise<void> => {
    known.clear();
    for (const { id } of await store.tabs()) known.set(id, await store.rows(id, 1, Number.MAX_SAFE_INTEGER));
  };
  const take = async (change: Change): Promise<void> => {
    if (change.kind !== "ops") return readAll();
    for (const op of change.ops) {
      for (const row of op.op === "rows" ? op.rows : []) {
        const rows = known.get(row.tabId) ?? [];
        if (row.seq > (rows.at(-1)?.seq ?? 0)) known.set(row.tabId, [...rows, row]);
      }
    }
  };
  const enqueue = (next: () => Promise<void>): void => {
    work = work.then(next);
  };
  store.onChange((change) => {
    changes.push(change);
    enqueue(() => take(change));
  });
  enqueue(readAll);
  return { changes, known: () => work.then(() => known) };
}

describe("a reader of the log", () => {
  let folder: string;
  let remove: () => void;
  const stores: LocalStore[] = [];
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("follow"));
  });
  afterEach(async () => {
    for (const store of stores.splice(0).toReversed()) await store.close();
    remove();
  });

  const openReader = async (): Promise<LocalStore> => {
    const reader = await openTestStore(folder, { fs: readOnlyFs, timings: { takeOver: 60_000, follow: 1 } });
    stores.push(reader);
    assert.equal(reader.state.kind, "reader");
    return reader;
  };
  const openWriter = async (): Promise<LocalStore> => {
    const writer = await openTestStore(folder);
    stores.push(writer);
    assert.equal(writer.state.kind, "writer");
    return writer;
  };

  async function play(writer: Store, act: Act): Promise<void> {
    switch (act.act) {
      case "rows": {
        const from = (await writer.lastSeq(act.tab)) + 1;
        return writer.write([textRows(from, from + act.count - 1, act.tab)]);
      }
      case "turn":
        return writer.write([{ op: "turn", turn: { id: `t-${act.tab}`, tabId: act.tab, startedAt: 1 } }]);
      case "title": {
        const known = (await writer.tabs()).find(({ id }) => id === act.tab);
        if (known === undefined) return;
        return writer.write([{ op: "tab", tab: { ...known, title: `${known.title}+` } }]);
      }
      case "close":
        return writer.closeTab(act.tab, 7);
      case "reopen":
        return void (await writer.reopenTab(act.tab));
      case "delete":
        return writer.deleteTab(act.tab);
      case "setting":
        return writer.write([{ op: "setting", key: "k", value: String(Math.random()) }]);
      case "checkpoint":
        return writer.checkpoint();
      case "wait":
        return new Promise((resolve) => setTimeout(resolve, act.ms));
    }
  }

  it("ends with what the writer has, in the same order, after any acts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 5, maxLength: 40 }), async (acts) => {
        const writer = await openWriter();
        const reader = await openReader();
        const told = listen(reader);
        // Some are refused (a row for a closed tab): that is the writer's affair.
        for (const act of acts) await play(writer, act).catch(() => undefined);
        const expected = await contents(writer);
        await until(async () => JSON.stringify(await contents(reader)) === JSON.stringify(expected));
        const rows = await Promise.all(
          (await reader.tabs()).map(async ({ id }) => [id, await reader.rows(id, 1, 999)] as const),
        );
        const known = await told.known();
        assert.deepEqual(
          rows.filter(([, some]) => some.length > 0),
          rows.filter(([, some]) => some.length > 0).map(([id]) => [id, known.get(id) ?? []]),
        );
        assert.deepEqual(reader.recovery, []);
        for (const store of stores.splice(0).toReversed()) await store.close();
        remove();
      }),
      { numRuns: 40 },
    );
  }).timeout(120_000);

  it("is told of rows as they come, and reads nothing anew when a checkpoint replaces the journal", async () => {
    const writer = await openWriter();
    await writer.write([textRows(1, 2)]);
    const reader = await openReader();
    const { changes } = listen(reader);
    for (const seq of [3, 4, 5]) {
      await writer.write([rowsOp(textRow(seq))]);
      if (seq === 4) await writer.checkpoint();
      await until(async () => (await reader.lastSeq("tab-1")) === seq);
    }
    await writer.closeTab("tab-1", 9);
    await until(async () => (await reader.tabs())[0]?.closedAt === 9);
    const ops = (seq: number) => ({ kind: "ops", ops: [rowsOp(textRow(seq))] });
    assert.deepEqual(changes, [ops(3), ops(4), ops(5), { kind: "tabs" }]);
  });

  it("waits for the rest of a write that is there in part", async () => {
    const writer = await openWriter();
    await writer.write([textRows(1, 1)]);
    const reader = await openReader();
    const { changes } = listen(reader);
    const journal = path.join(folder, "journal");
    const record = encodeRecord({ n: 2, b: 2, ops: [textRows(2, 2)] });
    for (const byte of record) {
      assert.equal(await reader.lastSeq("tab-1"), 1);
      appendFileSync(journal, Buffer.of(byte));
      if (byte % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await until(async () => (await reader.lastSeq("tab-1")) === 2);
    assert.deepEqual([changes, reader.recovery], [[{ kind: "ops", ops: [textRows(2, 2)] }], []]);
  });

  it("drops what the writer has taken back: a write that did not become durable", async () => {
    const writer = await openWriter();
    await writer.write([textRows(1, 1)]);
    const reader = await openReader();
    const { changes } = listen(reader);
    const journal = path.join(folder, "journal");
    const { length } = readFileSync(journal);
    appendFileSync(journal, encodeRecord({ n: 2, b: 2, ops: [rowsOp(textRow(2, "never"))] }));
    await until(async () => (await reader.lastSeq("tab-1")) === 2);
    truncateSync(journal, length);
    appendFileSync(journal, encodeRecord({ n: 2, b: 2, ops: [rowsOp(textRow(2, "truly"))] }));
    await until(async () => (await reader.rows("tab-1", 2, 2))[0]?.id === "tab-1:2" && changes.length > 1);
    assert.deepEqual(await reader.rows("tab-1", 1, 9), [textRow(1), textRow(2, "truly")]);
    assert.deepEqual(changes.at(-1), { kind: "all" });
  });

  it("follows a log that was thrown away and begun anew", async () => {
    const writer = await openWriter();
    await writer.write([textRows(1, 3)]);
    const reader = await openReader();
    const other = temporaryFolder("follow-other");
    const next = await openTestStore(other.folder);
    await next.write([textRows(1, 1, "other")]);
    writeFileSync(path.join(folder, "journal"), readFileSync(path.join(other.folder, "journal")));
    await until(async () => (await reader.lastSeq("other")) === 1);
    assert.equal(await reader.lastSeq("tab-1"), 0);
    await next.close();
    other.remove();
  });
});
