/** How a turn begins or goes on: what must be durable before its first request. */
import { userDraft } from "../chunks/explode";
import type { Mode } from "../chunks/modes";
import type { Draft } from "../chunks/rows";
import type { Op, TurnRecord } from "../store/types";
import type { TabJobs } from "../tools/jobs";
import { renderPrompt } from "../wire/prompt";
import { sha256 } from "./hash";
import { endedDrafts } from "./job-news";
import { laterContext, openingContext, SYSTEM_TEXT } from "./prompt";
import { passedOver, readLastStep, resumeDrafts } from "./restore";
import type { TabEdits } from "./tab-edits";
import type { TabLog } from "./tab-log";
import { modeNews } from "./tab-mode";
import type { TabQueue, Taken } from "./tab-queue";
import type { TabSelf } from "./tab-self";
import type { Prompt, TabWire } from "./tab-wire";
import { titleFrom } from "./title";
import type { TurnStart } from "./turn-runner";
import type { Surroundings } from "./types";

export const NEW_TITLE = "New chat";

/** What a tab has for its turns. */
export type Ground = {
  readonly self: TabSelf;
  readonly tabLog: TabLog;
  readonly wire: TabWire;
  readonly queue: TabQueue;
  readonly edits: Pick<TabEdits, "load" | "news">;
  readonly jobs: Pick<TabJobs, "untold" | "told">;
  readonly surroundings: Surroundings;
};

/** What a person says: what waited in the queue, then what they have just sent. At least one text. */
export type Words = { readonly queued: readonly Taken[]; readonly text: string | undefined };

/**
 * A new turn: the person's words, what the model is told beside them and, at the tab's first turn, the frozen prompt,
 * as one record. Rejects when that can't be written; then the turn has not begun and the tab is as it was.
 */
export async function beginTurn(
  ground: Ground,
  { words, turn, previous }: { words: Words; turn: TurnRecord; previous: TurnRecord | undefined },
): Promise<TurnStart> {
  const { tabLog, surroundings, jobs, wire, edits } = ground;
  if (previous?.endReason === "interrupted" || previous?.endReason === "error") {
    await tabLog.append(previous.id, passedOver(await readLastStep(surroundings.store, previous)));
  }
  const context =
    previous === undefined
      ? await openingContext(surroundings.workspace, turn.startedAt, process.platform)
      : laterContext(previous.startedAt, turn.startedAt);
  await edits.load();
  const { queued, text } = words;
  const texts = [...queued.flatMap((taken) => taken.texts), ...(text === undefined ? [] : [text])];
  const ended = jobs.untold();
  const news = modeNews(0, surroundings, ground.self.record());
  const firstTitle = previous === undefined ? titleFrom(texts[0] ?? "") : undefined;
  await write(ground, turn, {
    ...(firstTitle === undefined ? {} : { firstTitle }),
    drafts: [
      ...(context === undefined ? [] : [userDraft(0, context, "context")]),
      ...news.drafts,
      ...edits.news(0),
      ...endedDrafts(0, ended, wire.offers("job_output")),
      ...texts.map((one) => userDraft(0, one)),
    ],
    queued,
    toldMode: news.mode,
    also: [{ op: "turn", turn }],
  });
  for (const job of ended) jobs.told(job);
  return { firstStep: 1, openCalls: [] };
}

/**
 * The turn goes on where it was left, with what waits in the queue, unless calls wait for their answers first. Rejects
 * when that can't be written; then it can still be continued later.
 */
export async function continueTurn(ground: Ground, turn: TurnRecord): Promise<TurnStart> {
  const last = await readLastStep(ground.surroundings.store, turn);
  await ground.edits.load();
  const isBoundary = last.open.length === 0;
  const taken = isBoundary ? ground.queue.take() : undefined;
  const ended = isBoundary ? ground.jobs.untold() : [];
  const news = isBoundary ? modeNews(last.step, ground.surroundings, ground.self.record()) : undefined;
  await write(ground, turn, {
    drafts: [
      ...resumeDrafts(last),
      ...(news?.drafts ?? []),
      ...(isBoundary ? ground.edits.news(last.step) : []),
      ...endedDrafts(last.step, ended, ground.wire.offers("job_output")),
      ...(taken?.texts ?? []).map((text) => userDraft(last.step, text)),
    ],
    queued: taken === undefined ? [] : [taken],
    ...(news === undefined ? {} : { toldMode: news.mode }),
    // It has no end any more: after a crash it is mended again, and a window that follows sees that it runs.
    also: [{ op: "turn", turn: { id: turn.id, tabId: turn.tabId, startedAt: turn.startedAt } }],
  }).catch((error: unknown) => {
    taken?.putBack();
    throw error;
  });
  for (const job of ended) ground.jobs.told(job);
  return { firstStep: last.step + 1, openCalls: last.open };
}

/** When it rejects, whoever took messages puts them back. */
async function write(
  { self, tabLog, wire, surroundings }: Ground,
  turn: TurnRecord,
  start: {
    readonly firstTitle?: string;
    readonly drafts: readonly Draft[];
    readonly queued: readonly Taken[];
    /** What the model knows of the mode once these are rows. */
    readonly toldMode?: Mode;
    readonly also: readonly Op[];
  },
): Promise<void> {
  const hash = self.record().promptHash;
  const frozen = hash !== undefined && (await wire.load(hash)) ? undefined : freezePrompt(surroundings);
  if (frozen !== undefined) wire.use(frozen);
  const isOther = hash !== undefined && frozen !== undefined && frozen.hash !== hash;
  const before = self.record(); // the person may have given the tab a title while the prompt was read
  const title = before.title === NEW_TITLE ? (start.firstTitle ?? NEW_TITLE) : before.title;
  self.change({ ...before, title, ...(frozen === undefined ? {} : { promptHash: frozen.hash }) });
  try {
    for (const taken of start.queued) taken.leaveRecord();
    if (start.toldMode !== undefined) self.set({ toldMode: start.toldMode });
    await tabLog.append(turn.id, isOther ? [promptNote, ...start.drafts] : start.drafts, [
      ...(frozen === undefined ? [] : [{ op: "prompt", ...frozen } as const]),
      { op: "tab", tab: self.record() },
      ...start.also,
    ]);
  } catch (error) {
    const { title: now } = self.record();
    self.change({ ...before, title: now === title ? before.title : now });
    self.set({ toldMode: before.toldMode ?? "ask" });
    throw error;
  }
  for (const taken of start.queued) taken.delivered();
}

/** Frozen at the first turn of a tab: a change under a conversation would cost its whole cache. */
function freezePrompt(surroundings: Surroundings): Prompt {
  const tools = surroundings.tools.map(({ name, description, schema }) => ({ name, description, schema }));
  const text = renderPrompt(SYSTEM_TEXT, tools);
  return { hash: sha256(text), text };
}

const promptNote: Draft = {
  role: "system",
  type: "system",
  step: 0,
  data: {
    kind: "config-reload",
    text: "The instructions that this chat began with are damaged in the log. It goes on with today's.",
  },
};
