/**
 * A tab that lives and a view of it at the other end of a line, for property tests: events can be lost, pages come late,
 * and the view loads, leaves and lets go as it likes.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { newestOf, oldestOf } from "../../src/chunks/cut";
import { applyLive, settleLive } from "../../src/chunks/live";
import type {
  FromView,
  Live,
  LiveEvent,
  TabEvent,
  TabState,
  ToView,
  TurnSummary,
  Window,
} from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import {
  applyToView,
  boundView,
  emptyView,
  goToEnd,
  isAtEnd,
  type TabView,
  type ViewState,
} from "../../src/chunks/view";

/** Rows that the view may hold, and rows of a page. */
const BOUND = 8;
const PAGE = 4;

export type Act =
  | { readonly act: "rows"; readonly count: number; readonly isLost: boolean }
  | { readonly act: "live"; readonly event: LiveEvent; readonly isLost: boolean }
  | { readonly act: "cards" | "turn"; readonly isLost: boolean }
  | { readonly act: "queue" | "older" | "newer" | "sync" | "toEnd" | "reload" | "snapshot" | "latePage" }
  | { readonly act: "around"; readonly seq: number }
  | { readonly act: "deliver"; readonly count: number }
  | { readonly act: "bound"; readonly at: number; readonly side: "oldest" | "newest" | undefined }
  | { readonly act: "follow" };

const anyLive: fc.Arbitrary<LiveEvent> = fc.oneof(
  fc
    .record({ turnId: fc.constantFrom("t1", "t2"), step: fc.nat(3) })
    .map((at): LiveEvent => ({ kind: "begin", ...at, startedAt: 1 })),
  fc.nat(3).map((index): LiveEvent => ({ kind: "block", index, block: { kind: "text", text: "b" } })),
  fc.nat(3).map((index): LiveEvent => ({ kind: "delta", index, text: "d" })),
  fc.constantFrom("c1", "c2", "c3").map((callId): LiveEvent => {
    return { kind: "tool", tool: { callId, state: "running", startedAt: 1, output: "" } };
  }),
  fc.constantFrom("c1", "c2", "c3").map((callId): LiveEvent => ({ kind: "output", callId, text: "o" })),
  fc.constantFrom<LiveEvent>({ kind: "discard" }, { kind: "end" }),
);

type Page = Extract<ToView, { readonly type: "older" | "newer" }>;

const isLost = fc.nat(7).map((n) => n === 0);

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant("rows" as const), count: fc.nat(5), isLost }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("live" as const), event: anyLive, isLost }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("cards" as const, "turn" as const), isLost }) },
  {
    weight: 12,
    arbitrary: fc
      .constantFrom(
        "queue",
        "older",
        "older",
        "older",
        "newer",
        "newer",
        "sync",
        "toEnd",
        "reload",
        "snapshot",
        "latePage",
        "latePage",
        "latePage",
      )
      .map((act): Act => ({ act }) as const),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("around" as const), seq: fc.integer({ min: 1, max: 80 }) }) },
  { weight: 6, arbitrary: fc.record({ act: fc.constant("deliver" as const), count: fc.nat(6) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ act: fc.constant("bound" as const), at: fc.nat(12) },
      side: fc.constantFrom("oldest" as const, "newest" as const, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ act: "follow" }) },
);

const tab: TabState = {
  ...{ id: "tab", title: "Chat", status: "idle", activity: { kind: "idle" } },
  ...{ draft: "", queue: [], modelLabel: "m", mode: "ask" },
};

export function createLine(log: readonly Row[]) {
  const host = createHost(log);
  /** What the host has posted and the view has not got. */
  const line: ToView[] = [];
  /** Pages whose rows were read and that are not posted yet. What is known of their turns is added then. */
  const late: Page[] = [];
  let state: ViewState = emptyView;

  const ask = (message: FromView): void => {
    const answer = host.answer(message);
    if (answer?.type === "older" || answer?.type === "newer") late.push(answer);
    else if (answer !== undefined) line.push(answer);
  };
  const receive = (message: ToView): void => {
    const applied = applyToView(state, message);
    state = applied.state;
    if (applied.ask !== undefined) ask(applied.ask);
  };
  const send = (event: ToView | undefined, lost: boolean): void => {
    if (event !== undefined && !lost) line.push(event);
  };
  const view = (): TabView | undefined => state.views.get("tab");
  const deliver = (count: number): void => {
    for (const message of line.splice(0, count)) receive(message);
  };
  const drain = (): void => {
    while (line.length + late.length > 0) {
      deliver(line.length);
      line.push(...late.splice(0).map(host.withTurns));
    }
  };
  const toEnd = (): void => {
    const applied = goToEnd(state, "tab");
    state = applied.state;
    if (applied.ask !== undefined) ask(applied.ask);
  };
  receive(host.snapshot());

  const play = (act: Act): void => {
    const rows = view()?.rows ?? [];
    switch (act.act) {
      case "rows":
        send(host.rows(act.count), act.isLost);
        break;
      case "live":
        send(host.live(act.event), act.isLost);
        break;
      case "cards":
        send(host.cards(), act.isLost);
        break;
      case "turn":
        send(host.turn(), act.isLost);
        break;
      case "queue":
        send(host.queue(), false);
        break;
      case "older":
        if (rows[0] !== undefined) ask({ type: "loadOlder", tab: "tab", before: rows[0].seq });
        break;
      case "newer":
        ask({ type: "loadNewer", tab: "tab", after: view()?.upTo ?? 0 });
        break;
      case "around":
        ask({ type: "loadAround", tab: "tab", seq: act.seq });
        break;
      case "sync":
        ask({ type: "sync", tab: "tab" });
        break;
      case "toEnd":
        toEnd();
        break;
      case "snapshot":
        send(host.snapshot(), false);
        break;
      case "reload":
        line.length = 0;
        late.length = 0;
        state = emptyView;
        receive(host.snapshot());
        break;
      case "latePage":
        line.push(...late.splice(0, 1).map(host.withTurns));
        break;
      case "deliver":
        deliver(act.count);
        break;
      case "bound": {
        const seq = rows[Math.min(act.at, rows.length - 1)]?.seq ?? 1;
        state = boundView(state, "tab", BOUND, { from: seq, to: seq + 2 }, act.side);
        break;
      }
      case "follow":
        state = boundView(state, "tab", BOUND);
    }
  };

  return {
    play,
    /** What is loaded is always a part of the log, and no more of it than the bound and what came since allow. */
    check() {
      const { rows, upTo, lastSeq } = view() ?? { rows: [], upTo: 0, lastSeq: 0 };
      assert.deepEqual(rows, rows.length === 0 ? [] : log.slice((rows[0]?.seq ?? 1) - 1, upTo));
      assert.ok(upTo <= lastSeq && lastSeq <= log.length);
      const followed = boundView(state, "tab", BOUND).views.get("tab");
      assert.ok(followed === undefined || followed.rows.length <= BOUND);
    },
    /** Everything arrives, and the view goes to the end. */
    finish() {
      drain();
      receive(host.cards()); // whatever was lost at last is noticed with the next event
      drain();
      toEnd();
      drain();
      state = boundView(state, "tab", BOUND);
    },
    shown: () => summary(state),
    /** What a view that comes now has, of the rows that this one has too. */
    fresh() {
      const first = view()?.rows[0]?.seq ?? 1;
      return summary(applyToView(emptyView, host.whole(first)).state);
    },
  };
}

/** What is drawn: the line of a turn that is not loaded is kept for the page that brings it, and shown nowhere. */
function summary(state: ViewState) {
  const view = state.views.get("tab");
  const loaded = new Set(view?.rows.map((row) => row.turnId));
  const turns = view?.turns
    .filter((turn) => loaded.has(turn.turnId))
    .toSorted((a, b) => a.turnId.localeCompare(b.turnId));
  return { tabs: state.tabs, view: { ...view, turns }, isAtEnd: view !== undefined && isAtEnd(view) };
}

/** A tab that seals and streams: it can tell what it is at any time, as `readWindow` of a real one does. */
function createHost(log: readonly Row[]) {
  let rev = 1;
  let sealed = Math.floor(log.length / 2);
  let clock = 0;
  let queued = 0;
  let asks = false;
  let live: Live | undefined;
  const ended = new Map<string, TurnSummary>();

  const state = (): TabState => ({
    ...tab,
    queue: queued % 2 === 0 ? [] : [{ id: `q${queued}`, text: "x", createdAt: 1 }],
  });
  const cardsNow = () =>
    asks
      ? [
          {
            ...{ id: "a", tab: "tab", callId: "c1", tool: "run_shell", title: "Run?", risk: "" },
            subject: { kind: "command", command: "ls", cwd: "/" } as const,
          },
        ]
      : [];
  const summariesOf = (rows: readonly Row[]) =>
    [...new Set(rows.map((row) => row.turnId))].flatMap((id) => ended.get(id) ?? []);
  const page = (rows: readonly Row[]) => ({ rows, turns: summariesOf(rows), hasOlder: (rows[0]?.seq ?? 1) > 1 });
  const at = () => ({
    ...{ tab: "tab", rev, upTo: sealed, lastSeq: sealed, approvals: cardsNow() },
    ...(live === undefined ? {} : { live }),
  });
  const windowOf = (rows: readonly Row[]): Window => ({ ...at(), ...page(rows) });
  const newest = () => windowOf(newestOf(log.slice(0, sealed), PAGE));
  const snapshotOf = (window: Window): ToView => ({
    ...{ type: "snapshot", tabs: [state()], active: "tab", window },
    setup: { key: { kind: "ready" }, demo: false, banners: [], rowsInView: BOUND },
  });
  const next = <T extends TabEvent>(event: T): T => event;

  return {
    withTurns: (page: Page): Page => ({ ...page, turns: summariesOf(page.rows) }),
    snapshot: () => snapshotOf(newest()),
    whole: (first: number) => snapshotOf(windowOf(log.slice(first - 1, sealed))),
    rows(count: number): TabEvent | undefined {
      const rows = log.slice(sealed, sealed + count);
      if (rows.length === 0) return undefined;
      sealed += rows.length;
      live = settleLive(live, rows);
      return next({ type: "rows", tab: "tab", rev: ++rev, rows });
    },
    live(event: LiveEvent): TabEvent {
      live = applyLive(live, event);
      return next({ type: "live", tab: "tab", rev: ++rev, event });
    },
    cards(): TabEvent {
      asks = !asks;
      return next({ type: "approvals", tab: "tab", rev: ++rev, cards: cardsNow() });
    },
    /** The turn of the newest row ends, perhaps once more: it may have been resumed. */
    turn(): TabEvent | undefined {
      const turnId = log[sealed - 1]?.turnId;
      if (turnId === undefined) return undefined;
      const turn: TurnSummary = {
        ...{ turnId, steps: 1, startedAt: 1, endedAt: ++clock, endReason: "done" },
        usage: { fresh: 0, read: 0, written: 0, output: clock },
      };
      ended.set(turnId, turn);
      return next({ type: "turn", tab: "tab", rev: ++rev, turn });
    },
    queue(): ToView {
      queued += 1;
      return { type: "tab", tab: state() };
    },
    answer(message: FromView): ToView | undefined {
      switch (message.type) {
        case "loadOlder": {
          const rows = newestOf(log.slice(0, Math.min(sealed, message.before - 1)), PAGE);
          return { type: "older", tab: "tab", before: message.before, ...page(rows) };
        }
        case "loadNewer": {
          const rows = oldestOf(log.slice(message.after, sealed), PAGE);
          const { hasOlder: _, ...found } = page(rows);
          return { type: "newer", tab: "tab", after: message.after, ...found, upTo: rows.at(-1)?.seq ?? message.after };
        }
        case "loadAround": {
          const from = Math.max(1, Math.min(message.seq, sealed) - PAGE / 2);
          const rows = log.slice(from - 1, Math.min(sealed, from - 1 + PAGE));
          return { type: "window", window: { ...windowOf(rows), upTo: Math.min(sealed, from - 1 + PAGE) } };
        }
        case "sync": {
          const { after } = message;
          if (after === undefined) return { type: "window", window: newest() };
          if (sealed - after > PAGE) {
            const window = newest();
            const turns = summariesOf([...log.slice(Math.max(0, after - 1), after), ...window.rows]);
            return { type: "window", window: { ...window, turns } };
          }
          const rows = log.slice(after, sealed);
          const turns = summariesOf(log.slice(Math.max(0, after - 1), sealed));
          return { type: "window", window: { ...windowOf(rows), after, turns, hasOlder: after > 0 } };
        }
        default:
          return undefined;
      }
    },
  };
}
