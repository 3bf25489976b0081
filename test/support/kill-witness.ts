/**
 * Judges what a killed process has left on the disk: all that anybody outside could have learned from it (a view that was
 * shown rows, a server that was sent results, files that a call has changed) must be in the log, once, in its place.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ToView } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { openStore } from "../../src/store/open";
import type { Simulator } from "../simulator/server";
import { isFields, listOf, textOf } from "../simulator/types";
import { rowLines, STORE_WORKER } from "./agent";
import { wordOf, wordsLeft } from "./kill-load";

/** The rows of every open tab, by its id. */
export type Left = ReadonlyMap<string, readonly Row[]>;

export type Witness = {
  /** A view was shown this. */
  readonly saw: (message: ToView) => void;
  /**
   * Judges the log in this folder as it is now, while nobody writes it: call it between two lives and don't await it
   * before the next one begins; the files are copied at once.
   */
  readonly judge: (log: string) => Promise<Left>;
};

export function createWitness(simulator: Simulator, workspace: string): Witness {
  const shown = new Map<string, string>();
  const sent = new Set<string>();
  let judged = 0;
  let before: Left = new Map();
  return {
    saw(message) {
      for (const { tabId, seq, id } of rowsIn(message)) {
        const place = `${tabId} ${seq}`;
        assert.equal(shown.get(place) ?? id, id, `row ${seq} is another one than a view was shown before`);
        shown.set(place, id);
      }
    },
    async judge(log) {
      const copy = copyLog(log);
      const words = wordsLeft(workspace);
      const seen = new Map(shown);
      for (const { body, error } of simulator.messages().slice(judged)) {
        judged += 1;
        assert.equal(error, undefined);
        for (const id of idsIn(body)) sent.add(id);
      }
      const acknowledged = [...sent];
      const earlier = before;
      const left = await readLeft(copy);
      before = left;
      assertKept(earlier, left);
      assertShown(seen, left);
      assertSent(acknowledged, left);
      assertRanOnce(words, left);
      return left;
    },
  };
}

/** When all turns have ended: each call has one result, and what it says about having run is true. */
export function assertOutcomes(left: Left, workspace: string): void {
  const words = new Set(wordsLeft(workspace));
  for (const rows of left.values()) {
    const results = rows.flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
    const calls = rows.flatMap((row) => (row.type === "tool_call" ? [row.data] : []));
    assert.deepEqual(results.map(({ callId }) => callId).sort(), calls.map(({ callId }) => callId).sort());
    for (const { callId, argumentsText } of calls) {
      const word = wordOf(argumentsText);
      const result = results.find((one) => one.callId === callId);
      if (word === undefined || result?.outcome === "unknown") continue;
      assert.equal(words.has(word), result?.isError === false, `${word}: ${result?.text}`);
    }
  }
}

/** How many calls have each outcome, for a test that must not pass because nothing of it happened. */
export function countOutcomes(left: Left): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const row of [...left.values()].flat()) {
    if (row.type !== "tool_result") continue;
    const outcome = row.data.outcome ?? (row.data.isError ? "error" : "done");
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

async function readLeft(folder: string): Promise<Left> {
  try {
    const store = await openStore({ folder, worker: STORE_WORKER });
    try {
      const tabs = await store.tabs();
      const rows = tabs.map(async ({ id }) => [id, await store.rows(id, 1, await store.lastSeq(id))] as const);
      return new Map(await Promise.all(rows));
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Without the owner's files: the copy is nobody's. */
function copyLog(log: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "dispatch-left-"));
  cpSync(log, folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.startsWith("owner.")) rmSync(path.join(folder, name));
  return folder;
}

function assertKept(before: Left, now: Left): void {
  for (const [tab, rows] of now) {
    const seqs = rows.map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      rows.map((_, index) => index + 1),
    );
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, "no row is there twice");
    const earlier = before.get(tab) ?? [];
    assert.deepEqual(rows.slice(0, earlier.length), earlier);
  }
  for (const tab of before.keys()) assert.ok(now.has(tab), "every chat is still there");
}

function assertShown(shown: ReadonlyMap<string, string>, left: Left): void {
  const places = new Map([...left.values()].flat().map(({ tabId, seq, id }) => [`${tabId} ${seq}`, id]));
  for (const [place, id] of shown) assert.equal(places.get(place), id, `a view was shown row ${place}`);
}

function assertSent(sent: readonly string[], left: Left): void {
  const known = new Set([...left.values()].flat().flatMap(idsOf));
  for (const id of sent) assert.ok(known.has(id), `a server was sent ${id}, which the log does not have`);
}

function assertRanOnce(words: readonly string[], left: Left): void {
  const known = new Map<string, number>();
  for (const row of [...left.values()].flat()) {
    const word = row.type === "tool_call" ? wordOf(row.data.argumentsText) : undefined;
    if (word !== undefined) known.set(word, (known.get(word) ?? 0) + 1);
  }
  const twice = words.find((word, index) => words.indexOf(word) !== index);
  if (twice !== undefined) {
    const lines = [...left.values()].map(rowLines).find((one) => one.includes(twice));
    assert.fail(`${twice} has run twice\n${lines}`);
  }
  for (const word of words) assert.equal(known.get(word), 1, `${word} ran, and its call is in the log`);
}

function rowsIn(message: ToView): readonly Row[] {
  switch (message.type) {
    case "snapshot":
    case "window":
      return message.window.rows;
    case "rows":
    case "older":
      return message.rows;
    default:
      return [];
  }
}

const idsOf = (row: Row): readonly string[] => {
  if (row.type === "tool_call") return [`call ${row.data.callId}`];
  return row.type === "tool_result" ? [`result ${row.data.callId}`] : [];
};

/** The calls and results that a request carried. */
function idsIn(body: Buffer): readonly string[] {
  const request: unknown = JSON.parse(body.toString());
  const messages = isFields(request) ? listOf(request.messages).filter(isFields) : [];
  return messages
    .flatMap(({ content }) => listOf(content).filter(isFields))
    .flatMap((block) => {
      if (block.type === "tool_use") return [`call ${textOf(block.id)}`];
      return block.type === "tool_result" ? [`result ${textOf(block.tool_use_id)}`] : [];
    });
}
