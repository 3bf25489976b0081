/** What was used is known for ever: while a tab is open, closed, open again, deleted, and after everything derived is lost. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import type { LocalStore } from "../../src/store/local-store";
import type { RequestRecord, UsageSum } from "../../src/store/types";
import { oldRequest, writeOldRequests } from "./older";
import { openTestLog, openTestStore, temporaryFolder, textRows } from "./support";

const noon = (day: number): number => new Date(2026, 10, day, 12).getTime();

let made = 0;
/** @param tokens input beside the cache, read, written, output; none: the server has not begun to answer. */
function request(tabId: string, startedAt: number, tokens: readonly number[], more: Partial<RequestRecord> = {}) {
  const [inputTokens, cacheReadTokens = 0, cacheWriteTokens = 0, outputTokens = 0] = tokens;
  const used = inputTokens === undefined ? {} : { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens };
  made += 1;
  const { inputTokens: _, outputTokens: __, ...old } = oldRequest(tabId, 1);
  return {
    op: "request",
    request: { ...old, provider: "anthropic", ...used, ...more, id: `r${made}`, startedAt },
  } as const;
}

function sum(tabId: string, day: string, usage: readonly number[], more: Partial<UsageSum> = {}): UsageSum {
  const [fresh = 0, read = 0, written = 0, output = 0] = usage;
  const key = { keyId: "k", provider: "anthropic", model: "m" };
  return { tabId, day, ...key, size: 1, requests: 1, usage: { fresh, read, written, output }, ...more };
}

function byText(sums: readonly UsageSum[]): readonly string[] {
  return sums.map((one) => JSON.stringify(one, Object.keys(one).concat("fresh", "read", "written", "output"))).sort();
}

describe("what was used", () => {
  let folder: string;
  let remove: () => void;
  let store: LocalStore;
  beforeEach(async () => {
    ({ folder, remove } = temporaryFolder("usage"));
    store = await openTestStore(folder);
    await store.write([textRows(1, 2, "a"), textRows(1, 1, "b")]);
    await store.write([
      request("a", noon(3), [10, 1_000, 30, 40]),
      request("a", noon(3), [1, 1_000, 3, 4], { outcome: "error", errorCode: "overloaded" }),
      request("a", noon(3), [], { outcome: "error", errorCode: "rate-limit" }),
      request("a", noon(4), [1, 0, 0, 1]),
      request("a", noon(4), [1, 90_000, 10_000, 5]),
      request("a", noon(4), [5, 0, 0, 5], { keyId: "other" }),
      request("b", noon(4), [7, 0, 0, 7], { model: "n" }),
      request("b", noon(4), [9, 0, 0, 9], { options: { side: { kind: "search", query: "q", searches: 2 } } }),
    ]);
  });
  afterEach(async () => {
    await store.close();
    remove();
  });

  const expected = [
    // Two attempts of one day, one of them failed; what was refused before an answer cost nothing.
    sum("a", "2026-11-03", [11, 2_000, 33, 44], { requests: 2 }),
    sum("a", "2026-11-04", [1, 0, 0, 1]),
    sum("a", "2026-11-04", [1, 90_000, 10_000, 5], { size: 2 }),
    sum("a", "2026-11-04", [5, 0, 0, 5], { keyId: "other" }),
    sum("b", "2026-11-04", [7, 0, 0, 7], { model: "n" }),
    sum("b", "2026-11-04", [9, 0, 0, 9], { searches: 2 }),
  ];

  async function assertSame(): Promise<void> {
    assert.deepEqual(byText(await store.usage({})), byText(expected));
    assert.deepEqual(byText(await store.usage({ fromDay: "2026-11-04" })), byText(expected.slice(1)));
    assert.deepEqual(byText(await store.usage({ tabId: "b" })), byText(expected.slice(4)));
  }

  async function restart(): Promise<void> {
    await store.close();
    store = await openTestStore(folder);
  }

  it("is summed by tab, day, key, model and size, the same in every state of its tab", async () => {
    await assertSame();
    await store.closeTab("a", 50);
    await assertSame();
    await restart();
    await assertSame();
    await store.reopenTab("a");
    await assertSame();
    await store.closeTab("b", 51);
    await store.deleteTab("a");
    await store.deleteTab("b");
    await assertSame();
    await restart();
    await assertSame();
  });

  it("is known with each chat of the history", async () => {
    await store.closeTab("b", 51);
    const chats = await store.history({ limit: 9 });
    const found = chats.flatMap(({ id, spend }) => spend.map((one) => ({ tabId: id, ...one })));
    assert.deepEqual(byText(found), byText(expected));
  });

  it("is summed again from the archives when the sums are lost", async () => {
    await store.closeTab("a", 50);
    await store.close();
    const log = await openTestLog(folder);
    log.database.script("UPDATE archives SET spend_json = NULL");
    log.checkpoint();
    log.close();
    store = await openTestStore(folder);
    await assertSame();
    await store.close();
    for (const name of ["journal", "checkpoint.sqlite", "checkpoint.previous.sqlite"])
      rmSync(path.join(folder, name), { force: true });
    store = await openTestStore(folder);
    assert.deepEqual(byText(await store.usage({})), byText(expected.slice(0, 4)));
  });
});

it("what was used is known of chats that an older version has closed", async () => {
  const { folder, remove } = temporaryFolder("usage-old");
  await writeOldRequests(folder, 3);
  const store = await openTestStore(folder);
  const found = await store.usage({});
  assert.deepEqual(
    found.map(({ tabId, requests, usage }) => ({ tabId, requests, usage })),
    ["tab-1", "tab-2"].map((tabId) => ({ tabId, requests: 2, usage: { fresh: 2, read: 0, written: 0, output: 4 } })),
  );
  await store.close();
  remove();
});
