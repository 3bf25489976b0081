/**
 * The session: all tabs of one workspace and the views that watch them. The sidebar and the headless runner talk to
 * this, each through its own transport. Commands get no replies: their effects come back as events.
 */

import type { FromView, Setup, TabEvent, ToView } from "../chunks/protocol";
import { parseFromView } from "../chunks/protocol-check";
import { assertNever } from "../chunks/rows";
import type { TabRecord } from "../store/types";
import { whenRefusing } from "./closing";
import { actInEditor } from "./editor-acts";
import { readSetup, whyNoTurn } from "./setup";
import { openTab, type Tab } from "./tab";
import { NEW_TITLE } from "./turn-start";
import type { Session, SessionSummary, Surroundings, View } from "./types";
import { createViews } from "./views";

/** Name of the setting row that remembers which tab was in front. */
const ACTIVE_TAB = "activeTab";

/** Reads the tabs from the log and mends what a crash has left. Resolves when views may attach. */
export async function createSession(surroundings: Surroundings): Promise<Session> {
  const { store, log, now, newId } = surroundings;
  const dismissed = new Set<string>();
  const refusals: string[] = [];
  const summaryListeners = new Set<(summary: SessionSummary) => void>();
  const underWay = new Set<Promise<unknown>>();
  let tabs: Tab[] = [];
  let active = "";
  let setup: Setup = await readSetup(surroundings, dismissed);

  const tabById = (id: string): Tab | undefined => tabs.find((tab) => tab.id === id);
  const views = createViews({
    tab: tabById,
    states: () => tabs.map((tab) => tab.state()),
    setup: () => setup,
  });

  const tabOut = (id: string) => ({
    event: (event: TabEvent) => views.event(event),
    changed: () => {
      const tab = tabById(id);
      if (tab === undefined) return; // still opening
      views.all({ type: "tab", tab: tab.state() });
      tellSummary();
    },
  });

  const summary = (): SessionSummary => {
    const states = tabs.map((tab) => tab.state().status);
    return {
      running: states.filter((status) => status === "running").length,
      needApproval: states.filter((status) => status === "needs-approval").length,
      activeTab: active,
    };
  };

  const tellSummary = (): void => {
    for (const listener of summaryListeners) listener(summary());
  };

  const open = async (record: TabRecord): Promise<Tab> => openTab(record, surroundings, tabOut(record.id));

  const createTab = async (): Promise<Tab> => {
    const position = tabs.length;
    const record: TabRecord = { id: newId(), title: NEW_TITLE, createdAt: now(), position, draft: "" };
    // An empty tab is saved with its first turn; a reader, or a disk that refuses, can still show one.
    const tab = await open(record);
    tabs.push(tab);
    return tab;
  };

  const load = async (): Promise<void> => {
    const records = await store.tabs();
    tabs = await Promise.all([...records].sort((a, b) => a.position - b.position).map(open));
    if (tabs.length === 0) await createTab();
    const remembered = (await store.settings())[ACTIVE_TAB];
    active = (tabById(active) ?? tabById(remembered ?? "") ?? tabs.at(-1))?.id ?? "";
  };

  /** The log can be written from now on, and may hold more than was shown. What a person typed meanwhile is kept. */
  const loadAgain = async (): Promise<void> => {
    const typed = tabs.map((tab) => ({ tab: tab.id, text: tab.abandon() }));
    await load();
    for (const { tab, text } of typed) if (text !== undefined) (tabById(tab) ?? tabById(active))?.setDraft(text);
  };

  const select = (id: string): void => {
    if (tabById(id) === undefined || id === active) return;
    active = id;
    background(views.select(id), "the selected tab could not be shown");
    if (store.state.kind === "writer") {
      background(store.write([{ op: "setting", key: ACTIVE_TAB, value: id }]), "the selected tab could not be saved");
    }
    tellSummary();
  };

  const background = (work: Promise<unknown>, what: string): void => {
    const done = work
      .catch((error: unknown) => log("warn", `${what}: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => {
        underWay.delete(done);
        tellSummary();
      });
    underWay.add(done);
  };

  const newTab = (): void => {
    background(
      createTab().then((tab) => {
        select(tab.id);
        views.focusComposer();
      }),
      "a new tab could not be opened",
    );
  };

  const refresh = async (): Promise<void> => {
    setup = await readSetup(surroundings, dismissed);
    const refusal = refusals.at(-1);
    if (refusal !== undefined && whyNoTurn(surroundings, setup) === undefined) refusals.length = 0;
    views.all({ type: "setup", setup });
    views.all({ type: "tabs", tabs: tabs.map((tab) => tab.state()), active });
  };

  /** Starts or continues a turn, or says in one sentence why that can't be. */
  const begin = async (tab: Tab, text: string | undefined): Promise<void> => {
    setup = await readSetup(surroundings, dismissed);
    const why = whyNoTurn(surroundings, setup);
    const state = surroundings.settings();
    if (why !== undefined || !state.ok) {
      if (text !== undefined) tab.setDraft(text);
      refuse(text, why ?? "");
    } else if (text === undefined) {
      tab.resume(state.settings);
    } else if (!tab.send(text, state.settings)) {
      tab.setDraft(text);
      refuse(text, "The agent of this chat is still at work: wait until it is done, or stop it.");
    }
    views.all({ type: "tab", tab: tab.state() });
  };

  const refuse = (text: string | undefined, why: string): void => {
    const what =
      text === undefined ? "The turn was not continued." : "Your message was not sent and is kept in the box.";
    log("info", `${what} ${why}`);
    const banner = { id: "refused", severity: "warning" as const, message: `${what} ${why}`, dismissible: true };
    views.all({ type: "setup", setup: { ...setup, banners: [...setup.banners, banner] } });
  };

  const handle = (message: FromView, view: View): void => {
    switch (message.type) {
      case "ready":
        background(views.snapshot(view, active), "a window could not be read");
        break;
      case "sync":
        background(views.window(view, message.tab), "a window could not be read");
        break;
      case "send":
        withTab(message.tab, (tab) => background(begin(tab, message.text), "a message could not be sent"));
        break;
      case "resume":
        withTab(message.tab, (tab) => background(begin(tab, undefined), "a turn could not be continued"));
        break;
      case "stop":
        withTab(message.tab, (tab) => tab.stop());
        break;
      case "decide":
        withTab(message.tab, (tab) => tab.decide(message.id, message.answer));
        break;
      case "draft":
        withTab(message.tab, (tab) => tab.setDraft(message.text));
        break;
      case "newTab":
        newTab();
        break;
      case "selectTab":
        select(message.tab);
        break;
      case "dismiss":
        dismissed.add(message.banner);
        background(refresh(), "the banner could not be put away");
        break;
      case "loadOlder":
        withTab(message.tab, (tab) =>
          background(views.older(view, tab, message.before), "older rows could not be read"),
        );
        break;
      case "openFile":
      case "openLink":
      case "openDiff":
      case "openOutput":
      case "copy":
      case "insert":
      case "run":
        background(actInEditor(message, { surroundings, tab: tabById }), "the editor could not do that");
        break;
      default:
        assertNever(message);
    }
  };

  const withTab = (id: string, act: (tab: Tab) => void): void => {
    const tab = tabById(id);
    if (tab === undefined) log("warn", `a message came for a tab that is not open: ${id}`);
    else act(tab);
  };

  const attach = (post: (message: ToView) => void): View => {
    const view: View = {
      receive(message) {
        const parsed = parseFromView(message);
        if ("error" in parsed) return log("warn", `a message from a view was dropped: ${parsed.error}`);
        try {
          handle(parsed, view);
        } catch (error) {
          log(
            "error",
            `a message from a view failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
          );
        }
      },
      dispose: () => views.remove(view),
    };
    views.add(view, post);
    return view;
  };

  const step = (by: number): void => {
    const at = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) select(next.id);
  };

  await load();
  /** Whether the tabs were read as the writer reads them: mended, with their true ends. */
  let isMended = store.state.kind === "writer";
  const offState = store.onState((state) => {
    const tookOver = state.kind === "writer" && !isMended;
    isMended = state.kind === "writer" || (isMended && state.kind === "blocked");
    const reload = async (): Promise<void> => {
      if (tookOver) await loadAgain();
      setup = await readSetup(surroundings, dismissed);
      if (tookOver) await views.snapshotAll(active);
      else views.all({ type: "setup", setup });
    };
    background(reload(), "the chats could not be read again");
  });

  return {
    attach,
    refresh: () => background(refresh(), "the setup could not be read"),
    newTab,
    nextTab: () => step(1),
    previousTab: () => step(-1),
    stop: () => tabById(active)?.stop(),
    decideFirst(answer) {
      const tab = tabById(active);
      const id = tab?.firstQuestion();
      if (id !== undefined) tab?.decide(id, { kind: answer });
    },
    focusComposer: () => views.focusComposer(),
    onSummary(listener) {
      summaryListeners.add(listener);
      return () => summaryListeners.delete(listener);
    },
    summary,
    idle: () =>
      new Promise((resolve) => {
        const check = (): void => {
          if (underWay.size > 0 || summary().running > 0) return;
          summaryListeners.delete(check);
          resolve();
        };
        summaryListeners.add(check);
        check();
      }),
    async dispose() {
      offState();
      const refusal = whenRefusing(store);
      await Promise.race([Promise.all(tabs.map((tab) => tab.dispose())), refusal.refused]);
      refusal.dispose();
    },
  };
}
