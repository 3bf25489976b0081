/** Two windows race for one log, the first of them paused, killed, slow: one writes, and every acknowledged row stays. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { findRows } from "../../src/store/queries";
import { openTestLog, range, temporaryFolder } from "./support";

const entry = path.join(__dirname, "window.entry.js");

type Window = {
  readonly child: ChildProcess;
  readonly kind: () => string;
  /** `SEQ ID` of each row that was acknowledged. */
  readonly saved: readonly string[];
  readonly until: (holds: () => boolean) => Promise<void>;
  readonly kill: () => Promise<void>;
};

describe("two windows on one log", () => {
  let folder: string;
  let remove: () => void;
  const windows: Window[] = [];
  let names = 0;
  beforeEach(() => {
    ({ folder, remove } = temporaryFolder("two-windows"));
  });
  afterEach(async () => {
    for (const window of windows.splice(0)) await window.kill();
    remove();
  });

  async function open(syncMs = 0): Promise<Window> {
    names += 1;
    const args = [entry, folder, `w${names}`, String(syncMs)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const saved: string[] = [];
    const waiting = new Set<() => void>();
    let kind = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("saved ")) saved.push(line.slice("saved ".length));
      else kind = line;
      for (const check of [...waiting]) check();
    });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const window: Window = {
      child,
      kind: () => kind,
      saved,
      until: (holds) =>
        new Promise((resolve) => {
          const check = (): void => {
            if (!holds()) return;
            waiting.delete(check);
            resolve();
          };
          waiting.add(check);
          check();
        }),
      kill() {
        child.kill("SIGKILL");
        return ended;
      },
    };
    windows.push(window);
    await window.until(() => kind !== "");
    return window;
  }

  const saves = (window: Window, count: number): Promise<void> => {
    const wanted = window.saved.length + count;
    return window.until(() => window.saved.length >= wanted);
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  /** Ends all windows; then each acknowledged row is there, at its place, and none is there twice. */
  async function assertWhole(): Promise<void> {
    for (const window of windows) await window.kill();
    const log = await openTestLog(folder);
    const rows = findRows(log.database, "tab-1", 1, Number.MAX_SAFE_INTEGER).records;
    log.close();
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      range(1, rows.length),
    );
    const saved = windows.flatMap((window) => window.saved);
    const there = new Set(rows.map(({ seq, id }) => `${seq} ${id}`));
    assert.equal(saved.length > 0, true);
    assert.deepEqual(
      saved.filter((one) => !there.has(one)),
      [],
    );
    assert.equal(new Set(saved.map((one) => one.split(" ")[0])).size, saved.length, "one seq was given twice");
  }

  it("never take the place of one that is paused", async () => {
    const first = await open();
    await saves(first, 20);
    const second = await open();
    assert.equal(second.kind(), "reader");
    for (let round = 0; round < 5; round += 1) {
      first.child.kill("SIGSTOP");
      await pause(200); // several tries of the second one to take over
      assert.deepEqual([second.kind(), second.saved], ["reader", []]);
      first.child.kill("SIGCONT");
      await saves(first, 20);
    }
    await assertWhole();
  }).timeout(60_000);

  it("follow one that was killed, at any moment, one of them", async () => {
    let writer = await open();
    let others = [await open(), await open()];
    for (let round = 0; round < 15; round += 1) {
      await saves(writer, 1 + (round % 7) * 5);
      await pause(Math.random() * 10);
      await writer.kill();
      await Promise.race(others.map((other) => other.until(() => other.kind() === "writer")));
      const next = others.find((other) => other.kind() === "writer");
      assert.ok(next);
      await saves(next, 1);
      others = others.filter((other) => other !== next);
      assert.deepEqual(
        others.map((other) => [other.kind(), other.saved]),
        [["reader", []]],
      );
      writer = next;
      others = [...others, await open()];
    }
    await assertWhole();
  }).timeout(120_000);

  it("wait for one whose disk is slow, also while it opens, writes and is killed", async () => {
    let slow = await open(40);
    for (let round = 0; round < 4; round += 1) {
      const next = open(40); // while the other one is at work
      await saves(slow, 3);
      const second = await next;
      assert.deepEqual([second.kind(), second.saved], ["reader", []]);
      if (round % 2 === 0) slow.child.kill("SIGSTOP");
      await pause(100);
      assert.deepEqual([second.kind(), second.saved], ["reader", []]);
      await slow.kill();
      await second.until(() => second.kind() === "writer");
      await saves(second, 3);
      slow = second;
    }
    await assertWhole();
  }).timeout(60_000);
});
