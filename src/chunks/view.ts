/** What a view knows, as a fold of the messages that it gets. Pure: the webview and the tests share it. */
import { applyLive, settleLive } from "./live";
import { mergeRows } from "./merge";
import type { ApprovalCard, FromView, Live, Setup, TabEvent, TabState, ToView, TurnSummary, Window } from "./protocol";
import { assertNever, type Row } from "./rows";

export { applyLive, LIVE_OUTPUT_LIMIT, settleLive } from "./live";

export type ViewState = {
  /** Absent until the first snapshot. */
  readonly setup?: Setup;
  readonly tabs: readonly TabState[];
  /** Empty until the first snapshot. */
  readonly active: string;
  /** By tab id. A tab that was never shown has none. */
  readonly views: ReadonlyMap<string, TabView>;
};

/** The part of one tab that is loaded. */
export type TabView = {
  readonly rev: number;
  /** A run of the tab's rows in order of seq, without gaps. */
  readonly rows: readonly Row[];
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
  readonly live?: Live;
  readonly approvals: readonly ApprovalCard[];
  /** A revision was missed and the window was asked for: events are ignored until it comes. */
  readonly syncing: boolean;
};

export type Applied = { readonly state: ViewState; readonly ask?: FromView };

export const emptyView: ViewState = { tabs: [], active: "", views: new Map() };

/**
 * The state after a message, and what to send to the host if a revision was missed. What a message does not touch
 * keeps its identity, so that a renderer can compare with `===`.
 */
export function applyToView(state: ViewState, message: ToView): Applied {
  switch (message.type) {
    case "snapshot": {
      const { setup, tabs, active, window } = message;
      const views = new Map([[window.tab, mergeWindow(state.views.get(window.tab), window)]]);
      return { state: { setup, tabs, active, views } };
    }
    case "setup":
      return { state: { ...state, setup: message.setup } };
    case "tabs":
      return { state: withTabs(state, message.tabs, message.active) };
    case "window":
      return {
        state: withView(state, message.window.tab, mergeWindow(state.views.get(message.window.tab), message.window)),
      };
    case "tab": {
      const index = state.tabs.findIndex((tab) => tab.id === message.tab.id);
      return { state: index < 0 ? state : { ...state, tabs: state.tabs.with(index, message.tab) } };
    }
    case "rows":
    case "live":
    case "approvals":
    case "turn":
      return applyTabEvent(state, message);
    case "older": {
      const view = state.views.get(message.tab);
      const next = view === undefined ? undefined : withOlder(view, message);
      return { state: next === undefined || next === view ? state : withView(state, message.tab, next) };
    }
    case "recent":
    case "focusComposer":
    case "confirmClose":
      return { state };
    default:
      return assertNever(message);
  }
}

/**
 * Lets go of a tab's oldest rows, so that what is loaded stays bounded. Keeps the newest `keep` rows, and the rest of
 * the turn that the cut would fall into while that is no more than `keep` again.
 */
export function trimView(state: ViewState, tab: string, keep: number): ViewState {
  const view = state.views.get(tab);
  if (view === undefined || view.rows.length <= keep) return state;
  const cut = view.rows.length - keep;
  let start = cut;
  while (start > 0 && cut - start < keep && view.rows[start - 1]?.turnId === view.rows[cut]?.turnId) start -= 1;
  if (view.rows[start - 1]?.turnId === view.rows[cut]?.turnId) start = cut;
  if (start === 0) return state;
  return withView(state, tab, { ...view, rows: view.rows.slice(start), hasOlder: true });
}

function applyTabEvent(state: ViewState, event: TabEvent): Applied {
  const view = state.views.get(event.tab);
  if (view === undefined) {
    // Only the tab on screen needs its rows now; another one gets its window when it is selected.
    return event.tab === state.active ? askForWindow(state, event.tab, unknownView) : { state };
  }
  if (view.syncing) return { state };
  if (event.rev !== view.rev + 1) return askForWindow(state, event.tab, view);
  return { state: withView(state, event.tab, { ...afterEvent(view, event), rev: event.rev }) };
}

function afterEvent(view: TabView, event: TabEvent): TabView {
  switch (event.type) {
    case "rows":
      return withLive({ ...view, rows: mergeRows(view.rows, event.rows) }, settleLive(view.live, event.rows));
    case "live":
      return withLive(view, applyLive(view.live, event.event));
    case "approvals":
      return { ...view, approvals: event.cards };
    case "turn":
      return { ...view, turns: mergeTurns(view.turns, [event.turn]) };
    default:
      return assertNever(event);
  }
}

const unknownView: TabView = { rev: 0, rows: [], turns: [], hasOlder: false, approvals: [], syncing: false };

function askForWindow(state: ViewState, tab: string, view: TabView): Applied {
  return { state: withView(state, tab, { ...view, syncing: true }), ask: { type: "sync", tab } };
}

/** The window replaces everything but older rows that join it without a gap: rows never change, so they stay valid. */
function mergeWindow(view: TabView | undefined, window: Window): TabView {
  const { rev, turns, hasOlder, live, approvals } = window;
  const fresh = {
    rev,
    turns,
    hasOlder,
    approvals,
    rows: window.rows,
    syncing: false,
    ...(live === undefined ? {} : { live }),
  };
  const [oldest, first] = [view?.rows[0], window.rows[0]];
  if (view === undefined || oldest === undefined || first === undefined) return fresh;
  const joins = oldest.seq < first.seq && (view.rows.at(-1)?.seq ?? 0) >= first.seq - 1;
  if (!joins) return fresh;
  const rows = mergeRows(view.rows, window.rows);
  return { ...fresh, rows, turns: mergeTurns(view.turns, turns), hasOlder: view.hasOlder };
}

/** A page counts only if it reaches the rows that are there: one that was asked for before a trim would leave a hole. */
function withOlder(view: TabView, page: Extract<ToView, { type: "older" }>): TabView {
  const oldest = view.rows[0]?.seq ?? Number.POSITIVE_INFINITY;
  if (page.before < oldest) return view;
  const reaches = (page.rows[0]?.seq ?? oldest) <= oldest;
  return {
    ...view,
    rows: mergeRows(view.rows, page.rows),
    turns: mergeTurns(page.turns, view.turns),
    hasOlder: reaches ? page.hasOlder : view.hasOlder,
  };
}

/** Each turn once; of two with the same id the later one in place of the earlier. */
function mergeTurns(a: readonly TurnSummary[], b: readonly TurnSummary[]): readonly TurnSummary[] {
  if (b.length === 0) return a;
  const byId = new Map(a.map((turn) => [turn.turnId, turn]));
  for (const turn of b) byId.set(turn.turnId, turn);
  return [...byId.values()];
}

function withTabs(state: ViewState, tabs: readonly TabState[], active: string): ViewState {
  const open = new Set(tabs.map((tab) => tab.id));
  const closed = [...state.views.keys()].some((id) => !open.has(id));
  const views = closed ? new Map([...state.views].filter(([id]) => open.has(id))) : state.views;
  return { ...state, tabs, active, views };
}

function withView(state: ViewState, tab: string, view: TabView): ViewState {
  return { ...state, views: new Map(state.views).set(tab, view) };
}

function withLive(view: TabView, live: Live | undefined): TabView {
  if (live === view.live) return view;
  const { live: _, ...rest } = view;
  return live === undefined ? rest : { ...rest, live };
}
