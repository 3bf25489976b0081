/** The store's contract, in one thread. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Chunk, Row } from "../../src/chunks/rows";
import { nodeFs, type StoreFs } from "../../src/store/fs";
import type { Op, RequestRecord, Store } from "../../src/store/types";
import { plainRequest } from "./conversation";
import { useLogFolder } from "./folder";
import { range, rowsOp, textRow, textRows } from "./support";

const place = { tabId: "t", turnId: "u", createdAt: 1_700_000_000_000 };
const rows: readonly Row[] = [
  {
    ...place,
    id: "a",
    seq: 1,
    step: 0,
    role: "user",
    type: "text",
    data: { text: "Hi \u0000 \ud83d\ude00 \ud800", origin: "person" },
  },
  {
    ...place,
    id: "b",
    seq: 2,
    step: 1,
    role: "assistant",
    type: "thinking",
    data: { text: "", signature: "s", redacted: "r" },
  },
  { ...place, id: "c", seq: 3, step: 1, role: "assistant", type: "text", data: { text: "Reading." } },
  {
    ...place,
    id: "d",
    seq: 4,
    step: 1,
    role: "assistant",
    type: "tool_call",
    data: { callId: "k", name: "read_file", argumentsText: '{"path" : "a"}' },
  },
  {
    ...place,
    id: "e",
    seq: 5,
    step: 1,
    role: "tool",
    type: "tool_result",
    data: { callId: "k", name: "read_file", text: "x", isError: false, durationMs: 1.5 },
  },
  {
    ...place,
    id: "f",
    seq: 6,
    step: 2,
    role: "assistant",
    type: "error",
    data: { code: "overloaded", message: "Busy.", retryable: true },
  },
  { ...place, id: "g", seq: 7, step: 2, role: "system", type: "system", data: { kind: "notice", text: "n" } },
];
const tab = {
  id: "t",
  title: "A \ud83d\ude00",
  createdAt: 1,
  position: 0,
  draft: "line\nline",
  models: [{ key: "k1", model: "m", effort: "high" }],
};
const turn = { id: "u", tabId: "t", startedAt: 5 };
const fullRequest: RequestRecord = {
  ...plainRequest,
  id: "r2",
  attempt: 2,
  outcome: "error",
  errorCode: "x",
  statusCode: 529,
  stopReason: "end_turn",
  requestId: "q",
  firstTokenMs: 3.5,
  inputTokens: 1,
  outputTokens: 2,
  cacheReadTokens: 3,
  cacheWriteTokens: 0,
  provider: "anthropic",
  account: "org_1/wrkspc_1",
  messageId: "msg_1",
  options: { paused: true, marks: false, previousMessageId: "msg_0" },
  cacheMissReason: "tools_changed",
};
const approval = {
  id: "ap",
  tabId: "t",
  turnId: "u",
  callId: "k",
  tool: "run_shell",
  argumentsSha256: "11",
  scope: "once",
  createdAt: 7,
  decision: { by: "person", effect: "deny", reason: "no" },
} as const;
const everything: readonly Op[] = [
  { op: "tab", tab },
  { op: "turn", turn },
  { op: "prompt", hash: "p", text: "You are \u0000 …" },
  rowsOp(...rows),
  { op: "request", request: plainRequest },
  { op: "request", request: fullRequest },
  { op: "approval", approval },
  { op: "setting", key: "k", value: "v" },
];

async function contents(store: Store) {
  return {
    tabs: await store.tabs(),
    rows: await store.rows("t", 1, 100),
    turns: await store.turns("t"),
    requests: await store.requests("t"),
    approvals: await store.approvals("t"),
    prompt: await store.prompt("p"),
    settings: await store.settings(),
  };
}

describe("the store", () => {
  const here = useLogFolder("store");
  const { open } = here;

  it("gives back every record as it was written: at once, from the journal, and from a checkpoint", async () => {
    const expected = {
      tabs: [tab],
      rows,
      turns: [turn],
      requests: [plainRequest, fullRequest],
      approvals: [approval],
      prompt: "You are \u0000 …",
      settings: { k: "v" },
    };
    const first = await open();
    await first.write(everything);
    assert.deepEqual(await contents(first), expected);
    await first.close();
    const fromCheckpoint = await open();
    assert.deepEqual(await contents(fromCheckpoint), expected);
    await fromCheckpoint.write([{ op: "setting", key: "k2", value: "w" }]);
    await fromCheckpoint.close();
    const last = await open();
    assert.deepEqual(
      { ...(await contents(last)), recovery: last.recovery },
      {
        ...expected,
        settings: { k: "v", k2: "w" },
        recovery: [],
      },
    );
  });

  it("replaces a tab's record, sets a turn's end, keeps a prompt", async () => {
    const store = await open();
    await store.write(everything);
    const ended = { ...turn, endedAt: 9, endReason: "done" } as const;
    const renamed = { ...tab, title: "B", promptHash: "p" };
    await store.write([
      { op: "turn", turn: ended },
      { op: "tab", tab: renamed },
      { op: "prompt", hash: "p", text: "other" },
    ]);
    assert.deepEqual(
      [await store.turns("t"), await store.tabs(), await store.prompt("p")],
      [[ended], [renamed], "You are \u0000 …"],
    );
  });

  it("gives windows of rows in order of seq, by tab", async () => {
    const store = await open();
    await store.write([textRows(1, 30, "x"), textRows(1, 5, "y")]);
    const of = (found: readonly Row[]) => found.map(({ seq }) => seq);
    assert.deepEqual(
      {
        window: of(await store.rows("x", 10, 12)),
        before: of(await store.rowsBefore("x", 31, 3)),
        start: of(await store.rowsBefore("x", 3, 10)),
        other: of(await store.rows("y", 1, 100)),
        last: [await store.lastSeq("x"), await store.lastSeq("y"), await store.lastSeq("z")],
        tabs: (await store.tabs()).map(({ id }) => id),
      },
      {
        window: [10, 11, 12],
        before: [28, 29, 30],
        start: [1, 2],
        other: [1, 2, 3, 4, 5],
        last: [30, 5, 0],
        tabs: ["x", "y"],
      },
    );
  });

  it("gives the newest calls and results of one tool, by the name of the tool and nothing else that looks like it", async () => {
    const store = await open();
    const row = (seq: number, chunk: Chunk): Row => ({
      ...{ id: `r${seq}`, tabId: "x", seq, turnId: "t", step: 1, createdAt: 1 },
      ...chunk,
    });
    const call = (seq: number, name: string, argumentsText: string): Row =>
      row(seq, { role: "assistant", type: "tool_call", data: { callId: `c${seq}`, name, argumentsText } });
    const rows: readonly Row[] = [
      call(1, "todo", "{}"),
      row(2, { role: "tool", type: "tool_result", data: { callId: "c1", name: "todo", text: "ok", isError: false } }),
      call(3, "other", '{"name":"todo"}'),
      row(4, { role: "user", type: "text", data: { text: '"name":"todo"' } }),
      call(5, "todo", '{"items": []}'),
    ];
    await store.write([{ op: "rows", rows }]);
    assert.deepEqual(
      [
        await store.rowsOfTool("x", "todo", 9, 2),
        await store.rowsOfTool("x", "todo", 5, 9),
        await store.rowsOfTool("y", "todo", 9, 9),
      ],
      [[rows[1], rows[4]], [rows[0], rows[1]], []],
    );
  });

  it("accepts a repeated write and refuses a contradiction, which changes nothing", async () => {
    const store = await open();
    await store.write(everything);
    await store.write(everything);
    const before = await contents(store);
    const journal = readFileSync(path.join(here.folder, "journal"));
    const note: Op = { op: "setting", key: "k", value: "changed" };
    const refused: readonly Op[] = [
      rowsOp({ ...textRow(1, "same id", "t"), id: "a" }),
      rowsOp({ ...textRow(7, "same place", "t"), id: "new" }),
      rowsOp({ ...textRow(8, "id of another row", "t"), id: "a" }),
      rowsOp(textRow(9, "a gap", "t")),
      { op: "turn", turn: { ...turn, tabId: "other" } },
      { op: "request", request: { ...plainRequest, model: "other" } },
      { op: "approval", approval: { ...approval, scope: "other" } },
    ];
    for (const op of refused) await assert.rejects(store.write([note, op]), Error);
    assert.deepEqual(await contents(store), before);
    assert.deepEqual(readFileSync(path.join(here.folder, "journal")), journal);
  });

  it("makes queued writes durable with one sync, each by itself: a refused one takes no other with it", async () => {
    let syncs = 0;
    const counting: StoreFs = {
      ...nodeFs,
      sync: (fd) => {
        syncs += 1;
        nodeFs.sync(fd);
      },
    };
    const store = await open({ fs: counting });
    await store.write([textRows(1, 1)]);
    syncs = 0;
    const outcomes = await Promise.allSettled([
      store.write([textRows(2, 2)]),
      store.write([textRows(9, 9)]),
      store.write([textRows(3, 4)]),
      ...range(5, 40).map((seq) => store.write([textRows(seq, seq)])),
    ]);
    assert.deepEqual(
      {
        refused: outcomes.flatMap((one, index) => (one.status === "rejected" ? [index] : [])),
        syncs,
        last: await store.lastSeq("tab-1"),
      },
      { refused: [1], syncs: 1, last: 40 },
    );
  });

  it("keeps files to itself", async () => {
    const store = await open();
    await store.write(everything);
    await store.putBlob(Buffer.from("blob"));
    await store.checkpoint();
    const modes = [here.folder, ...readdirSync(here.folder).map((name) => path.join(here.folder, name))].map(
      (file) => statSync(file).mode & 0o77,
    );
    assert.deepEqual([...new Set(modes)], [0]);
  });

  it("stores a blob once, by its hash, and does not give back a damaged one", async () => {
    const store = await open();
    const sha = await store.putBlob(Buffer.from("a large output"));
    const file = path.join(here.folder, "blobs", sha);
    const { ino } = statSync(file);
    assert.equal(await store.putBlob(Buffer.from("a large output")), sha);
    assert.equal(statSync(file).ino, ino);
    assert.equal(Buffer.from((await store.getBlob(sha)) ?? []).toString(), "a large output");
    assert.equal(await store.getBlob("../journal"), undefined);
    writeFileSync(file, "another output");
    assert.equal(await store.getBlob(sha), undefined);
    assert.match(store.recovery.join(), new RegExp(`${sha} is damaged`));
  });

  it("turns a journal that has grown into a checkpoint by itself", async () => {
    const store = await open();
    const text = "x".repeat(100_000);
    for (const seq of range(1, 90)) await store.write([rowsOp(textRow(seq, text))]);
    assert.equal(existsSync(path.join(here.folder, "checkpoint.sqlite")), true);
    assert.equal(statSync(path.join(here.folder, "journal")).size < 1_000_000, true);
    assert.equal(await store.lastSeq("tab-1"), 90);
  });

  it("refuses work after it was closed", async () => {
    const store = await open();
    await store.close();
    await store.close();
    await assert.rejects(store.write([textRows(1, 1)]), /closed/);
    assert.deepEqual(readdirSync(here.folder).sort(), ["checkpoint.sqlite", "journal", "journal.previous"]);
  });
});
