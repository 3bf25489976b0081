/**
 * The loop: one turn from its first request until the agent is idle again. A function of its context: rows and live
 * events go out through it, nothing else is touched. Every way in which a step can end has its branch here.
 */

import { userDraft } from "../chunks/explode";
import type { TurnEnd } from "../chunks/protocol";
import type { Draft, ErrorData } from "../chunks/rows";
import { attemptStep, type StepReply } from "./attempt";
import { runCalls } from "./calls";
import { cancelledDraft, interruptedDraft, isClosing } from "./closing";
import { contextFull, emptyAnswer, internalError, outputLimit, refused, tooManyPauses } from "./endings";
import { createLimits } from "./limits";
import { reloaded, type Terms } from "./reload";
import type { Turn } from "./turn-context";

/** How a turn ended, and the rows that say so. They are sealed together with the turn's end. */
export type TurnOutcome = { readonly reason: TurnEnd; readonly drafts: readonly Draft[] };

/** Steps that end in `max_tokens` or `pause_turn` without a result in between, before the loop gives up. */
const MAX_IN_A_ROW = 3;

/**
 * Runs steps until the model is done, the person stops it, a limit is reached or it fails.
 * Never rejects for what a model, a server, a tool or a person does; the store being closed under it does reject.
 */
export async function runTurn(turn: Turn): Promise<TurnOutcome> {
  if (turn.openCalls.length > 0) {
    const step = turn.firstStep - 1;
    turn.live({ kind: "begin", turnId: turn.turnId, step, startedAt: turn.surroundings.now() });
    await runCalls(turn, step, turn.openCalls);
  }
  const limits = createLimits(turn);
  let terms = termsOf(turn);
  let truncated = 0;
  let paused = 0;
  let isBoundary = turn.openCalls.length > 0;
  for (let step = turn.firstStep; ; step++) {
    if (turn.signal.aborted) return stopped(turn, step);
    const before = terms;
    terms = termsOf(turn);
    const note = reloaded(step - 1, before, terms);
    if (note !== undefined) await turn.append([note]);
    const limit = limits.reached(step);
    if (limit !== undefined) return failed(limit.reason, step, limit.error);
    await tellOnce(turn, step, limits.unknowable());
    // A pause is sent back as it is; behind a second one the person's words are welcome.
    if (isBoundary && paused !== 1) await turn.deliverWaiting(step - 1);
    isBoundary = true;
    const reply = await attemptStep(turn, step, paused === 1, limits.passesCost);
    if (reply.kind === "stopped") return stopped(turn, step);
    if (reply.kind === "over") return failed("max_cost", step, reply.error);
    if (reply.kind === "failed") return failed("error", step, reply.error);

    if (reply.calls.length > 0) await runCalls(turn, step, reply.calls);
    const next = whatNext(reply);
    switch (next) {
      case "step":
        truncated = 0;
        paused = 0;
        break;
      case "pause":
        // A paused answer is sent back as it came. With a second one behind it, it is not what came any more.
        if (++paused >= MAX_IN_A_ROW) return failed("error", step, tooManyPauses());
        if (paused > 1 && !turn.signal.aborted) await turn.append([goOn(step)]);
        break;
      case "cut":
        paused = 0;
        if (++truncated >= MAX_IN_A_ROW) return failed("max_tokens", step, outputLimit());
        if (!turn.signal.aborted) await turn.append([cutNote(step, reply)]);
        break;
      case "cut-answer":
        return failed("max_tokens", step, outputLimit());
      case "refusal":
        return failed("refusal", step, refused());
      case "context-full":
        return failed("error", step, contextFull());
      case "empty":
        return {
          reason: "done",
          drafts: [{ role: "system", type: "system", step, data: { kind: "notice", text: emptyAnswer() } }],
        };
      case "done":
        return { reason: "done", drafts: [] };
    }
  }
}

function termsOf(turn: Turn): Terms {
  const { maxSteps, maxCost, commandTimeoutSeconds, models } = turn.settings();
  const limits = { maxSteps, commandTimeoutSeconds, ...(maxCost === undefined ? {} : { maxCost }) };
  return { ...limits, choice: models[0], own: turn.tab().models };
}

/** For the outermost border: what a bug becomes. `mended`: the results that it has left out. */
export function crashed(step: number, error: unknown, mended: readonly Draft[]): TurnOutcome {
  const { reason, drafts } = failed("error", step, internalError(error));
  return { reason, drafts: [...mended, ...drafts] };
}

/** A word for the model when it had the last one itself, since a request must end with the user. */
export function goOn(step: number): Draft {
  return userDraft(step, "Go on from where you stopped.", "context");
}

async function tellOnce(turn: Turn, step: number, notice: string | undefined): Promise<void> {
  if (notice === undefined || turn.told.has(notice)) return;
  turn.told.add(notice);
  await turn.append([{ role: "system", type: "system", step, data: { kind: "notice", text: notice } }]);
}

type Next = "step" | "pause" | "cut" | "cut-answer" | "refusal" | "context-full" | "empty" | "done";

function whatNext(reply: StepReply & { readonly kind: "sealed" }): Next {
  switch (reply.stopReason) {
    case "refusal":
      return "refusal";
    case "model_context_window_exceeded":
      return "context-full";
    case "max_tokens":
      return reply.cutCall !== undefined || reply.calls.length > 0 ? "cut" : "cut-answer";
    case "pause_turn":
      return reply.calls.length > 0 ? "step" : "pause";
    default:
      if (reply.calls.length > 0) return "step";
      return reply.empty ? "empty" : "done";
  }
}

function cutNote(step: number, reply: { readonly cutCall?: string }): Draft {
  const what =
    reply.cutCall === undefined ? "" : ` while you were writing a call to ${reply.cutCall}; that call was not run`;
  const text = `Your last answer reached the output limit${what}. Go on from there in smaller parts.`;
  return userDraft(step, text, "context");
}

function stopped(turn: Turn, step: number): TurnOutcome {
  if (isClosing(turn.signal)) return { reason: "interrupted", drafts: [interruptedDraft(step)] };
  return { reason: "cancelled", drafts: [cancelledDraft(step, turn.signal)] };
}

function failed(reason: TurnEnd, step: number, error: ErrorData): TurnOutcome {
  return { reason, drafts: [{ role: "assistant", type: "error", step, data: error }] };
}
