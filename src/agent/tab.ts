/**
 * One conversation: its rows, its running turn, its questions, and what the views of it are told. Nothing here is
 * shared with another tab. A turn belongs to the tab, not to a view: closing a view never stops it.
 */

import type { Grant } from "../approvals/decide";
import { applyLive, settleLive } from "../chunks/live";
import type {
  Activity,
  ApprovalAnswer,
  Live,
  LiveEvent,
  TabEvent,
  TabState,
  TabStatus,
  TurnSummary,
  Window,
} from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { Settings } from "../models/settings";
import type { TabRecord, TurnRecord } from "../store/types";
import { createLiveOut } from "./live";
import { createQuestions } from "./questions";
import { isResumable, mendInterrupted, passedOver, readLastStep, resumeDrafts } from "./restore";
import { summarise } from "./summaries";
import { createTabLog } from "./tab-log";
import { createTabWire } from "./tab-wire";
import { crashed, runTurn } from "./turn";
import type { Question, Turn } from "./turn-context";
import { openTurn } from "./turn-start";
import type { Surroundings } from "./types";

/** Rows in the first window of a tab, and in each older page. */
export const WINDOW_ROWS = 200;

export type Tab = {
  readonly id: string;
  readonly state: () => TabState;
  /** The newest window, with the live tail, at one revision. */
  readonly window: () => Promise<Window>;
  readonly older: (before: number) => Promise<{ readonly rows: readonly Row[]; readonly hasOlder: boolean }>;
  readonly turns: () => readonly TurnSummary[];
  /** @returns false when a turn is running: the text is kept as the draft then. */
  readonly send: (text: string, settings: Settings) => boolean;
  readonly resume: (settings: Settings) => void;
  readonly stop: () => void;
  readonly decide: (id: string, answer: ApprovalAnswer) => void;
  readonly setDraft: (text: string) => void;
  readonly question: (callId: string) => Question | undefined;
  readonly firstQuestion: () => string | undefined;
  readonly running: () => boolean;
  /** Stops the turn and resolves when all its rows are durable. */
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
  let record = opened;
  let rev = 0;
  let activity: Activity = { kind: "idle" };
  let failed = false;
  let live: Live | undefined;
  let running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;
  let draftTimer: NodeJS.Timeout | undefined;
  const grants: Grant[] = [];
  const requests = await store.requests(record.id);
  const turns = [...(await store.turns(record.id))];
  const summaries = turns.flatMap((turn) => summarise(turn, requests) ?? []);

  const emit = {
    rows: (rows: readonly Row[]) => out.event({ type: "rows", tab: record.id, rev: ++rev, rows }),
    live: (event: LiveEvent) => out.event({ type: "live", tab: record.id, rev: ++rev, event }),
    turn: (turn: TurnSummary) => out.event({ type: "turn", tab: record.id, rev: ++rev, turn }),
    cards: () => out.event({ type: "approvals", tab: record.id, rev: ++rev, cards: questions.cards() }),
  };
  const liveOut = createLiveOut((event) => {
    live = applyLive(live, event);
    emit.live(event);
  });
  const questions = createQuestions(() => {
    emit.cards();
    out.changed();
  });
  const wire = createTabWire(record.id, store);
  const tabLog = createTabLog({
    tabId: record.id,
    lastSeq: await store.lastSeq(record.id),
    store,
    now,
    newId,
    onRows(rows) {
      liveOut.flush();
      wire.append(rows);
      live = settleLive(live, rows);
      emit.rows(rows);
    },
  });

  const setActivity = (next: Activity): void => {
    activity = next;
    out.changed();
  };
  const saveRecord = (change: Partial<TabRecord>): void => {
    record = { ...record, ...change };
  };

  /** Runs a turn to its end. The one border at which a bug becomes a row. */
  const run = (
    turnRecord: TurnRecord,
    prepare: () => Promise<{ readonly firstStep: number; readonly openCalls: Turn["openCalls"] }>,
    settings: Settings,
  ): void => {
    const abort = new AbortController();
    failed = false;
    setActivity({ kind: "waiting" });
    const done = (async () => {
      let reached = 0;
      const outcome = await (async () => {
        const start = await prepare();
        reached = start.firstStep;
        return runTurn(turnFor(turnRecord.id, start, abort.signal, settings));
      })().catch((error: unknown) => {
        log("error", `turn failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        return crashed(reached, error);
      });
      if (outcome.reason === "cancelled") setActivity({ kind: "stopping" });
      await finish(turnRecord, outcome);
    })().catch((error: unknown) => {
      // The store is closed or refuses: the turn's end can't be written. It is found as interrupted at the next start.
      log("error", `the end of a turn could not be saved: ${error instanceof Error ? error.message : String(error)}`);
    });
    running = { abort, done: done.finally(() => settle()) };
  };

  const settle = (): void => {
    running = undefined;
    setActivity({ kind: "idle" });
  };

  const finish = async (turnRecord: TurnRecord, outcome: Awaited<ReturnType<typeof runTurn>>): Promise<void> => {
    const ended: TurnRecord = { ...turnRecord, endedAt: now(), endReason: outcome.reason };
    await tabLog.append(turnRecord.id, outcome.drafts, [{ op: "turn", turn: ended }]);
    replaceTurn(ended);
    failed = outcome.reason === "error" || outcome.reason === "refusal" || outcome.reason === "max_tokens";
    liveOut.push({ kind: "end" });
    await publishSummary(ended);
  };

  const replaceTurn = (turn: TurnRecord): void => {
    const at = turns.findIndex((one) => one.id === turn.id);
    if (at < 0) turns.push(turn);
    else turns[at] = turn;
  };

  const publishSummary = async (turn: TurnRecord): Promise<void> => {
    const summary = summarise(turn, await store.requests(record.id));
    if (summary === undefined) return;
    const at = summaries.findIndex((one) => one.turnId === turn.id);
    if (at < 0) summaries.push(summary);
    else summaries[at] = summary;
    emit.turn(summary);
  };

  const turnFor = (
    turnId: string,
    start: { readonly firstStep: number; readonly openCalls: Turn["openCalls"] },
    signal: AbortSignal,
    settings: Settings,
  ): Turn => ({
    tabId: record.id,
    turnId,
    firstStep: start.firstStep,
    openCalls: start.openCalls,
    signal,
    surroundings,
    settings: () => {
      const state = surroundings.settings();
      return state.ok ? state.settings : settings;
    },
    wire,
    append: (drafts, also) => tabLog.append(turnId, drafts, also),
    live: liveOut.push,
    activity: setActivity,
    ask: (question) => questions.ask(question, signal),
    grants: () => grants,
    addGrant: (grant) => grants.push(grant),
  });

  const flushDraft = (): Promise<void> => {
    clearTimeout(draftTimer);
    if (draftTimer === undefined) return Promise.resolve();
    draftTimer = undefined;
    return store.write([{ op: "tab", tab: record }]).catch((error: unknown) => {
      log("warn", `the draft could not be saved: ${error instanceof Error ? error.message : String(error)}`);
    });
  };

  const lastTurn = turns.at(-1);
  if (lastTurn !== undefined && lastTurn.endedAt === undefined && store.state.kind === "writer") {
    const mended = await mendInterrupted(store, surroundings.tools, lastTurn);
    const ended: TurnRecord = { ...lastTurn, endedAt: now(), endReason: mended.reason };
    await tabLog.append(lastTurn.id, mended.drafts, [{ op: "turn", turn: ended }]);
    replaceTurn(ended);
    summaries.push(...[summarise(ended, requests)].filter((one) => one !== undefined));
  }

  const status = (): TabStatus => {
    if (questions.cards().length > 0) return "needs-approval";
    if (running !== undefined) return "running";
    return failed ? "error" : "idle";
  };

  return {
    id: record.id,
    state: () => {
      const last = turns.at(-1);
      const settings = surroundings.settings();
      return {
        id: record.id,
        title: record.title,
        status: status(),
        activity: questions.cards().length > 0 ? { kind: "approval" } : activity,
        draft: record.draft,
        modelLabel: settings.ok ? settings.settings.models[0].model : "",
        ...(running === undefined && isResumable(last?.endReason) ? { resumable: true } : {}),
        ...(running === undefined && last?.endReason === "interrupted"
          ? { unfinished: { turnId: last.id, message: "This turn was interrupted. What was done is kept." } }
          : {}),
      };
    },
    async window() {
      const at = { rev, upTo: tabLog.durableSeq(), live, approvals: questions.cards(), turns: [...summaries] };
      const rows = await store.rowsBefore(record.id, at.upTo + 1, WINDOW_ROWS);
      return {
        tab: record.id,
        rev: at.rev,
        rows,
        turns: at.turns,
        hasOlder: (rows[0]?.seq ?? 1) > 1,
        approvals: at.approvals,
        ...(at.live === undefined ? {} : { live: at.live }),
      };
    },
    async older(before) {
      const rows = await store.rowsBefore(record.id, before, WINDOW_ROWS);
      return { rows, hasOlder: (rows[0]?.seq ?? 1) > 1 };
    },
    turns: () => summaries,
    send(text, settings) {
      if (running !== undefined) return false;
      const turn: TurnRecord = { id: newId(), tabId: record.id, startedAt: now() };
      const previous = turns.at(-1);
      replaceTurn(turn);
      run(
        turn,
        async () => {
          if (previous?.endReason === "interrupted")
            await tabLog.append(previous.id, passedOver(await readLastStep(store, previous)));
          const opening = await openTurn({ text, record, turn, previous, surroundings, wire });
          saveRecord(opening.record);
          await tabLog.append(turn.id, opening.drafts, opening.also);
          out.changed();
          return { firstStep: 1, openCalls: [] };
        },
        settings,
      );
      return true;
    },
    resume(settings) {
      const turn = turns.at(-1);
      if (running !== undefined || turn === undefined || !isResumable(turn.endReason)) return;
      run(
        turn,
        async () => {
          await wire.load(record);
          const last = await readLastStep(store, turn);
          await tabLog.append(turn.id, resumeDrafts(last));
          return { firstStep: last.step + 1, openCalls: last.open };
        },
        settings,
      );
    },
    stop() {
      if (running === undefined || running.abort.signal.aborted) return;
      setActivity({ kind: "stopping" });
      running.abort.abort();
    },
    decide(id, answer) {
      if (!questions.answer(id, answer))
        log("info", "an answer came for a question that is not open any more; it has no effect");
    },
    setDraft(text) {
      if (text === record.draft) return;
      saveRecord({ draft: text });
      draftTimer ??= setTimeout(() => void flushDraft(), 500);
    },
    question: questions.find,
    firstQuestion: () => questions.cards()[0]?.id,
    running: () => running !== undefined,
    async dispose() {
      const current = running;
      current?.abort.abort();
      await flushDraft();
      await current?.done;
      liveOut.dispose();
    },
  };
}
