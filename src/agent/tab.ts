/**
 * One conversation: its rows, its turn, its questions, and what its views are told. Nothing here is shared with
 * another tab. A turn belongs to the tab, not to a view: closing a view never stops it.
 */

import type { Grant } from "../approvals/grants";
import type { AskAnswer } from "../chunks/ask";
import type { Edit } from "../chunks/edits";
import type { Mode } from "../chunks/modes";
import type { ApprovalAnswer, ReadingPlace, TabState, Window } from "../chunks/protocol";
import type { Op, TabModel, TabRecord, TurnRecord } from "../store/types";
import type { TabJobs } from "../tools/jobs";
import { whenRefusing } from "./closing";
import { messageOf } from "./error-text";
import { mendCrashed, mendInterrupted } from "./restore";
import { createRoute } from "./route";
import { rulesOf } from "./rules";
import { followOps } from "./tab-follow";
import { modeOf } from "./tab-mode";
import { append, deliverWaiting, openParts, type TabOut, type TabParts } from "./tab-parts";
import type { TabQueue } from "./tab-queue";
import type { UnsavedDraft } from "./tab-self";
import { createTabStarts, type TabStarts } from "./tab-starts";
import { type NewerPage, type Page, readNewer, readPage, readWindow, stateOf, type WindowWish } from "./tab-state";
import type { TurnOutcome } from "./turn";
import type { Question, Turn } from "./turn-context";
import { withFiles } from "./turn-files";
import { createTurnRunner, type TurnRunner } from "./turn-runner";
import type { Surroundings } from "./types";
import { type UndoAct, undoEdits } from "./undo";

export type Tab = Omit<TabStarts, "next"> & {
  readonly id: string;
  readonly state: () => TabState;
  /** A window, without a wish the newest, with the live tail, at one revision. */
  readonly window: (wish?: WindowWish) => Promise<Window>;
  readonly older: (before: number) => Promise<Page>;
  readonly newer: (after: number) => Promise<NewerPage>;
  readonly queue: Pick<TabQueue, "edit" | "remove" | "move">;
  readonly jobs: Pick<TabJobs, "move" | "find" | "stop">;
  /** The queue waits for the command of this call, as long as it runs. @returns false when it does not run in front. */
  readonly waitFor: (callId: string) => boolean;
  /** Whether commands run in the background. */
  readonly hasJobs: () => boolean;
  /** Answers a question of the agent; a view's answer that comes late or does not fit has no effect. */
  readonly answer: (id: string, answer: AskAnswer) => void;
  readonly decide: (id: string, answer: ApprovalAnswer) => void;
  /** What the tab keeps of its own choice of models. */
  readonly ownModels: () => Pick<TabRecord, "models">;
  /** The next step and all after it ask this model, and those of the settings only behind it. Resolves when it is durable. */
  readonly useModel: (model: TabModel) => Promise<void>;
  /** As it counts now. */
  readonly mode: () => Mode;
  /** As the person has chosen it, whether it may be or not. */
  readonly keptMode: () => Mode;
  /** The next call and all after it are decided in this mode; a question that waits stays. Resolves when it is durable. */
  readonly setMode: (mode: Mode) => Promise<void>;
  /** Gives the tab a title of the person's own. Resolves when it is durable. */
  readonly rename: (title: string) => Promise<void>;
  /** What *Allow in this tab* has allowed. */
  readonly grants: () => readonly Grant[];
  /** The next call that it would have covered is asked again. @param words of the grant. */
  readonly takeBackGrant: (words: string) => void;
  readonly isRunning: () => boolean;
  readonly position: () => number;
  /** Changes the place in the strip. @returns what must be written for it, or nothing if it is there already. */
  readonly place: (position: number) => readonly Op[];
  /** A view shows the tab: a turn that has ended meanwhile counts as read. */
  readonly setRead: () => void;
  /** Where a view has read the tab; nothing: at its end. Of several views the last word counts. */
  readonly setPlace: (place: ReadingPlace | undefined) => void;
  readonly setDraft: (text: string) => void;
  /** Puts a message that was not sent back into the composer, before what was typed since. */
  readonly giveBack: (text: string) => void;
  /** Puts the draft of this tab back that it had before it was opened anew. */
  readonly restoreDraft: (draft: UnsavedDraft) => void;
  /** Takes over what another window has written of this tab. */
  readonly follow: (ops: readonly Op[]) => Promise<void>;
  /** Ends the wait before the next try, if the turn waits for one. */
  readonly retryNow: () => void;
  /** @returns what could not be done, in sentences, or nothing. */
  readonly undoEdits: (act: UndoAct, calls: readonly string[]) => Promise<string | undefined>;
  /** The edits of a turn, in order. */
  readonly edits: (turnId: string) => Promise<readonly Edit[]>;
  readonly question: (callId: string) => Question | undefined;
  readonly firstQuestion: () => Question | undefined;
  /**
   * The log has changed hands and the tab is opened anew: this one ends its turn and writes nothing more after that.
   * @returns the draft, when it is not saved.
   */
  readonly abandon: () => Promise<UnsavedDraft | undefined>;
  /** The tab is being closed: stops the turn and the jobs, and resolves when all its rows and its draft are durable. */
  readonly end: () => Promise<void>;
  /** Interrupts the turn, ends the jobs, and resolves when all rows are durable. */
  readonly dispose: () => Promise<void>;
};

/** Opens a tab on its log: reads its turns, mends what a crash has left. */
export async function openTab(opened: TabRecord, surroundings: Surroundings, out: TabOut): Promise<Tab> {
  const parts = await openParts(opened, surroundings, out);
  const starts = createTabStarts(parts, () => runner);
  const runner = createRunner(parts, starts);
  await mendLastTurn(parts);
  const { channel, questions, self, queue, jobs } = parts;
  const { next: _, ...acts } = starts;
  return {
    ...acts,
    id: opened.id,
    state: () => stateOf(parts, runner),
    window: (wish) => readWindow(parts, wish),
    older: (before) => readPage(parts, before),
    newer: (after) => readNewer(parts, after),
    queue,
    jobs,
    waitFor: parts.makeWay.waitFor,
    hasJobs: () => jobs.shown().some((job) => job.end() === undefined),
    answer(id, answer) {
      if (!parts.asks.answer(id, answer))
        surroundings.log("info", "an answer came for a question of the agent that is not open or that it does not fit");
    },
    decide(id, answer) {
      if (!questions.answer(id, answer))
        surroundings.log("info", "an answer came for a question that is not open any more");
    },
    ownModels() {
      const { models } = self.record();
      return models === undefined ? {} : { models };
    },
    async useModel(model) {
      self.set({ models: [model] });
      out.changed();
      await surroundings.store.write([{ op: "tab", tab: self.record() }]);
    },
    mode: () => modeOf(surroundings, self.record()),
    keptMode: () => self.record().mode ?? "ask",
    async setMode(mode) {
      self.set({ mode });
      out.changed();
      await surroundings.store.write([{ op: "tab", tab: self.record() }]);
    },
    async rename(title) {
      self.set({ title });
      out.changed();
      await surroundings.store.write([{ op: "tab", tab: self.record() }]);
    },
    grants: () => parts.grants,
    takeBackGrant(words) {
      const at = parts.grants.findIndex((grant) => grant.words === words);
      if (at >= 0) parts.grants.splice(at, 1);
    },
    isRunning: runner.isRunning,
    position: () => self.record().position,
    place(position) {
      if (self.record().position === position) return [];
      self.set({ position });
      return [{ op: "tab", tab: self.record() }];
    },
    setRead() {
      if (self.record().unread !== true) return;
      self.setRead();
      out.changed();
    },
    setPlace: self.setPlace,
    setDraft: self.setDraft,
    giveBack: self.giveBack,
    restoreDraft: self.restore,
    follow: (ops) => followOps(parts, ops),
    retryNow: parts.waiter.skip,
    undoEdits: (act, calls) => parts.inTurn(() => undoEdits(parts, act, calls)),
    async edits(turnId) {
      await parts.edits.load();
      return parts.edits.ofTurn(turnId);
    },
    question: questions.find,
    firstQuestion: questions.first,
    async abandon() {
      runner.interrupt();
      await Promise.all([runner.settled(), jobs.dispose()]);
      channel.dispose();
      return self.abandon();
    },
    async end() {
      acts.stop();
      await Promise.all([runner.settled(), jobs.dispose()]);
      await self.flush();
      channel.dispose();
    },
    async dispose() {
      runner.interrupt();
      const jobsEnded = jobs.dispose();
      await self.flush();
      await Promise.all([runner.settled(), jobsEnded]);
      await self.flush(); // a message that could not begin its turn is a draft again
      channel.dispose();
    },
  };
}

function createRunner(parts: TabParts, starts: TabStarts): TurnRunner {
  const { tabId, surroundings, wire, channel, questions, grants } = parts;
  const runner: TurnRunner = createTurnRunner({
    context: (turnId, start, signal): Turn => ({
      ...start,
      tabId,
      turnId,
      signal,
      surroundings,
      settings: parts.settings.current,
      used: parts.turns.used,
      lastRequestTo: parts.turns.lastRequestTo,
      told: parts.told,
      tab: parts.self.record,
      route: createRoute(),
      waiter: parts.waiter,
      wire,
      jobs: parts.jobs,
      append: (drafts, also) => append(parts, turnId, drafts, also),
      deliverWaiting: (step) => deliverWaiting(parts, turnId, step),
      live: channel.push,
      activity: runner.setActivity,
      ask: (question) => questions.ask(question, signal),
      policy: async () => ({
        rules: await rulesOf(surroundings),
        mode: modeOf(surroundings, parts.self.record()),
        root: surroundings.workspace?.root ?? "/",
      }),
      askPerson: (ask) => parts.asks.ask(ask, signal),
      grants: () => grants,
      addGrant: (grant) => grants.push(grant),
    }),
    finish: (turn, outcome) => finish(parts, turn, outcome, !parts.out.isShown()),
    mend: (turn) => mendCrashed(surroundings.store, surroundings.tools, turn),
    next: starts.next,
    changed: parts.out.changed,
    log: (message) => surroundings.log("error", message),
  });
  return runner;
}

/** @param unread nobody sees it: the tab gets its mark in the same record. */
async function finish(parts: TabParts, turn: TurnRecord, outcome: TurnOutcome, unread = false): Promise<void> {
  const { surroundings, self, tabLog, turns, channel } = parts;
  const ended: TurnRecord = { ...turn, endedAt: surroundings.now(), endReason: outcome.reason };
  if (unread) self.set({ unread });
  const mark: readonly Op[] = unread ? [{ op: "tab", tab: self.record() }] : [];
  try {
    await tabLog.append(turn.id, outcome.drafts, [{ op: "turn", turn: ended }, ...mark]);
    const summary = turns.end(ended);
    channel.push({ kind: "end" });
    if (summary !== undefined) channel.turn(withFiles(parts, summary));
  } catch (error) {
    // What the log will say at the next start.
    turns.end({ ...ended, endReason: "interrupted" });
    channel.push({ kind: "end" });
    throw error;
  }
}

/** A last turn without an end was cut by a crash. That it can't be mended now must not keep the tab from opening. */
async function mendLastTurn(parts: TabParts): Promise<void> {
  const { store, tools, log } = parts.surroundings;
  const turn = parts.turns.last();
  if (turn === undefined || turn.endedAt !== undefined || store.state.kind !== "writer") return;
  const refusal = whenRefusing(store);
  const mended = mendInterrupted(store, tools, turn)
    .then((outcome) => finish(parts, turn, outcome))
    .catch((error: unknown) => log("error", `a cut turn was not mended: ${messageOf(error)}`));
  await Promise.race([mended, refusal.refused]);
  refusal.dispose();
}
