/** What one tab is made of: each part knows one thing, and only the tab knows them all. */
import type { Grant } from "../approvals/grants";
import { userDraft } from "../chunks/explode";
import type { TabEvent } from "../chunks/protocol";
import type { Draft, Row } from "../chunks/rows";
import type { PriceOverrides } from "../models/cost";
import type { Settings } from "../models/settings";
import type { Op, TabRecord } from "../store/types";
import { createJobs, type TabJobs } from "../tools/jobs";
import { type Asks, createAsks } from "./asks";
import { createTurns } from "./background";
import { choicesOf } from "./choices";
import { endedDrafts } from "./job-news";
import { createMakeWay, type MakeWay } from "./make-way";
import { createQuestions, type Questions } from "./questions";
import { createTabChannel, type TabChannel } from "./tab-channel";
import { createTabEdits, type TabEdits } from "./tab-edits";
import { createTabLog, type TabLog } from "./tab-log";
import { modeNews } from "./tab-mode";
import { createTabQueue, type TabQueue } from "./tab-queue";
import { createTabSelf, type TabSelf } from "./tab-self";
import { createTabTodo, type TabTodo } from "./tab-todo";
import { readTurns, type TabTurns } from "./tab-turns";
import { createTabWire, type TabWire } from "./tab-wire";
import { turnsUndone } from "./turn-files";
import type { Surroundings } from "./types";
import { createWaiter, type Waiter } from "./waiter";

/** A message is back in the composer, a turn was not continued, or the queue waits as before. */
export type Refused = "send" | "resume" | "queue";

export type MayStart = { readonly settings: Settings } | { readonly why: string };

export type TabOut = {
  readonly event: (event: TabEvent) => void;
  /** The tab's state (title, status, activity, draft) is not what it was. */
  readonly changed: () => void;
  /** Whether some view shows the tab now. */
  readonly isShown: () => boolean;
  /** What a turn of this tab may start with now, or why none may, in one sentence. */
  readonly mayStart: () => Promise<MayStart>;
  /** What could not be done, and why. */
  readonly refused: (what: Refused, why: string) => void;
};

export type TabParts = {
  readonly tabId: string;
  readonly surroundings: Surroundings;
  readonly out: TabOut;
  readonly self: TabSelf;
  readonly queue: TabQueue;
  readonly turns: TabTurns;
  readonly channel: TabChannel;
  readonly wire: TabWire;
  readonly tabLog: TabLog;
  readonly questions: Questions;
  readonly asks: Asks;
  readonly todo: TabTodo;
  readonly edits: TabEdits;
  /** Acts on files that a person asks for: one after the other. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly jobs: TabJobs;
  readonly makeWay: MakeWay;
  readonly waiter: Waiter;
  readonly settings: { readonly use: (settings: Settings) => void; readonly current: () => Settings };
  /** What *Allow in this tab* has allowed; void at the next start. */
  readonly grants: Grant[];
  /** Notices that the tab has had since it was opened. */
  readonly told: Set<string>;
};

export async function openParts(opened: TabRecord, surroundings: Surroundings, out: TabOut): Promise<TabParts> {
  const { store, now, newId, log } = surroundings;
  const tabId = opened.id;
  const channel = createTabChannel(tabId, out.event);
  const wire = createTabWire(tabId, store);
  /** The command in front makes way for the queue, depending on the queue, the questions and the commands. */
  const changed = (): void => {
    makeWay.look();
    out.changed();
  };
  const questions = createQuestions(() => {
    channel.cards(questions.cards());
    changed();
  });
  const asks = createAsks(changed);
  const edits = createTabEdits(tabId, store);
  const turns = await readTurns(tabId, store, () => pricesOf(surroundings));
  const todo = createTabTodo(tabId, store, out.changed);
  const onRows = (rows: readonly Row[]): void => {
    wire.append(rows);
    channel.rows(rows);
    todo.append(rows);
    edits.append(rows);
    for (const summary of turnsUndone({ turns, edits }, rows)) channel.turn(summary);
  };
  const warn = (message: string): void => log("warn", message);
  const self = createTabSelf(opened, store, warn);
  const queue = createTabQueue({ self, store, now, newId, changed, warn });
  const tabLog = createTabLog({ tabId, lastSeq: await store.lastSeq(tabId), store, now, newId, onRows });
  const jobs = createJobs({
    now,
    // Of two jobs the result of the first is in the log before the second begins.
    newId: () => `j${tabLog.durableSeq() + 1}`,
    changed,
    frontChanged() {
      if (makeWay.look()) out.changed();
    },
    isHurried: queue.waits,
  });
  const settings = lastGood(surroundings, self);
  const makeWay = createMakeWay({
    jobs,
    hasMessage: queue.waits,
    hasQuestion: () => questions.cards().length > 0 || asks.waiting().length > 0,
    graceMs: () => settings.current().backgroundAfterSeconds * 1_000,
    now,
    after(ms, act) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    changed: out.changed,
  });
  return {
    tabId,
    surroundings,
    out,
    self,
    queue,
    turns,
    channel,
    wire,
    tabLog,
    questions,
    asks,
    todo,
    edits,
    inTurn: createTurns(),
    jobs,
    makeWay,
    waiter: createWaiter(),
    settings,
    grants: [],
    told: new Set(),
  };
}

/** While the settings are broken only the list of prices counts. */
export function pricesOf(surroundings: Surroundings): PriceOverrides {
  const state = surroundings.settings();
  return state.ok ? state.settings.prices : {};
}

/** The settings as they are now, with the tab's own choice of models; while a change of them is broken, as they were. */
function lastGood(surroundings: Surroundings, self: TabSelf): TabParts["settings"] {
  let settings: Settings | undefined;
  return {
    use: (given) => {
      settings = given;
    },
    current() {
      const state = surroundings.settings();
      if (state.ok) settings = state.settings;
      if (settings === undefined) throw new Error("A turn was started without settings.");
      return { ...settings, models: choicesOf(settings, self.record()) };
    },
  };
}

/** Writes rows of a turn. Resolves when they are durable, shown and part of the next request. */
export async function append(
  { tabLog, turns }: TabParts,
  turnId: string,
  drafts: readonly Draft[],
  also: readonly Op[] = [],
): Promise<readonly Row[]> {
  const rows = await tabLog.append(turnId, drafts, also);
  for (const op of also) if (op.op === "request") turns.count(op.request);
  return rows;
}

/**
 * Writes what waits for the model as rows of this step, behind its results: a change of the mode, the ends of jobs, then
 * the queue. Resolves
 * when that is durable.
 */
export async function deliverWaiting(parts: TabParts, turnId: string, step: number): Promise<void> {
  const { jobs, queue, self, wire, edits } = parts;
  const ended = jobs.untold();
  const taken = queue.take();
  const news = modeNews(step, parts.surroundings, self.record());
  const told = self.record().toldMode ?? "ask";
  const drafts = [
    ...news.drafts,
    ...edits.news(step),
    ...endedDrafts(step, ended, wire.offers("job_output")),
    ...(taken?.texts ?? []).map((text) => userDraft(step, text)),
  ];
  if (drafts.length === 0) return;
  try {
    taken?.leaveRecord();
    self.set({ toldMode: news.mode });
    const isChanged = taken !== undefined || news.drafts.length > 0;
    await append(parts, turnId, drafts, isChanged ? [{ op: "tab", tab: self.record() }] : []);
  } catch (error) {
    self.set({ toldMode: told });
    taken?.putBack();
    throw error;
  }
  taken?.delivered();
  for (const job of ended) jobs.told(job);
}
