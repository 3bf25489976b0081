/** The open tabs of a session: which there are, which is in front, and how they come from the log. */
import type { TabState } from "../chunks/protocol";
import type { Op, TabRecord } from "../store/types";
import { whenRefusing } from "./closing";
import { openTab, type Tab } from "./tab";
import { firstMode } from "./tab-mode";
import type { TabOut } from "./tab-parts";
import type { UnsavedDraft } from "./tab-self";
import { NEW_TITLE } from "./turn-start";
import type { SessionSummary, Surroundings } from "./types";

/** Name of the setting row that remembers which tab was in front. */
const ACTIVE_TAB = "activeTab";

export type Gone = { readonly tab: Tab; readonly draft: UnsavedDraft | undefined };

export type SessionTabs = {
  readonly byId: (id: string) => Tab | undefined;
  readonly states: () => readonly TabState[];
  readonly active: () => string;
  readonly summary: () => Omit<SessionSummary, "activeTab">;
  /** The first tab that waits for an answer, else the first that runs, here. */
  readonly busy: () => string | undefined;
  /** The tabs that wait for an answer, here. */
  readonly waiting: () => readonly { readonly tab: string; readonly title: string }[];
  /** The tab that is so many places from this one, round the ends. */
  readonly away: (id: string, by: number) => string | undefined;
  /** The tab that takes the place of this one when it is closed: the next, else the one before. */
  readonly neighbour: (id: string) => string | undefined;
  /** The tab is not open any more. @param ending resolves when it is put away. */
  readonly remove: (id: string, ending: Promise<void>) => void;
  /** Resolves when every tab that was removed is put away. */
  readonly settled: () => Promise<void>;
  /** Opens a tab of the log, at its place. One that the log does not have stays closed. */
  readonly open: (id: string) => Promise<void>;
  /** An empty tab. It is saved with its first turn or draft: a reader, or a disk that refuses, can still show one. */
  readonly create: () => Promise<Tab>;
  /** The chat has this tab in front. */
  readonly setActive: (id: string) => void;
  /** Moves a tab before another one; without one, to the end. @returns what must be written, or nothing when it is there. */
  readonly move: (id: string, before: string | undefined) => readonly Op[];
  /** Remembers over restarts which tab is in front. */
  readonly saveActive: () => Promise<void>;
  /** Reads the tabs from the log and mends what a crash has left. */
  readonly load: () => Promise<void>;
  /** The same when the log has changed hands and may hold more than was shown. What a person typed meanwhile is kept. */
  readonly loadAgain: () => Promise<void>;
  /**
   * Compares the open tabs with the log, for a reader: opens what is new there, closes what was closed or deleted. Tabs
   * that were made here and are in no log yet stay.
   * @param anew what stays open is opened anew: all that was read of it may be outdated.
   * @returns the tabs that are gone, with what was typed in them.
   */
  readonly reconcile: (anew: boolean) => Promise<readonly Gone[]>;
  /** Puts the tabs into the order of their places. */
  readonly sort: () => void;
  /** Interrupts every turn. Resolves when all rows are durable, or the disk has refused them for a while. */
  readonly dispose: () => Promise<void>;
};

export function createSessionTabs(surroundings: Surroundings, outOf: (tab: string) => TabOut): SessionTabs {
  const { store, now, newId } = surroundings;
  let tabs: readonly Tab[] = [];
  let active = "";
  let nextPosition = 0;
  const endings = new Set<Promise<void>>();
  /** Tabs that were made here and not found in the log yet. */
  const unsaved = new Set<string>();

  const byId = (id: string): Tab | undefined => tabs.find((tab) => tab.id === id);

  const create = async (): Promise<Tab> => {
    const mode = firstMode(surroundings);
    const place = { position: nextPosition++, draft: "" };
    const record = { id: newId(), title: NEW_TITLE, createdAt: now(), ...place, ...mode };
    const tab = await openTab(record, surroundings, outOf(record.id));
    tabs = [...tabs, tab];
    unsaved.add(tab.id);
    return tab;
  };

  const openAnew = async (old: Tab, record: TabRecord): Promise<void> => {
    const draft = await old.abandon();
    const { unread = false } = old.state();
    const tab = await openTab({ ...record, unread }, surroundings, outOf(record.id));
    if (draft !== undefined) tab.restoreDraft(draft);
    tabs = tabs.map((other) => (other === old ? tab : other));
  };

  const open = async (record: TabRecord): Promise<void> => {
    const tab = await openTab(record, surroundings, outOf(record.id));
    const at = tabs.findIndex((other) => other.position() > record.position);
    tabs = at < 0 ? [...tabs, tab] : tabs.toSpliced(at, 0, tab);
    nextPosition = Math.max(nextPosition, record.position + 1);
  };

  const sort = (): void => {
    tabs = tabs.toSorted((one, other) => one.position() - other.position());
  };

  const load = async (): Promise<void> => {
    const records = (await store.tabs())
      .filter((tab) => tab.closedAt === undefined)
      .sort((a, b) => a.position - b.position);
    const opened = await Promise.all(records.map((record) => openTab(record, surroundings, outOf(record.id))));
    const remembered = (await store.settings())[ACTIVE_TAB];
    nextPosition = (records.at(-1)?.position ?? -1) + 1;
    tabs = opened;
    if (tabs.length === 0) await create();
    active = (byId(active) ?? byId(remembered ?? "") ?? tabs.at(-1))?.id ?? "";
  };

  return {
    byId,
    states: () => tabs.map((tab) => tab.state()),
    active: () => active,
    summary() {
      const states = tabs
        .map((tab) => tab.state())
        .flatMap((state) => (state.elsewhere === true ? [] : [state.status]));
      return {
        running: states.filter((status) => status === "running").length,
        needApproval: states.filter((status) => status === "needs-approval").length,
      };
    },
    busy() {
      const states = tabs.map((tab) => tab.state()).filter(({ elsewhere }) => elsewhere !== true);
      const waiting = states.find(({ status }) => status === "needs-approval");
      return (waiting ?? states.find(({ status }) => status === "running"))?.id;
    },
    waiting: () =>
      tabs
        .map((tab) => tab.state())
        .filter(({ elsewhere, status }) => elsewhere !== true && status === "needs-approval")
        .map(({ id, title }) => ({ tab: id, title })),
    away(id, by) {
      const at = tabs.findIndex((tab) => tab.id === id);
      return tabs[(at + by + tabs.length) % tabs.length]?.id;
    },
    neighbour(id) {
      const at = tabs.findIndex((tab) => tab.id === id);
      return (tabs[at + 1] ?? tabs[at - 1])?.id;
    },
    remove(id, ending) {
      tabs = tabs.filter((tab) => tab.id !== id);
      const done = ending
        .catch((error: unknown) => surroundings.log("error", `a tab was not put away: ${String(error)}`))
        .finally(() => endings.delete(done));
      endings.add(done);
    },
    async settled() {
      await Promise.all(endings);
    },
    async open(id) {
      const record = (await store.tabs()).find((tab) => tab.id === id);
      if (record !== undefined && byId(id) === undefined) await open(record);
    },
    create,
    setActive(id) {
      active = id;
    },
    move(id, before) {
      const moved = byId(id);
      if (moved === undefined || id === before) return [];
      const others = tabs.filter((tab) => tab.id !== id);
      const at = others.findIndex((tab) => tab.id === before);
      tabs = at < 0 ? [...others, moved] : others.toSpliced(at, 0, moved);
      nextPosition = tabs.length;
      return tabs.flatMap((tab, position) => tab.place(position));
    },
    async saveActive() {
      if (store.state.kind === "writer") await store.write([{ op: "setting", key: ACTIVE_TAB, value: active }]);
    },
    load,
    async loadAgain() {
      const before = tabs;
      // A turn of the time before must have ended, or two writers would number rows of one tab.
      const refusal = whenRefusing(store);
      const ended = Promise.all(before.map(async (tab) => ({ tab: tab.id, draft: await tab.abandon() })));
      await Promise.race([ended, refusal.refused]);
      refusal.dispose();
      await load();
      for (const { tab, draft } of await ended) {
        if (draft === undefined) continue;
        const again = byId(tab);
        if (again === undefined) byId(active)?.giveBack(draft.text);
        else again.restoreDraft(draft);
      }
    },
    async reconcile(anew) {
      const records = new Map((await store.tabs()).map((record) => [record.id, record]));
      for (const id of records.keys()) unsaved.delete(id);
      const gone: Gone[] = [];
      for (const tab of tabs) {
        const record = records.get(tab.id);
        if (record !== undefined && record.closedAt === undefined) {
          if (anew) await openAnew(tab, record);
        } else if (!unsaved.has(tab.id)) {
          gone.push({ tab, draft: await tab.abandon() });
        }
      }
      for (const record of records.values())
        if (record.closedAt === undefined && byId(record.id) === undefined) await open(record);
      if (anew) sort();
      return gone;
    },
    sort,
    async dispose() {
      const refusal = whenRefusing(store);
      await Promise.race([Promise.all([...endings, ...tabs.map((tab) => tab.dispose())]), refusal.refused]);
      refusal.dispose();
    },
  };
}
