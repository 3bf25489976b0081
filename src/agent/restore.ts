/**
 * What a tab finds when it is opened again: its last turn may have been cut by a crash. The log is mended where rows
 * are written, so that everything that reads it later finds it whole.
 */

import { resultDraft, userDraft } from "../chunks/explode";
import type { TurnEnd } from "../chunks/protocol";
import type { Draft, Row, ToolCall } from "../chunks/rows";
import type { RequestRecord, Store, TurnRecord } from "../store/types";
import type { Tool } from "../tools/types";
import { interruptedDraft } from "./closing";

/** More rows than one step can have in practice; a turn may have any number. */
const LAST_ROWS = 1_000;

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
  return reason === "interrupted" || reason === "error" || reason === "max_steps" || reason === "max_tokens";
}

export async function readLastStep(store: Store, turn: TurnRecord): Promise<LastStep> {
  const last = await store.lastSeq(turn.tabId);
  const rows = (await store.rowsBefore(turn.tabId, last + 1, LAST_ROWS)).filter(
    (row) => row.turnId === turn.id && isSent(row),
  );
  const step = rows.reduce((most, row) => Math.max(most, row.step), 0);
  const own = rows.filter((row) => row.step === step);
  const answered = new Set(own.flatMap((row) => (row.type === "tool_result" ? [row.data.callId] : [])));
  const open = own.flatMap((row) => (row.type === "tool_call" && !answered.has(row.data.callId) ? [row.data] : []));
  return { step, open, endsWithAssistant: own[own.length - 1]?.role === "assistant" && open.length === 0 };
}

/**
 * What must be written for a turn that was running when the process died.
 * - A call that may have begun gets the result *outcome unknown*: it is never run again by itself.
 * - A call that was still waiting for a person has surely not run: it is left open, to be asked anew on *Resume*.
 * - When the model had finished and only the end of the turn was not written, the turn is done.
 */
export async function mendInterrupted(
  store: Store,
  tools: readonly Tool[],
  turn: TurnRecord,
): Promise<{ readonly drafts: readonly Draft[]; readonly reason: TurnEnd }> {
  const last = await readLastStep(store, turn);
  if (last.open.length === 0 && hadFinished(await store.requests(turn.tabId), turn, last))
    return { drafts: [], reason: "done" };
  const allowed = new Set(
    (await store.approvals(turn.tabId)).filter((one) => one.decision.effect !== "deny").map((one) => one.callId),
  );
  const mayHaveRun = last.open.filter(
    (call) => allowed.has(call.callId) || tools.some((tool) => tool.name === call.name && tool.readOnly),
  );
  return {
    drafts: [...mayHaveRun.map((call) => unknownOutcome(last.step, call)), interruptedDraft(last.step)],
    reason: "interrupted",
  };
}

/** The results for calls that nobody answered before the person went on with something else. */
export function passedOver(last: LastStep): readonly Draft[] {
  return last.open.map((call) =>
    result(last.step, call, "Not run: the person went on without answering whether it may.", "cancelled"),
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
  return last.endsWithAssistant
    ? [resumed, userDraft(last.step, "Go on from where you stopped.", "context")]
    : [resumed];
}

function unknownOutcome(step: number, call: ToolCall): Draft {
  const text =
    "The outcome of this call is unknown: Dispatch stopped while it ran. It may have run in part or whole. Check the state before you do it again.";
  return result(step, call, text, "unknown");
}

function result(step: number, call: ToolCall, text: string, outcome: "unknown" | "cancelled"): Draft {
  return resultDraft(step, { callId: call.callId, name: call.name, text, isError: true, outcome });
}

function hadFinished(requests: readonly RequestRecord[], turn: TurnRecord, last: LastStep): boolean {
  const request = requests.filter((one) => one.turnId === turn.id && one.outcome === "ok").at(-1);
  return request?.step === last.step && (request.stopReason === "end_turn" || request.stopReason === "stop_sequence");
}

function isSent(row: Row): boolean {
  return row.type !== "error" && row.type !== "system";
}
