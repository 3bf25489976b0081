import assert from "node:assert/strict";
import fc from "fast-check";
import type { FromView, Setup, TabEvent, TabState, ToView, Window } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { applyToView, chooseTab, emptyView, type ViewState } from "../../src/chunks/view";
import { rowLog } from "../support/rows";

const setup: Setup = { key: { kind: "ready" }, demo: false, banners: [], rowsInView: 400 };
const tab: TabState = {
  id: "tab",
  title: "Chat",
  status: "idle",
  activity: { kind: "idle" },
  draft: "",
  queue: [],
  modelLabel: "m",
  mode: "ask",
};

function windowAt(rev: number, rows: readonly Row[], hasOlder = false): Window {
  const upTo = rows.at(-1)?.seq ?? 0;
  return { tab: "tab", rev, rows, upTo, lastSeq: upTo, turns: [], hasOlder, approvals: [] };
}

function opened(window: Window): ViewState {
  return applyToView(emptyView, { type: "snapshot", setup, tabs: [tab], active: "tab", window }).state;
}

function play(state: ViewState, messages: readonly ToView[]): { state: ViewState; asked: readonly FromView[] } {
  const asked: FromView[] = [];
  for (const message of messages) {
    const applied = applyToView(state, message);
    state = applied.state;
    if (applied.ask !== undefined) asked.push(applied.ask);
  }
  return { state, asked };
}

function threeTurns(): readonly Row[] {
  const log = rowLog();
  for (const word of ["a", "b", "c"]) {
    log.turn(word);
    log.step().text("one").call(`c-${word}`).result(`c-${word}`).step().text("two");
  }
  return log.rows;
}

describe("the view's state", () => {
  it("follows the events of a tab in order of revision", () => {
    const rows = threeTurns();
    const { state, asked } = play(opened(windowAt(4, rows.slice(0, 5))), [
      { type: "live", tab: "tab", rev: 5, event: { kind: "begin", turnId: "t2", step: 1, startedAt: 1 } },
      { type: "live", tab: "tab", rev: 6, event: { kind: "block", index: 0, block: { kind: "text", text: "on" } } },
      { type: "rows", tab: "tab", rev: 7, rows: rows.slice(5, 8) },
    ]);
    assert.deepEqual(asked, []);
    assert.deepEqual(state.views.get("tab"), {
      ...{ rev: 7, rows: rows.slice(0, 8), upTo: 8, lastSeq: 8, turns: [], hasOlder: false },
      ...{ approvals: [], syncing: false },
      live: { turnId: "t2", step: 1, startedAt: 1, blocks: [], tools: [] },
    });
  });

  it("asks once for the window when a revision is missing, and goes on from there", () => {
    const rows = threeTurns();
    const missed = play(opened(windowAt(4, rows.slice(0, 3))), [
      { type: "rows", tab: "tab", rev: 6, rows: rows.slice(6, 7) },
      { type: "rows", tab: "tab", rev: 7, rows: rows.slice(7, 8) },
    ]);
    assert.deepEqual(missed.asked, [{ type: "sync", tab: "tab", after: 3 }]);
    assert.deepEqual(missed.state.views.get("tab")?.rows, rows.slice(0, 3));
    const { state, asked } = play(missed.state, [
      { type: "window", window: windowAt(7, rows.slice(0, 8)) },
      { type: "rows", tab: "tab", rev: 8, rows: rows.slice(8, 9) },
    ]);
    assert.deepEqual([asked, state.views.get("tab")?.rows], [[], rows.slice(0, 9)]);
  });

  it("asks for the active tab when it has no window, and lets other tabs be", () => {
    const event: TabEvent = { type: "approvals", tab: "other", rev: 1, cards: [] };
    const state = opened(windowAt(1, []));
    assert.deepEqual(play(state, [event]), { state, asked: [] });
    const selected = play(state, [
      { type: "tabs", tabs: [tab, { ...tab, id: "other" }], active: "other" },
      event,
      event,
    ]);
    assert.deepEqual(selected.asked, [{ type: "sync", tab: "other" }]);
  });

  it("forgets the rows of closed tabs", () => {
    const { state } = play(opened(windowAt(1, threeTurns())), [{ type: "tabs", tabs: [], active: "" }]);
    assert.equal(state.views.size, 0);
  });

  it("puts older pages in front, and refuses one that would leave a hole", () => {
    const rows = threeTurns();
    const page = (before: number, from: number, hasOlder: boolean): ToView => {
      const found = rows.filter((row) => row.seq >= from && row.seq < before);
      return { type: "older", tab: "tab", before, rows: found, turns: [], hasOlder };
    };
    const start = opened(windowAt(1, rows.slice(9), true));
    const loaded = play(start, [page(10, 6, true), page(6, 1, false)]).state.views.get("tab");
    assert.deepEqual([loaded?.rows, loaded?.hasOlder], [rows, false]);
    assert.equal(play(start, [page(6, 1, false)]).state, start);
  });

  it("keeps older pages when the window is sent again, unless a gap lies between", () => {
    const rows = threeTurns();
    const state = opened(windowAt(1, rows.slice(0, 9)));
    const again = play(state, [{ type: "window", window: windowAt(2, rows.slice(6), true) }]).state.views.get("tab");
    assert.deepEqual([again?.rows, again?.hasOlder, again?.rev], [rows, false, 2]);
    const far = play(state, [{ type: "window", window: windowAt(2, rows.slice(12), true) }]).state.views.get("tab");
    assert.deepEqual([far?.rows, far?.hasOlder], [rows.slice(12), true]);
  });

  it("leaves alone what a message does not touch", () => {
    const state = opened(windowAt(1, threeTurns()));
    const before = state.views.get("tab");
    const changed = play(state, [
      { type: "tab", tab: { ...tab, draft: "x" } },
      { type: "setup", setup: { ...setup, demo: true } },
      { type: "live", tab: "tab", rev: 2, event: { kind: "begin", turnId: "t9", step: 1, startedAt: 1 } },
    ]).state;
    assert.equal(changed.views.get("tab")?.rows, before?.rows);
    assert.equal(changed.views.get("tab")?.turns, before?.turns);
    assert.equal(changed.tabs[0]?.draft, "x");
    assert.equal(applyToView(state, { type: "focusComposer" }).state, state);
  });

  it("shows the tab that was chosen last until that was answered, and the host's in the end", () => {
    const tabs = ["a", "b", "c"].map((id) => ({ ...tab, id }));
    const act = fc.record({ do: fc.constantFrom("choose", "say", "up", "down"), id: fc.constantFrom("a", "b", "c") });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.boolean(), (acts, moves) => {
        let { state } = play(opened(windowAt(1, [])), [{ type: "tabs", tabs, active: "a" }]);
        let active = "a";
        const up: string[] = [];
        const down: ToView[] = [];
        const hear = (): void => {
          active = up.shift() ?? active;
          down.push({ type: "tabs", tabs, active });
        };
        const receive = (): void => {
          state = play(state, down.splice(0, 1)).state;
        };
        let chosen: string | undefined;
        for (const { do: what, id } of acts) {
          if (what === "choose") {
            up.push(id);
            state = chooseTab(state, id);
            chosen = id;
          } else if (what === "up" && up.length > 0) hear();
          else if (what === "down") receive();
          else if (what === "say" && moves) {
            active = id;
            down.push({ type: "tabs", tabs, active });
          }
          if (!moves && chosen !== undefined) assert.equal(state.active, chosen);
        }
        while (up.length > 0) hear();
        while (down.length > 0) receive();
        assert.deepEqual([state.active, state.choices], [active, []]);
      }),
    );
  });
});
