/**
 * One conversation: its rows, its turn, its questions, and what its views are told. Nothing here is shared with
 * another tab. A turn belongs to the tab, not to a view: closing a view never stops it.
 */
import type { Grant } from "../approvals/decide";
import type { ApprovalAnswer, TabEvent, TabState, TabStatus, TurnSummary, Window } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { Settings } from "../models/settings";
import type { TabRecord, TurnRecord } from "../store/types";
import { createDraft } from "./draft";
import { createQuestions } from "./questions";
import { isResumable, mendInterrupted, passedOver, readLastStep, resumeDrafts } from "./restore";
import { createTabChannel } from "./tab-channel";
import { createTabLog } from "./tab-log";
import { readTurns } from "./tab-turns";
import { createTabWire } from "./tab-wire";
import type { Question, Turn } from "./turn-context";
import { createTurnRunner, type TurnStart } from "./turn-runner";
import { openTurn } from "./turn-start";
import type { Surroundings } from "./types";

/** Rows in the first window of a tab, and in each older page. */
const WINDOW_ROWS = 200;

export type Page = {
  readonly rows: readonly Row[];
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
};

export type Tab = {
  readonly id: string;
  readonly state: () => TabState;
  /** The newest window, with the live tail, at one revision. */
  readonly window: () => Promise<Window>;
  readonly older: (before: number) => Promise<Page>;
  /** @returns false when a turn is running: the text is kept as the draft then. */
  readonly send: (text: string, settings: Settings) => boolean;
  /** Continues the last turn if it can be continued and none is running. */
  readonly resume: (settings: Settings) => void;
  readonly stop: () => void;
  readonly decide: (id: string, answer: ApprovalAnswer) => void;
  readonly setDraft: (text: string) => void;
  readonly question: (callId: string) => Question | undefined;
  readonly firstQuestion: () => string | undefined;
  /**
   * The log has changed hands and the tab is opened anew: nothing of this one is written any more.
   * @returns the draft, when it is not saved.
   */
  readonly abandon: () => string | undefined;
  /** Interrupts the turn and resolves when all its rows are durable. */
  readonly dispose: () => Promise<void>;
};

export type TabOut = {
  readonly event: (event: TabEvent) => void;
  /** The tab's state (title, status, activity, draft) is not what it was. */
  readonly changed: () => void;
};

/** Opens a tab on its log: reads its turns, mends what a crash has left. */
export async function openTab(opened: TabRecord, surroundings: Surroundings, out: TabOut): Promise<Tab> {
  const { store, now, newId, log } = surroundings;
  const tabId = opened.id;
  let record = opened;
  let settings: Settings | undefined;
  const grants: Grant[] = [];
  const turns = await readTurns(tabId, store);
  const channel = createTabChannel(tabId, out.event);
  const wire = createTabWire(tabId, store);
  const tabLog = createTabLog({
    tabId,
    lastSeq: await store.lastSeq(tabId),
    store,
    now,
    newId,
    onRows(rows) {
      wire.append(rows);
      channel.rows(rows);
    },
  });
  const questions = createQuestions(() => {
    channel.cards(questions.cards());
    out.changed();
  });
  const draft = createDraft(
    () => store.write([{ op: "tab", tab: record }]),
    (message) => log("warn", message),
  );

  const finish = async (turn: TurnRecord, outcome: Awaited<ReturnType<typeof mendInterrupted>>): Promise<void> => {
    const ended: TurnRecord = { ...turn, endedAt: now(), endReason: outcome.reason };
    await tabLog.append(turn.id, outcome.drafts, [{ op: "turn", turn: ended }]);
    channel.push({ kind: "end" });
    const summary = await turns.end(ended);
    if (summary !== undefined) channel.turn(summary);
  };

  const currentSettings = (): Settings => {
    const state = surroundings.settings();
    if (state.ok) settings = state.settings;
    if (settings === undefined) throw new Error("A turn was started without settings.");
    return settings;
  };

  const runner = createTurnRunner({
    context: (turnId, start, signal): Turn => ({
      ...start,
      tabId,
      turnId,
      signal,
      surroundings,
      settings: currentSettings,
      wire,
      append: (drafts, also) => tabLog.append(turnId, drafts, also),
      live: channel.push,
      activity: runner.setActivity,
      ask: (question) => questions.ask(question, signal),
      grants: () => grants,
      addGrant: (grant) => grants.push(grant),
    }),
    finish,
    changed: out.changed,
    log: (message) => log("error", message),
  });

  const lastTurn = turns.last();
  if (lastTurn !== undefined && lastTurn.endedAt === undefined && store.state.kind === "writer") {
    await finish(lastTurn, await mendInterrupted(store, surroundings.tools, lastTurn));
  }

  /** Everything that must be durable before the first request of a new turn. */
  const begin = async (text: string, turn: TurnRecord, previous: TurnRecord | undefined): Promise<TurnStart> => {
    if (previous?.endReason === "interrupted") {
      await tabLog.append(previous.id, passedOver(await readLastStep(store, previous)));
    }
    const opening = await openTurn({ text, record, turn, previous, surroundings, wire });
    draft.drop();
    record = { ...opening.record, draft: record.draft };
    await tabLog.append(turn.id, opening.drafts, opening.also);
    out.changed();
    return { firstStep: 1, openCalls: [] };
  };

  /** What a person typed is never lost: when its turn can't begin, it is back in the composer. */
  const keepText = (text: string, work: Promise<TurnStart>): Promise<TurnStart> =>
    work.catch((error: unknown) => {
      record = { ...record, draft: text };
      throw error;
    });

  return {
    id: tabId,
    state: () => {
      const ended = runner.isRunning() ? undefined : turns.last()?.endReason;
      const waits = questions.cards().length > 0;
      return {
        id: tabId,
        title: record.title,
        status: waits ? "needs-approval" : statusOf(runner.isRunning(), ended),
        activity: waits ? { kind: "approval" } : runner.activity(),
        draft: record.draft,
        modelLabel: modelLabel(surroundings),
        ...(isResumable(ended) ? { resumable: true } : {}),
        ...(ended === "interrupted"
          ? {
              unfinished: {
                turnId: turns.last()?.id ?? "",
                message: "This turn was interrupted. What was done is kept.",
              },
            }
          : {}),
      };
    },
    async window() {
      const live = channel.live();
      const at = { tab: tabId, rev: channel.rev(), turns: turns.summaries(), approvals: questions.cards() };
      const rows = await store.rowsBefore(tabId, tabLog.durableSeq() + 1, WINDOW_ROWS);
      return { ...at, rows, hasOlder: (rows[0]?.seq ?? 1) > 1, ...(live === undefined ? {} : { live }) };
    },
    async older(before) {
      const rows = await store.rowsBefore(tabId, before, WINDOW_ROWS);
      return { rows, turns: turns.summaries(), hasOlder: (rows[0]?.seq ?? 1) > 1 };
    },
    send(text, given) {
      if (runner.isRunning()) return false;
      settings = given;
      const previous = turns.last();
      const turn: TurnRecord = { id: newId(), tabId, startedAt: now() };
      turns.put(turn);
      record = { ...record, draft: "" };
      runner.start(turn, () => keepText(text, begin(text, turn, previous)));
      return true;
    },
    resume(given) {
      const turn = turns.last();
      if (runner.isRunning() || turn === undefined || !isResumable(turn.endReason)) return;
      settings = given;
      runner.start(turn, async () => {
        await wire.load(record);
        const last = await readLastStep(store, turn);
        await tabLog.append(turn.id, resumeDrafts(last));
        return { firstStep: last.step + 1, openCalls: last.open };
      });
    },
    stop: runner.stop,
    decide(id, answer) {
      if (!questions.answer(id, answer)) log("info", "an answer came for a question that is not open any more");
    },
    setDraft(text) {
      if (text === record.draft) return;
      record = { ...record, draft: text };
      draft.save();
    },
    question: questions.find,
    firstQuestion: () => questions.cards()[0]?.id,
    abandon() {
      const unsaved = draft.isUnsaved() ? record.draft : undefined;
      draft.drop();
      channel.dispose();
      return unsaved;
    },
    async dispose() {
      runner.interrupt();
      await draft.flush();
      await runner.settled();
      channel.dispose();
    },
  };
}

function statusOf(running: boolean, ended: TurnSummary["endReason"] | undefined): TabStatus {
  if (running) return "running";
  return ended === "error" || ended === "refusal" || ended === "max_tokens" ? "error" : "idle";
}

function modelLabel(surroundings: Surroundings): string {
  const state = surroundings.settings();
  return state.ok ? state.settings.models[0].model : "";
}
