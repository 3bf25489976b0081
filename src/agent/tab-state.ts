/** What the views of a tab are told when they ask: its state, its newest rows, older ones. */
import type { TabState, TabStatus, TurnEnd, TurnSummary, Window } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { TurnRecord } from "../store/types";
import { jobState } from "./job-news";
import { isResumable } from "./restore";
import type { TabParts } from "./tab-parts";
import type { TurnRunner } from "./turn-runner";
import type { Surroundings } from "./types";

/** Rows in the first window of a tab, and in each older page. */
const WINDOW_ROWS = 200;

export type Page = {
  readonly rows: readonly Row[];
  /** Of the turns that these rows belong to. */
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
};

export function stateOf(
  { tabId, self, queue, turns, questions, jobs, surroundings }: TabParts,
  runner: TurnRunner,
): TabState {
  const { title, draft, unread, place } = self.record();
  const last = turns.last();
  const elsewhere = isElsewhere(surroundings, runner, last);
  const isRunning = elsewhere || runner.isRunning();
  const ended = isRunning ? undefined : last?.endReason;
  const waits = questions.cards().length > 0;
  const shown = jobs.shown().map(jobState);
  const message = "This turn was interrupted. What was done is kept.";
  return {
    id: tabId,
    title,
    status: waits ? "needs-approval" : statusOf(isRunning, ended),
    activity: waits ? { kind: "approval" } : runner.activity(),
    draft,
    queue: queue.shown(),
    modelLabel: modelLabel(surroundings),
    ...(elsewhere ? { elsewhere } : {}),
    ...(unread === true ? { unread } : {}),
    ...(place === undefined ? {} : { place }),
    ...(shown.length === 0 ? {} : { jobs: shown }),
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

function modelLabel(surroundings: Surroundings): string {
  const state = surroundings.settings();
  return state.ok ? state.settings.models[0].model : "";
}

/** Everything but the rows is taken at once; rows that are written while these are read belong to later revisions. */
export async function readWindow(parts: TabParts): Promise<Window> {
  const { tabId, channel, questions, tabLog } = parts;
  const live = channel.live();
  const at = { tab: tabId, rev: channel.rev(), approvals: questions.cards(), ...(live === undefined ? {} : { live }) };
  return { ...at, ...(await readPage(parts, tabLog.durableSeq() + 1)) };
}

/** The newest rows before `before`. */
export async function readPage({ tabId, turns, surroundings }: TabParts, before: number): Promise<Page> {
  const rows = await surroundings.store.rowsBefore(tabId, before, WINDOW_ROWS);
  return { rows, turns: turns.summariesOf(rows), hasOlder: (rows[0]?.seq ?? 1) > 1 };
}
