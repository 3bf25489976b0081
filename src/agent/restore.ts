/**
 * What a tab finds when it is opened again: its last turn may have been cut by a crash. The log is mended where rows
 * are written, so that everything that reads it later finds it whole.
 */

import { resultDraft } from "../chunks/explode";
import type { TurnEnd } from "../chunks/protocol";
import type { Draft, Row, ToolCall } from "../chunks/rows";
import type { RequestRecord, Store, TurnRecord } from "../store/types";
import type { Tool } from "../tools/types";
import { interruptedDraft } from "./closing";
import { ownRequests } from "./side";
import { goOn, type TurnOutcome } from "./turn";

/** Rows that are read at a time while the last step is looked for: most steps have far fewer. */
const PAGE = 100;

export type LastStep = {
  /** The last step that left rows for the model; 0 is the user's own row. */
  readonly step: number;
  /** Calls of that step that have no result. */
  readonly open: readonly ToolCall[];
  /** Whether the model had the last word, so that a user row must come before the next request. */
  readonly endsWithAssistant: boolean;
};

/** Ends of a turn that can be continued by *Resume*. */
export function isResumable(reason: TurnEnd | undefined): boolean {
  return (
    reason === "interrupted" ||
    reason === "error" ||
    reason === "max_steps" ||
    reason === "max_cost" ||
    reason === "max_tokens"
  );
}

/** What the newest turn of its tab ended with. Reads the rows of its last step, not the whole turn. */
export async function readLastStep(store: Store, turn: TurnRecord): Promise<LastStep> {
  const rows = await readTail(store, turn);
  const step = rows.reduce((most, row) => Math.max(most, row.step), 0);
  const own = rows.filter((row) => row.step === step);
  const open = withoutResult(own);
  return { step, open, endsWithAssistant: own.at(-1)?.role === "assistant" && open.length === 0 };
}

/**
 * What must be written for a turn that was running when the process died.
 * - A call that may have begun gets the result *outcome unknown*: it is never run again by itself.
 * - A call that was still waiting for a person, for a permission or an answer, has surely not run: it is left open, to be asked anew on *Resume*.
 * - When the model had finished and only the end of the turn was not written, the turn is done.
 */
export async function mendInterrupted(store: Store, tools: readonly Tool[], turn: TurnRecord): Promise<TurnOutcome> {
  const last = await readLastStep(store, turn);
  if (hadFinished(await ownRequests(store, turn.tabId), turn, last)) return { drafts: [], reason: "done" };
  const drafts = await unknownOutcomes(store, tools, turn, last);
  return { drafts: [...drafts, interruptedDraft(last.step)], reason: "interrupted" };
}

/** The results that a turn lacks which a bug has cut short: the same rules as after a crash. */
export async function mendCrashed(store: Store, tools: readonly Tool[], turn: TurnRecord): Promise<readonly Draft[]> {
  return unknownOutcomes(store, tools, turn, await readLastStep(store, turn));
}

/** The results for calls that nobody answered before the person went on with something else. */
export function passedOver(last: LastStep): readonly Draft[] {
  return last.open.map((call) =>
    result(last.step, call, "Not run: the person went on without answering.", "cancelled"),
  );
}

/** The rows that come before a turn is continued. The model gets a word when it had the last one itself. */
export function resumeDrafts(last: LastStep): readonly Draft[] {
  const resumed: Draft = {
    role: "system",
    type: "system",
    step: last.step,
    data: { kind: "resumed", text: "Continued." },
  };
  return last.endsWithAssistant ? [resumed, goOn(last.step)] : [resumed];
}

/** For calls that may have begun: those that were allowed, and those that no decision is recorded for beforehand. */
async function unknownOutcomes(
  store: Store,
  tools: readonly Tool[],
  turn: TurnRecord,
  last: LastStep,
): Promise<readonly Draft[]> {
  if (last.open.length === 0) return [];
  const allowed = new Set(
    (await store.approvals(turn.tabId))
      .filter((one) => one.turnId === turn.id && one.decision.effect !== "deny")
      .map((one) => one.callId),
  );
  const text =
    "The outcome of this call is unknown: Dispatch stopped while it ran. It may have run in part or whole. Check the state before you do it again.";
  return last.open
    .filter((call) => allowed.has(call.callId) || tools.some((tool) => tool.name === call.name && tool.readOnly))
    .filter((call) => !tools.some((tool) => tool.name === call.name && tool.asksPerson === true))
    .map((call) => result(last.step, call, text, "unknown"));
}

function result(step: number, call: ToolCall, text: string, outcome: "unknown" | "cancelled"): Draft {
  return resultDraft(step, { callId: call.callId, name: call.name, text, isError: true, outcome });
}

/** Whether the last answer asked for nothing more. An answer without any block has left no row of its step. */
function hadFinished(requests: readonly RequestRecord[], turn: TurnRecord, last: LastStep): boolean {
  const request = requests.findLast((one) => one.turnId === turn.id && one.outcome === "ok");
  if (request?.stopReason !== "end_turn" && request?.stopReason !== "stop_sequence") return false;
  return request.step > last.step || (request.step === last.step && last.endsWithAssistant);
}

/** The rows of the turn from the end of its last step but one, or from its beginning. */
async function readTail(store: Store, turn: TurnRecord): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  for (let before = (await store.lastSeq(turn.tabId)) + 1; before > 1; ) {
    const page = await store.rowsBefore(turn.tabId, before, PAGE);
    rows = [...page.filter((row) => row.turnId === turn.id && isSent(row)), ...rows];
    const isWhole = page.some((row) => row.turnId !== turn.id) || rows[0]?.step !== rows.at(-1)?.step;
    before = isWhole ? 0 : (page[0]?.seq ?? 0);
  }
  return rows;
}

/** Calls by their order: some servers give several calls of a step one id, and each needs a result of its own. */
function withoutResult(rows: readonly Row[]): readonly ToolCall[] {
  const results = new Map<string, number>();
  for (const row of rows)
    if (row.type === "tool_result") results.set(row.data.callId, (results.get(row.data.callId) ?? 0) + 1);
  return rows.flatMap((row) => {
    if (row.type !== "tool_call") return [];
    const left = results.get(row.data.callId) ?? 0;
    results.set(row.data.callId, left - 1);
    return left > 0 ? [] : [row.data];
  });
}

function isSent(row: Row): boolean {
  return row.type !== "error" && row.type !== "system";
}
