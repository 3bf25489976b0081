/** The views that watch a session, and what each of them gets: events of the tab that it shows, in order, without holes. */
import type { Setup, TabEvent, TabState, ToView, Window } from "../chunks/protocol";
import type { Tab } from "./tab";
import type { View } from "./types";

type Watcher = {
  readonly post: (message: ToView) => void;
  /** The tab on screen; empty until `ready`. */
  shown: string;
  /** While a window is being read, the events that must follow it. */
  held: TabEvent[] | undefined;
};

export type Views = {
  readonly add: (view: View, post: (message: ToView) => void) => void;
  readonly remove: (view: View) => void;
  readonly all: (message: ToView) => void;
  readonly event: (event: TabEvent) => void;
  /** These resolve when what they read was sent. */
  readonly snapshot: (view: View, active: string) => Promise<void>;
  readonly snapshotAll: (active: string) => Promise<void>;
  readonly window: (view: View, tab: string) => Promise<void>;
  readonly older: (view: View, tab: Tab, before: number) => Promise<void>;
  readonly select: (tab: string) => Promise<void>;
  readonly focusComposer: () => void;
};

export function createViews(session: {
  readonly tab: (id: string) => Tab | undefined;
  readonly states: () => readonly TabState[];
  readonly setup: () => Setup;
}): Views {
  const watchers = new Map<View, Watcher>();

  /** Sends a window made by `wrap`, then the events that came while it was read. Rejects when it can't be read. */
  const show = async (watcher: Watcher, id: string, wrap: (window: Window) => ToView): Promise<void> => {
    const tab = session.tab(id);
    if (tab === undefined) return;
    watcher.shown = id;
    const held: TabEvent[] = [];
    watcher.held = held;
    try {
      const window = await tab.window();
      if (watcher.held !== held) return; // a newer window is on its way
      watcher.post(wrap(window));
      watcher.held = undefined;
      for (const event of held) if (event.rev > window.rev) watcher.post(event);
    } finally {
      if (watcher.held === held) watcher.held = undefined;
    }
  };

  const snapshot = (watcher: Watcher, active: string): Promise<void> =>
    show(watcher, active, (window) => ({
      type: "snapshot",
      setup: session.setup(),
      tabs: session.states(),
      active,
      window,
    }));

  /** Those that are watching: a view is told nothing before its `ready`. */
  const watching = (): readonly Watcher[] => [...watchers.values()].filter((watcher) => watcher.shown !== "");

  const all = (message: ToView): void => {
    for (const watcher of watching()) watcher.post(message);
  };

  return {
    add: (view, post) => watchers.set(view, { post, shown: "", held: undefined }),
    remove: (view) => watchers.delete(view),
    all,
    event(event) {
      for (const watcher of watchers.values()) {
        if (watcher.shown !== event.tab) continue;
        if (watcher.held === undefined) watcher.post(event);
        else watcher.held.push(event);
      }
    },
    async snapshot(view, active) {
      const watcher = watchers.get(view);
      if (watcher !== undefined) await snapshot(watcher, active);
    },
    async snapshotAll(active) {
      await Promise.all(watching().map((watcher) => snapshot(watcher, active)));
    },
    async window(view, id) {
      const watcher = watchers.get(view);
      if (watcher !== undefined) await show(watcher, id, (window) => ({ type: "window", window }));
    },
    async older(view, tab, before) {
      const page = await tab.older(before);
      watchers.get(view)?.post({ type: "older", tab: tab.id, before, ...page });
    },
    async select(id) {
      all({ type: "tabs", tabs: session.states(), active: id });
      await Promise.all(watching().map((watcher) => show(watcher, id, (window) => ({ type: "window", window }))));
    },
    focusComposer: () => all({ type: "focusComposer" }),
  };
}
