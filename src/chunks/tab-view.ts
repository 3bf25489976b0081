/** The loaded part of one tab: how windows, pages and a bound change it. Pure. */
import { newestOf, oldestOf } from "./cut";
import { mergeRows } from "./merge";
import type { ApprovalCard, Live, ToView, TurnSummary, Window } from "./protocol";
import type { Row } from "./rows";

/** The part of one tab that is loaded: its newest rows, or a part of its history. */
export type TabView = {
  readonly rev: number;
  /** A run of the tab's rows in order of seq, without gaps. */
  readonly rows: readonly Row[];
  /** The run reaches up to this seq. */
  readonly upTo: number;
  /** The newest row of the tab that is known of, loaded or not; 0 without any. */
  readonly lastSeq: number;
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
  readonly live?: Live;
  readonly approvals: readonly ApprovalCard[];
  /** A revision was missed and asked for: events are ignored until the window comes. */
  readonly syncing: boolean;
  /** The reader goes to the end: the newest window takes the place of these rows. */
  readonly leaving?: true;
};

/** The seqs of the rows that are on the screen. */
export type Reading = { readonly from: number; readonly to: number };

/** Whether the newest rows are loaded, so that new ones join them. */
export function isAtEnd(view: TabView): boolean {
  return view.upTo >= view.lastSeq;
}

/** The window replaces what is loaded, except what it does not say anything new about: rows never change. */
export function withWindow(view: TabView | undefined, window: Window): TabView {
  const { rev, rows, upTo, lastSeq, turns, hasOlder, live, approvals } = window;
  const now = { rev, approvals, syncing: false, ...(live === undefined ? {} : { live }) };
  const fresh = { ...now, rows, upTo, lastSeq, turns, hasOlder };
  const first = view?.rows[0]?.seq;
  // A part of the history is sent only to those who asked for it.
  if (view === undefined || first === undefined || view.leaving || upTo < lastSeq) return fresh;
  const kept = { ...now, turns: mergeTurns(view.turns, turns), hasOlder: view.hasOlder };
  if (!isAtEnd(view)) return { ...kept, rows: view.rows, upTo: view.upTo, lastSeq: Math.max(lastSeq, view.lastSeq) };
  const joins =
    window.after === undefined
      ? first < (rows[0]?.seq ?? 0) && view.upTo >= (rows[0]?.seq ?? 0)
      : first <= window.after && view.upTo >= window.after;
  if (!joins) return fresh;
  const end = Math.max(upTo, view.upTo);
  return { ...kept, rows: mergeRows(view.rows, rows), upTo: end, lastSeq: end };
}

/** Rows that were just sealed. They join only the end. */
export function withRows(view: TabView, added: readonly Row[]): TabView {
  const lastSeq = Math.max(view.lastSeq, added.at(-1)?.seq ?? 0);
  return isAtEnd(view) ? { ...view, rows: mergeRows(view.rows, added), upTo: lastSeq, lastSeq } : { ...view, lastSeq };
}

/** A page counts only if it reaches the rows that are there: one that was asked for before they changed would leave a hole. */
export function withOlder(view: TabView, page: Extract<ToView, { type: "older" }>): TabView {
  const first = view.rows[0]?.seq;
  const begins = page.rows[0]?.seq ?? page.before;
  if (first === undefined || page.before < first || begins > view.upTo + 1) return view;
  const end = Math.max(view.upTo, page.rows.at(-1)?.seq ?? 0);
  return {
    ...view,
    rows: mergeRows(view.rows, page.rows),
    upTo: end,
    lastSeq: Math.max(view.lastSeq, end),
    turns: mergeTurns(view.turns, page.turns),
    hasOlder: begins <= first ? page.hasOlder : view.hasOlder,
  };
}

/** As `withOlder`, at the other end. */
export function withNewer(view: TabView, page: Extract<ToView, { type: "newer" }>): TabView {
  const first = view.rows[0]?.seq;
  if (first === undefined || page.after > view.upTo || page.upTo < first - 1) return view;
  const rows = mergeRows(view.rows, page.rows);
  const end = Math.max(view.upTo, page.upTo);
  const isOlder = (rows[0]?.seq ?? first) < first;
  return {
    ...view,
    rows,
    upTo: end,
    lastSeq: Math.max(view.lastSeq, end),
    turns: mergeTurns(view.turns, page.turns),
    hasOlder: isOlder ? page.after > 0 : view.hasOlder,
  };
}

/** Each turn once, as it ended last: one that was resumed ends again. */
export function mergeTurns(a: readonly TurnSummary[], b: readonly TurnSummary[]): readonly TurnSummary[] {
  if (b.length === 0) return a;
  const byId = new Map(a.map((turn) => [turn.turnId, turn]));
  for (const turn of b) {
    const before = byId.get(turn.turnId);
    if (before === undefined || before.endedAt <= turn.endedAt) byId.set(turn.turnId, turn);
  }
  return [...byId.values()];
}

/**
 * Lets go of rows until there are no more than `bound`, whole turns where that fits. Rows on the screen stay, so there
 * can be more while a page is loaded next to more of them than the bound allows.
 * @param reading without it the end is followed: the oldest go, with some to spare, so that it does not happen at each row.
 * @param side the rows that go first. Without it: those that are further away from the screen.
 */
export function bounded(
  view: TabView,
  bound: number,
  reading: Reading | undefined,
  side?: "oldest" | "newest",
): TabView {
  const { rows } = view;
  if (rows.length <= bound) return view;
  if (reading === undefined) return keeping(view, newestOf(rows, Math.ceil(bound * 0.75)));
  const above = rows.filter((row) => row.seq < reading.from).length;
  const below = rows.filter((row) => row.seq > reading.to).length;
  const seen = Math.min(rows.length - above - below, bound);
  if ((side ?? (below >= above ? "newest" : "oldest")) === "oldest") {
    const needed = below + seen;
    return keeping(view, newestOf(rows, Math.max(bound, needed), Math.max(Math.ceil(bound / 2), needed)));
  }
  const needed = above + seen;
  return keeping(view, oldestOf(rows, Math.max(bound, needed), Math.max(Math.ceil(bound / 2), needed)));
}

function keeping(view: TabView, rows: readonly Row[]): TabView {
  if (rows.length === view.rows.length) return view;
  const ids = new Set(rows.map((row) => row.turnId));
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    ...view,
    rows,
    upTo: last === view.rows.at(-1) ? view.upTo : (last?.seq ?? 0),
    turns: view.turns.filter((turn) => ids.has(turn.turnId)),
    hasOlder: view.hasOlder || first !== view.rows[0],
  };
}
