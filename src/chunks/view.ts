/** What a view knows, as a fold of the messages that it gets. Pure: the webview and the tests share it. */
import { applyLive, settleLive } from "./live";
import type { FromView, Live, Setup, TabEvent, TabState, ToView } from "./protocol";
import { assertNever } from "./rows";
import {
  bounded,
  isAtEnd,
  mergeTurns,
  type Reading,
  type TabView,
  withNewer,
  withOlder,
  withRows,
  withWindow,
} from "./tab-view";

export { applyLive, LIVE_OUTPUT_LIMIT, settleLive } from "./live";
export { isAtEnd, type Reading, type TabView } from "./tab-view";

export type ViewState = {
  /** Absent until the first snapshot. */
  readonly setup?: Setup;
  readonly tabs: readonly TabState[];
  /** Empty until the first snapshot. */
  readonly active: string;
  /** Tabs that were chosen in this view, the oldest first, and that the host has not answered yet. The last one is in front. */
  readonly choices: readonly string[];
  /** By tab id. A tab that was never shown has none. */
  readonly views: ReadonlyMap<string, TabView>;
};

export type Applied = { readonly state: ViewState; readonly ask?: FromView };

export const emptyView: ViewState = { tabs: [], active: "", choices: [], views: new Map() };

/**
 * The state after a message, and what to send to the host if a revision was missed. What a message does not touch
 * keeps its identity, so that a renderer can compare with `===`.
 */
export function applyToView(state: ViewState, message: ToView): Applied {
  switch (message.type) {
    case "snapshot": {
      const { setup, tabs, active, window } = message;
      const views = new Map([[window.tab, withWindow(state.views.get(window.tab), window)]]);
      return { state: { setup, tabs, active, choices: [], views } };
    }
    case "setup":
      return { state: { ...state, setup: message.setup } };
    case "tabs":
      return { state: withTabs(state, message.tabs, message.active) };
    case "window":
      return {
        state: withView(state, message.window.tab, withWindow(state.views.get(message.window.tab), message.window)),
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
    case "newer": {
      const view = state.views.get(message.tab);
      const next = view === undefined ? undefined : withNewer(view, message);
      return { state: next === undefined || next === view ? state : withView(state, message.tab, next) };
    }
    case "recent":
    case "offers":
    case "modes":
    case "turnDetails":
    case "picture":
    case "focusComposer":
    case "confirmClose":
      return { state };
    default:
      return assertNever(message);
  }
}

/**
 * Brings a tab to the front at once; the host is to be sent `selectTab` and answers with `tabs`. What it says of the time
 * before does not bring another one back. A tab that is not open changes nothing.
 */
export function chooseTab(state: ViewState, tab: string): ViewState {
  return state.tabs.some(({ id }) => id === tab) ? { ...state, active: tab, choices: [...state.choices, tab] } : state;
}

/**
 * Bounds what is loaded of a tab. See `bounded`.
 * @param reading the rows on the screen; without it the end is followed.
 */
export function boundView(
  state: ViewState,
  tab: string,
  bound: number,
  reading?: Reading,
  side?: "oldest" | "newest",
): ViewState {
  const view = state.views.get(tab);
  const now = view === undefined ? undefined : bounded(view, bound, reading, side);
  return now === undefined || now === view ? state : withView(state, tab, now);
}

/** The reader goes to the end. Nothing changes until the newest window is there, which is asked for when it must be. */
export function goToEnd(state: ViewState, tab: string): Applied {
  const view = state.views.get(tab);
  if (view === undefined || isAtEnd(view) || view.leaving) return { state };
  return { state: withView(state, tab, { ...view, leaving: true }), ask: { type: "sync", tab } };
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
      return withLive(withRows(view, event.rows), settleLive(view.live, event.rows));
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

const unknownView: TabView = {
  ...{ rev: 0, rows: [], upTo: 0, lastSeq: 0 },
  ...{ turns: [], hasOlder: false, approvals: [], syncing: false },
};

/** Asks for what was missed: the rows after the newest one that is known of, where there is one. */
function askForWindow(state: ViewState, tab: string, view: TabView): Applied {
  const ask: FromView =
    view.rows.length === 0 || view.leaving ? { type: "sync", tab } : { type: "sync", tab, after: view.lastSeq };
  return { state: withView(state, tab, { ...view, syncing: true }), ask };
}

function withTabs(state: ViewState, tabs: readonly TabState[], active: string): ViewState {
  const open = new Set(tabs.map((tab) => tab.id));
  const closed = [...state.views.keys()].some((id) => !open.has(id));
  const views = closed ? new Map([...state.views].filter(([id]) => open.has(id))) : state.views;
  const waiting = state.choices.filter((id) => open.has(id));
  const choices = waiting[0] === active ? waiting.slice(1) : waiting;
  return { ...state, tabs, active: choices.at(-1) ?? active, choices, views };
}

function withView(state: ViewState, tab: string, view: TabView): ViewState {
  return { ...state, views: new Map(state.views).set(tab, view) };
}

function withLive(view: TabView, live: Live | undefined): TabView {
  if (live === view.live) return view;
  const { live: _, ...rest } = view;
  return live === undefined ? rest : { ...rest, live };
}
