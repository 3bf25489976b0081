/** What the views of a tab are told when they ask: its state, its newest rows, older ones. */

import { newestOf, oldestOf, shortestOf } from "../chunks/cut";
import type { TabState, TabStatus, TurnEnd, TurnSummary, Window } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import { todoShown } from "../chunks/todo";
import { inputOf } from "../models/cost";
import type { RequestRecord, TabRecord, TurnRecord } from "../store/types";
import { choicesOf } from "./choices";
import { messageOf } from "./error-text";
import { jobState } from "./job-news";
import { isResumable } from "./restore";
import { rowsInView } from "./setup";
import { usageOf } from "./summaries";
import { modeOf } from "./tab-mode";
import type { TabParts } from "./tab-parts";
import { summariesOf } from "./turn-files";
import type { TurnRunner } from "./turn-runner";
import type { Surroundings } from "./types";

export type Page = {
  readonly rows: readonly Row[];
  /** Of the turns that these rows belong to. */
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
};

export type NewerPage = {
  readonly rows: readonly Row[];
  readonly turns: readonly TurnSummary[];
  /** The page reaches up to this seq. */
  readonly upTo: number;
};

/** What a window is to show: what comes after a row that the view knows of, or the rows round one. Else the newest. */
export type WindowWish = { readonly after: number } | { readonly around: number };

export function stateOf(
  { tabId, self, queue, turns, questions, asks, todo, jobs, makeWay, surroundings }: TabParts,
  runner: TurnRunner,
): TabState {
  const { title, draft, unread, place, models } = self.record();
  const last = turns.last();
  const elsewhere = isElsewhere(surroundings, runner, last);
  const isRunning = elsewhere || runner.isRunning();
  const ended = isRunning ? undefined : last?.endReason;
  const asked = asks.waiting();
  const waits = questions.cards().length > 0 || asked.length > 0;
  const shown = jobs.shown().map(jobState);
  const behind = makeWay.shown();
  const list = todoShown(todo.list(), last?.id);
  const message = "This turn was interrupted. What was done is kept.";
  return {
    id: tabId,
    title,
    status: waits ? "needs-approval" : statusOf(isRunning, ended),
    activity: waits ? { kind: "approval" } : runner.activity(),
    draft,
    queue: queue.shown(),
    modelLabel: modelLabel(surroundings, models),
    mode: modeOf(surroundings, self.record()),
    ...contextOf(surroundings, turns.lastRequest()),
    ...(elsewhere ? { elsewhere } : {}),
    ...(unread === true ? { unread } : {}),
    ...(place === undefined ? {} : { place }),
    ...(shown.length === 0 ? {} : { jobs: shown }),
    ...(behind === undefined ? {} : { behind }),
    ...(asked.length === 0 ? {} : { asks: asked }),
    ...(list === undefined ? {} : { todo: list.items }),
    ...(isResumable(ended) ? { resumable: true } : {}),
    ...(ended === "interrupted" && last !== undefined ? { unfinished: { turnId: last.id, message } } : {}),
  };
}

/** A turn without an end runs in the window that writes. When that is gone, this one becomes the writer and mends it. */
function isElsewhere({ store }: Surroundings, runner: TurnRunner, last: TurnRecord | undefined): boolean {
  return store.state.kind === "reader" && !runner.isRunning() && last !== undefined && last.endedAt === undefined;
}

function statusOf(running: boolean, ended: TurnEnd | undefined): TabStatus {
  if (running) return "running";
  return ended === "error" || ended === "refusal" || ended === "max_tokens" ? "error" : "idle";
}

/** What the next step asks. */
function modelLabel(surroundings: Surroundings, models: TabRecord["models"]): string {
  const state = surroundings.settings();
  if (!state.ok) return "";
  const [{ model, effort }] = choicesOf(state.settings, models === undefined ? {} : { models });
  return effort === undefined ? model : `${model} · ${effort}`;
}

/** Everything but the rows is taken at once; rows that are written while these are read belong to later revisions. */
export async function readWindow(parts: TabParts, wish?: WindowWish): Promise<Window> {
  const window = await readRows(parts, wish);
  // Behind the rows: where there is no list, the whole tab is looked through.
  parts.todo
    .load()
    .catch((error: unknown) => parts.surroundings.log("warn", `the task list was not read: ${messageOf(error)}`));
  return window;
}

async function readRows(parts: TabParts, wish: WindowWish | undefined): Promise<Window> {
  const { tabId, channel, questions, tabLog } = parts;
  const live = channel.live();
  const lastSeq = tabLog.durableSeq();
  const at = {
    ...{ tab: tabId, rev: channel.rev(), lastSeq, approvals: questions.cards() },
    ...(live === undefined ? {} : { live }),
  };
  if (wish !== undefined && "around" in wish) return { ...at, ...(await readAround(parts, wish.around, lastSeq)) };
  const missed = wish === undefined ? undefined : await readMissed(parts, wish.after, lastSeq);
  return { ...at, upTo: lastSeq, ...(missed ?? (await readNewest(parts, lastSeq))) };
}

/** The newest rows: as many as fill a screen, and what is missing of a whole turn where it fits into a page. */
async function readNewest(parts: TabParts, lastSeq: number): Promise<Page> {
  const size = pageSize(parts);
  const found = await parts.surroundings.store.rowsBefore(parts.tabId, lastSeq + 1, size + 1);
  return pageOf(parts, shortestOf(found, Math.floor(size / 2), size));
}

/** The newest rows before `before`, whole turns where they fit. */
export async function readPage(parts: TabParts, before: number): Promise<Page> {
  const size = pageSize(parts);
  return pageOf(parts, newestOf(await parts.surroundings.store.rowsBefore(parts.tabId, before, size + 1), size));
}

async function pageOf(parts: TabParts, rows: readonly Row[]): Promise<Page> {
  return { rows, turns: await summariesOf(parts, rows), hasOlder: (rows[0]?.seq ?? 1) > 1 };
}

/** The oldest rows after `after`, whole turns where they fit. */
export async function readNewer(parts: TabParts, after: number): Promise<NewerPage> {
  const size = pageSize(parts);
  const end = Math.min(parts.tabLog.durableSeq(), after + size + 1);
  const found = await parts.surroundings.store.rows(parts.tabId, after + 1, end);
  const rows = oldestOf(found, size);
  const upTo = rows.length < found.length ? (rows.at(-1)?.seq ?? end) : end;
  return { rows, turns: await summariesOf(parts, rows), upTo };
}

async function readAround(parts: TabParts, seq: number, lastSeq: number): Promise<Page & NewerPage> {
  const size = pageSize(parts);
  const from = Math.max(1, Math.min(seq, lastSeq) - Math.floor(size / 2));
  const upTo = Math.min(lastSeq, from + size - 1);
  const rows = await parts.surroundings.store.rows(parts.tabId, from, upTo);
  return { rows, turns: await summariesOf(parts, rows), hasOlder: from > 1, upTo };
}

/** All rows after `after`, the newest ones when these are too many, with what is known now of the turn that was the last one then. */
async function readMissed(parts: TabParts, after: number, lastSeq: number) {
  if (after > lastSeq) return undefined;
  if (lastSeq - after > pageSize(parts)) {
    const page = await readNewest(parts, lastSeq);
    const then = await parts.surroundings.store.rows(parts.tabId, after, after);
    return { ...page, turns: await summariesOf(parts, [...then, ...page.rows]) };
  }
  const found = await parts.surroundings.store.rows(parts.tabId, Math.max(1, after), lastSeq);
  const rows = found.filter((row) => row.seq > after);
  return { after, rows, turns: await summariesOf(parts, found), hasOlder: after > 0 };
}

/** Two pages fill a view: one that is read, and the next that is loaded ahead. */
function pageSize({ surroundings }: TabParts): number {
  return Math.floor(rowsInView(surroundings.settings()) / 2);
}

/** How full the model's window is: the last request and its answer, which the next request holds again. */
function contextOf(
  { settings, catalog }: Surroundings,
  last: RequestRecord | undefined,
): Pick<TabState, "context"> | undefined {
  if (last?.inputTokens === undefined) return undefined;
  const usage = usageOf(last);
  const tokens = inputOf(usage) + usage.output;
  const state = settings();
  const key = state.ok ? state.settings.keys.find(({ id }) => id === last.keyId) : undefined;
  const window = key === undefined ? undefined : catalog.info({ key, model: last.model })?.contextTokens;
  return { context: { tokens, ...(window === undefined ? {} : { window }) } };
}
