/** Which part of a tab is loaded: cuts, bounds, pages, and that every order of them ends like a fresh load. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { newestOf, oldestOf, shortestOf } from "../../src/chunks/cut";
import type { Row } from "../../src/chunks/rows";
import { bounded, isAtEnd, type TabView } from "../../src/chunks/tab-view";
import { rowLog } from "../support/rows";
import { anyLog, logs } from "./logs";
import { anyAct, createLine } from "./view-line";

/** Turns of five rows: 1 to 5, 6 to 10, … */
function turns(count: number): readonly Row[] {
  const log = rowLog();
  for (let n = 0; n < count; n++) {
    log.turn("ask");
    log.step().text("one").call(`c${n}`).result(`c${n}`).step().text("two");
  }
  return log.rows;
}

/** One turn whose steps are a call and its result: 2 and 3, 4 and 5, … */
function giant(steps: number): readonly Row[] {
  const log = rowLog();
  log.turn("ask");
  for (let n = 0; n < steps; n++) log.step().call(`c${n}`).result(`c${n}`);
  return log.rows;
}

function loaded(rows: readonly Row[], change: Partial<TabView> = {}): TabView {
  const upTo = rows.at(-1)?.seq ?? 0;
  return {
    ...{ rev: 1, rows, upTo, lastSeq: upTo, turns: [], hasOlder: false, approvals: [], syncing: false },
    ...change,
  };
}

const span = (rows: readonly Row[]) => [rows[0]?.seq, rows.at(-1)?.seq];

describe("a cut", () => {
  it("falls between turns where that fits, else between steps, else anywhere", () => {
    const [short, long] = [turns(4), giant(10)];
    assert.deepEqual(
      [span(newestOf(short, 12)), span(oldestOf(short, 12)), span(newestOf(long, 8)), span(oldestOf(long, 8))],
      [
        [11, 20],
        [1, 10],
        [14, 21],
        [1, 7],
      ],
    );
    const flat = rowLog().text("a").text("b").text("c").text("d").rows;
    assert.deepEqual(
      [span(newestOf(flat, 3)), span(oldestOf(flat, 3))],
      [
        [2, 4],
        [1, 3],
      ],
    );
    assert.equal(newestOf(short, 20), short);
  });

  it("is as short as it may be for a window that is waited for, with the whole of its first turn where that fits", () => {
    const [short, long] = [turns(4), giant(10)];
    assert.deepEqual(
      [shortestOf(short, 6, 12), shortestOf(short, 5, 12), shortestOf(short, 6, 8), shortestOf(long, 7, 14)].map(span),
      [
        [11, 20],
        [16, 20],
        [16, 20],
        [16, 21],
      ],
    );
    assert.deepEqual(shortestOf(short, 30, 60), short);
  });

  it("keeps as much as it must, and never more than it may", () => {
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 70 }), fc.nat(70), (rows, most, least) => {
        for (const kept of [newestOf(rows, most, least), oldestOf(rows, most, least)]) {
          assert.ok(kept.length <= most);
          assert.ok(kept.length >= Math.min(rows.length, most, Math.max(1, least)) || least === 0);
        }
        assert.deepEqual(newestOf(rows, most, least), rows.slice(rows.length - newestOf(rows, most, least).length));
        assert.deepEqual(oldestOf(rows, most, least), rows.slice(0, oldestOf(rows, most, least).length));
      }),
    );
  });
});

describe("the bound", () => {
  it("lets the oldest turns go while the end is followed, with some to spare", () => {
    const view = bounded(loaded(turns(5)), 20, undefined);
    assert.deepEqual([span(view.rows), view.hasOlder, isAtEnd(view)], [[11, 25], true, true]);
    const fits = loaded(turns(4));
    assert.equal(bounded(fits, 20, undefined), fits);
  });

  it("lets go on the far side of what is read", () => {
    const all = loaded(turns(6));
    const near = (from: number, to: number) => bounded(all, 20, { from, to });
    const [top, bottom] = [near(6, 8), near(24, 26)];
    assert.deepEqual([span(top.rows), top.hasOlder, top.upTo, isAtEnd(top)], [[1, 20], false, 20, false]);
    assert.deepEqual([span(bottom.rows), bottom.hasOlder, isAtEnd(bottom)], [[11, 30], true, true]);
  });

  it("lets go where it is told to, but not of what is read", () => {
    const all = loaded(giant(20));
    const kept = (from: number, to: number, side: "oldest" | "newest") =>
      span(bounded(all, 20, { from, to }, side).rows);
    assert.deepEqual(kept(12, 14, "newest"), [1, 19]);
    assert.deepEqual(kept(12, 30, "newest"), [1, 30]);
    assert.deepEqual(kept(30, 32, "oldest"), [22, 41]);
    assert.deepEqual(kept(14, 32, "oldest"), [14, 41]);
  });

  it("holds also when all that is loaded is on the screen", () => {
    const view = bounded(loaded(giant(50)), 20, { from: 11, to: Number.POSITIVE_INFINITY }, "newest");
    assert.deepEqual(span(view.rows), [1, 30]);
  });
});

describe("what a view has loaded", () => {
  it("ends like a fresh load, whatever is lost, late, let go of or loaded anew on the way", () => {
    fc.assert(
      fc.property(
        logs({ minLength: 40, maxLength: 80 }),
        fc.array(anyAct, { maxLength: 80, size: "max" }),
        (rows, acts) => {
          const line = createLine(rows);
          for (const act of acts) {
            line.play(act);
            line.check();
          }
          line.finish();
          line.check();
          assert.deepEqual(line.shown(), line.fresh());
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
