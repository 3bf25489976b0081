/** The views that watch a session, and what each of them gets: events of the tab that it shows, in order, without holes. */

import type { Setup, TabEvent, TabState, ToView, Window } from "../chunks/protocol";
import { messageOf } from "./error-text";
import type { Tab } from "./tab";
import type { WindowWish } from "./tab-state";
import type { View } from "./types";

type Watcher = {
  readonly post: (message: ToView) => void;
  /** The tab that this view has in front. Undefined: it is the chat itself and shows the session's active tab. */
  own: string | undefined;
  /** The tab on screen; empty until `ready`. */
  shown: string;
  /** It said `ready` and has not had its snapshot: the next window comes as one, whatever it was read for. */
  wantsSnapshot: boolean;
  /** While a window is being read, the events that must follow it. */
  held: TabEvent[] | undefined;
};

export type Views = {
  /**
   * A view whose `post` throws (its page is gone) harms nobody else.
   * @param tab the tab that this view has in front, whatever the chat shows; without it the view is the chat.
   */
  readonly add: (view: View, post: (message: ToView) => void, tab?: string) => void;
  readonly remove: (view: View) => void;
  /** Commands that name no view concern this one from now on, until it is removed; without one, the chat. */
  readonly focus: (view: View) => void;
  readonly front: () => View | undefined;
  /** The tab that a view has in front; without a view, the one of the chat. */
  readonly active: (view: View | undefined) => string;
  /** Whether some view shows this tab now. */
  readonly isShown: (tab: string) => boolean;
  /** To every view that has had its snapshot, or could have none. */
  readonly all: (message: ToView) => void;
  /** To one view. */
  readonly tell: (view: View, message: ToView) => void;
  /** The list of tabs to every view, each with its own tab in front. */
  readonly tabs: () => void;
  readonly focusComposer: (view: View | undefined) => void;
  readonly event: (event: TabEvent) => void;
  /** These resolve when what they read was sent, or a newer one of its kind is on its way. */
  readonly snapshot: (view: View) => Promise<void>;
  readonly snapshotAll: () => Promise<void>;
  readonly window: (view: View, tab: string, wish?: WindowWish) => Promise<void>;
  readonly older: (view: View, tab: string, before: number) => Promise<void>;
  readonly newer: (view: View, tab: string, after: number) => Promise<void>;
  /** A tab is not open any more: wherever it was in front, another one comes. */
  readonly leave: (tab: string, next: string) => Promise<void>;
  /** Asks the person whether a tab may be closed whose turn runs. */
  readonly confirmClose: (view: View | undefined, tab: string) => void;
  /** Brings a tab to the front of a view; without one, of the chat. */
  readonly select: (view: View | undefined, tab: string) => Promise<void>;
};

export function createViews(session: {
  readonly tab: (id: string) => Tab | undefined;
  /** The active tab of the chat. */
  readonly active: () => string;
  readonly setActive: (tab: string) => void;
  readonly states: () => readonly TabState[];
  readonly setup: () => Setup;
  readonly log: (message: string) => void;
}): Views {
  const watchers = new Map<View, Watcher>();

  let front: View | undefined;

  const activeOf = ({ own }: Watcher): string =>
    own !== undefined && session.tab(own) !== undefined ? own : session.active();

  const tabsMessage = (watcher: Watcher): ToView => ({
    type: "tabs",
    tabs: session.states(),
    active: activeOf(watcher),
  });

  /** Puts a tab before a view: its window, then the events that came while it was read. */
  const show = async (watcher: Watcher, id: string, wish?: WindowWish): Promise<void> => {
    const tab = session.tab(id);
    if (tab === undefined) return;
    watcher.shown = id;
    const held: TabEvent[] = [];
    watcher.held = held;
    try {
      const window = await tab.window(watcher.wantsSnapshot ? undefined : wish);
      if (watcher.held !== held) return; // a newer window is on its way
      const message: ToView = watcher.wantsSnapshot ? snapshotOf(watcher, window) : { type: "window", window };
      watcher.wantsSnapshot = false;
      watcher.post(message);
      tab.setRead();
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
      watcher.post(tabsMessage(watcher));
      throw error;
    }
  };

  const snapshotOf = (watcher: Watcher, window: Window): ToView => ({
    type: "snapshot",
    setup: session.setup(),
    tabs: session.states(),
    active: activeOf(watcher),
    window,
  });

  const greet = (watcher: Watcher): Promise<void> => {
    watcher.wantsSnapshot = true;
    return show(watcher, activeOf(watcher));
  };

  const watching = (): readonly Watcher[] => [...watchers.values()].filter((watcher) => watcher.shown !== "");

  /** Those whose snapshot is being read wait for it: it says all this as it is then. */
  const told = (): readonly Watcher[] => watching().filter(({ wantsSnapshot, held }) => !(wantsSnapshot && held));

  const all = (message: ToView): void => {
    for (const watcher of told()) watcher.post(message);
  };

  const tellTabs = (): void => {
    for (const watcher of told()) watcher.post(tabsMessage(watcher));
  };

  /** The chat, or the one view that has a tab of its own. */
  const watchersOf = (view: View | undefined): readonly Watcher[] => {
    const watcher = view === undefined ? undefined : watchers.get(view);
    return watcher?.own === undefined ? watching().filter(({ own }) => own === undefined) : [watcher];
  };

  const guarded =
    (post: (message: ToView) => void) =>
    (message: ToView): void => {
      try {
        post(message);
      } catch (error) {
        session.log(`a view could not be told: ${messageOf(error)}`);
      }
    };

  return {
    add: (view, post, own) =>
      watchers.set(view, { post: guarded(post), own, shown: "", wantsSnapshot: false, held: undefined }),
    remove(view) {
      watchers.delete(view);
      if (front === view) front = undefined;
    },
    focus(view) {
      if (watchers.has(view)) front = view;
    },
    front: () => front,
    active(view) {
      const watcher = view === undefined ? undefined : watchers.get(view);
      return watcher === undefined ? session.active() : activeOf(watcher);
    },
    isShown: (tab) => watching().some(({ shown }) => shown === tab),
    all,
    tell: (view, message) => watchers.get(view)?.post(message),
    tabs: tellTabs,
    focusComposer(view) {
      for (const watcher of watchersOf(view)) watcher.post({ type: "focusComposer" });
    },
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
    async window(view, id, wish) {
      const watcher = watchers.get(view);
      if (watcher === undefined || watcher.shown === "") return;
      if (id === watcher.shown) return show(watcher, id, wish);
      // Late: another tab has come to the front since. The view stays with that one.
      const window = await session.tab(id)?.window();
      if (window !== undefined) watcher.post({ type: "window", window });
    },
    async older(view, id, before) {
      const page = await session.tab(id)?.older(before);
      if (page !== undefined) watchers.get(view)?.post({ type: "older", tab: id, before, ...page });
    },
    async newer(view, id, after) {
      const page = await session.tab(id)?.newer(after);
      if (page !== undefined) watchers.get(view)?.post({ type: "newer", tab: id, after, ...page });
    },
    async leave(tab, next) {
      const left = watching().filter((watcher) => watcher.shown === tab);
      for (const watcher of watchers.values()) if (watcher.own === tab) watcher.own = next;
      if (session.active() === tab) session.setActive(next);
      tellTabs();
      await Promise.all(left.map((watcher) => show(watcher, activeOf(watcher))));
    },
    confirmClose(view, tab) {
      const asker = view === undefined ? undefined : watchers.get(view);
      for (const watcher of asker === undefined ? watchersOf(view) : [asker])
        watcher.post({ type: "confirmClose", tab });
    },
    async select(view, id) {
      const watcher = view === undefined ? undefined : watchers.get(view);
      if (watcher?.own === undefined) session.setActive(id);
      else watcher.own = id;
      tellTabs();
      await Promise.all(watchersOf(view).map((one) => show(one, id)));
    },
  };
}
