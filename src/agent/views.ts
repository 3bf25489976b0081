/** The views that watch a session, and what each of them gets: events of the tab that it shows, in order, without holes. */
import type { Setup, TabEvent, TabState, ToView, Window } from "../chunks/protocol";
import type { Tab } from "./tab";
import type { View } from "./types";

type Watcher = {
  readonly post: (message: ToView) => void;
  /** The tab on screen; empty until `ready`. */
  shown: string;
  /** It said `ready` and has not had its snapshot: the next window comes as one, whatever it was read for. */
  wantsSnapshot: boolean;
  /** While a window is being read, the events that must follow it. */
  held: TabEvent[] | undefined;
};

export type Views = {
  /** A view whose `post` throws (its page is gone) harms nobody else. */
  readonly add: (view: View, post: (message: ToView) => void) => void;
  readonly remove: (view: View) => void;
  /** To every view since its `ready`. */
  readonly all: (message: ToView) => void;
  readonly event: (event: TabEvent) => void;
  /** These resolve when what they read was sent, or a newer one of its kind is on its way. */
  readonly snapshot: (view: View) => Promise<void>;
  readonly snapshotAll: () => Promise<void>;
  readonly window: (view: View, tab: string) => Promise<void>;
  readonly older: (view: View, tab: string, before: number) => Promise<void>;
  /** The active tab is another one. */
  readonly select: () => Promise<void>;
};

export function createViews(session: {
  readonly tab: (id: string) => Tab | undefined;
  readonly active: () => string;
  readonly states: () => readonly TabState[];
  readonly setup: () => Setup;
  readonly log: (message: string) => void;
}): Views {
  const watchers = new Map<View, Watcher>();

  const tabsMessage = (): ToView => ({ type: "tabs", tabs: session.states(), active: session.active() });

  /** Puts a tab before a view: its window, then the events that came while it was read. */
  const show = async (watcher: Watcher, id: string): Promise<void> => {
    const tab = session.tab(id);
    if (tab === undefined) return;
    watcher.shown = id;
    const held: TabEvent[] = [];
    watcher.held = held;
    try {
      const window = await tab.window();
      if (watcher.held !== held) return; // a newer window is on its way
      const message: ToView = watcher.wantsSnapshot ? snapshotOf(window) : { type: "window", window };
      watcher.wantsSnapshot = false;
      watcher.post(message);
      // What a view answers at once can make events, which wait at the end, or ask for another window, which has them.
      while (watcher.held === held && held.length > 0) {
        const event = held.shift();
        if (event !== undefined && event.rev > window.rev) watcher.post(event);
      }
      if (watcher.held === held) watcher.held = undefined;
    } catch (error) {
      if (watcher.held !== held) return;
      watcher.held = undefined;
      // The rows can't be read, but why that is can be: it stands in a banner.
      watcher.post({ type: "setup", setup: session.setup() });
      watcher.post(tabsMessage());
      throw error;
    }
  };

  const snapshotOf = (window: Window): ToView => ({
    type: "snapshot",
    setup: session.setup(),
    tabs: session.states(),
    active: session.active(),
    window,
  });

  const greet = (watcher: Watcher): Promise<void> => {
    watcher.wantsSnapshot = true;
    return show(watcher, session.active());
  };

  const watching = (): readonly Watcher[] => [...watchers.values()].filter((watcher) => watcher.shown !== "");

  const all = (message: ToView): void => {
    for (const watcher of watching()) watcher.post(message);
  };

  const guarded =
    (post: (message: ToView) => void) =>
    (message: ToView): void => {
      try {
        post(message);
      } catch (error) {
        session.log(`a view could not be told: ${error instanceof Error ? error.message : String(error)}`);
      }
    };

  return {
    add: (view, post) => watchers.set(view, { post: guarded(post), shown: "", wantsSnapshot: false, held: undefined }),
    remove: (view) => watchers.delete(view),
    all,
    event(event) {
      for (const watcher of watchers.values()) {
        if (watcher.shown !== event.tab) continue;
        if (watcher.held === undefined) watcher.post(event);
        else watcher.held.push(event);
      }
    },
    async snapshot(view) {
      const watcher = watchers.get(view);
      if (watcher !== undefined) await greet(watcher);
    },
    async snapshotAll() {
      await Promise.all(watching().map(greet));
    },
    async window(view, id) {
      const watcher = watchers.get(view);
      if (watcher === undefined || watcher.shown === "") return;
      if (id === watcher.shown) return show(watcher, id);
      // Late: another tab has come to the front since. The view stays with that one.
      const window = await session.tab(id)?.window();
      if (window !== undefined) watcher.post({ type: "window", window });
    },
    async older(view, id, before) {
      const page = await session.tab(id)?.older(before);
      if (page !== undefined) watchers.get(view)?.post({ type: "older", tab: id, before, ...page });
    },
    async select() {
      all(tabsMessage());
      await Promise.all(watching().map((watcher) => show(watcher, session.active())));
    },
  };
}
