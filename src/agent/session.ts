/**
 * The session: all tabs of one workspace and the views that watch them. The sidebar and the headless runner talk to
 * this, each through its own transport. Commands get no replies: their effects come back as events.
 */

import type { ToView } from "../chunks/protocol";
import { parseFromView } from "../chunks/protocol-check";
import { createBackground, createTurns } from "./background";
import { stackOf } from "./error-text";
import { handle, newTab, refresh, type SessionParts, select } from "./inbox";
import { closeTab, deleteConversation, openConversation, reopenLast } from "./session-close";
import { createFollowing } from "./session-follow";
import { readModels, selectModel } from "./session-models";
import { dropModes, readModes, selectMode } from "./session-modes";
import { readRules, removeRule } from "./session-rules";
import { openSessionSetup } from "./session-setup";
import { createSummaries } from "./session-summary";
import { createSessionTabs } from "./session-tabs";
import { readTimeline, readToday, readUsage, withCost } from "./session-usage";
import type { Session, SessionSummary, Surroundings, View } from "./types";
import { createViews } from "./views";

/** Reads the tabs from the log and mends what a crash has left. Resolves when views may attach. */
export async function createSession(surroundings: Surroundings): Promise<Session> {
  const following = createFollowing(surroundings);
  const parts = await openParts(surroundings);
  const { tabs, views, background, summaries } = parts;
  following.start(parts);
  background.run(dropModes(parts), "the modes of the chats could not be checked");
  const activeTab = (): string => views.active(views.front());
  const step = (by: number): void => select(parts, views.front(), tabs.away(activeTab(), by) ?? "");
  return {
    attach: (post, options) => attach(parts, post, options?.tab),
    refresh: () => background.run(refresh(parts), "the setup could not be read"),
    newTab: () => newTab(parts, views.front()),
    nextTab: () => step(1),
    previousTab: () => step(-1),
    closeTab: () => background.run(closeTab(parts, views.front(), activeTab(), false), "the tab could not be closed"),
    reopenTab: () => background.run(reopenLast(parts, views.front()), "the tab could not be opened again"),
    async history(query) {
      const entries = await surroundings.store.history(query);
      return entries.map((stored) => {
        const entry = withCost(surroundings, stored);
        const tab = tabs.byId(entry.id);
        return tab === undefined ? entry : { ...entry, status: tab.state().status };
      });
    },
    usage: () => readUsage(surroundings),
    async timeline(tab) {
      return { title: tabs.byId(tab)?.state().title ?? "", steps: await readTimeline(surroundings, tab) };
    },
    openConversation: (id) => openConversation(parts, views.front(), id),
    deleteConversation: (id) => deleteConversation(parts, id),
    models: () => readModels(parts, activeTab()),
    selectModel: (tab, model) => selectModel(parts, tab, model),
    modes: () => readModes(parts, activeTab()),
    selectMode: (tab, mode) => selectMode(parts, tab, mode),
    rules: () => readRules(parts, activeTab()),
    removeRule: (line) => removeRule(parts, activeTab(), line),
    spentToday: () => readToday(surroundings),
    busyTab: () => tabs.busy(),
    waiting: () => tabs.waiting(),
    storeSize: () => surroundings.store.size(),
    stop: () => tabs.byId(activeTab())?.stop(),
    firstQuestion: () => tabs.byId(activeTab())?.firstQuestion(),
    decideFirst(answer) {
      const tab = tabs.byId(activeTab());
      const first = tab?.firstQuestion();
      if (first !== undefined) tab?.decide(first.card.id, { kind: answer });
    },
    focusComposer: () => views.focusComposer(views.front()),
    onSummary: summaries.listen,
    summary: () => summaryOf(parts),
    idle: () =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!background.isEmpty() || tabs.summary().running > 0) return;
          off();
          resolve();
        };
        const off = summaries.listen(check);
        check();
      }),
    async dispose() {
      parts.end();
      following.dispose();
      await tabs.dispose();
    },
  };
}

async function openParts(surroundings: Surroundings): Promise<SessionParts> {
  const { log } = surroundings;
  let ended = false;
  const setup = await openSessionSetup(surroundings, (now) => views.all({ type: "setup", setup: now }));
  const tabs = createSessionTabs(surroundings, (id) => ({
    event: (event) => views.event(event),
    isShown: () => views.isShown(id),
    changed() {
      const tab = tabs.byId(id);
      if (tab === undefined) return; // still opening
      views.all({ type: "tab", tab: tab.state() });
      summaries.tell();
    },
    mayStart: () => setup.mayStart(tabs.byId(id)?.ownModels() ?? {}),
    refused: setup.refuse,
  }));
  const summaries = createSummaries(
    () => summaryOf({ tabs, views }),
    (message) => log("error", message),
  );
  const background = createBackground((message) => log("warn", message), summaries.tell);
  const views = createViews({
    tab: tabs.byId,
    active: tabs.active,
    setActive: tabs.setActive,
    states: tabs.states,
    setup: setup.current,
    log: (message) => log("warn", message),
  });
  await tabs.load();
  const end = (): void => {
    ended = true;
  };
  return { surroundings, setup, tabs, views, background, summaries, inTurn: createTurns(), end, hasEnded: () => ended };
}

function summaryOf({ tabs, views }: Pick<SessionParts, "tabs" | "views">): SessionSummary {
  return { ...tabs.summary(), activeTab: views.active(views.front()) };
}

function attach(parts: SessionParts, post: (message: ToView) => void, tab: string | undefined): View {
  const { views } = parts;
  const { log } = parts.surroundings;
  const view: View = {
    receive(message) {
      const parsed = parseFromView(message);
      if ("error" in parsed) {
        log("warn", `a message from a view was dropped: ${parsed.error}`);
        return;
      }
      try {
        if (!parts.hasEnded()) handle(parts, parsed, view);
      } catch (error) {
        log("error", `a message from a view failed: ${stackOf(error)}`);
      }
    },
    focus() {
      views.focus(view);
      parts.summaries.tell();
    },
    dispose: () => views.remove(view),
  };
  views.add(view, post, tab);
  return view;
}
