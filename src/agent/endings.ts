/** The sentences for a turn that ends otherwise than well. What a server refuses is worded in src/models/errors.ts. */

import { dollars } from "../chunks/money";
import type { ErrorData } from "../chunks/rows";
import { inWords } from "../models/errors";
import type { Decision, Situation } from "../models/fallback";
import type { Failure } from "../models/types";
import { messageOf } from "./error-text";

export function stepLimit(maxSteps: number): ErrorData {
  return {
    code: "max-steps",
    message: `The agent has taken ${maxSteps} steps in this turn, which is the limit that you set.`,
    advice: "Continue for as many steps again, or raise dispatch.maxSteps in the settings.",
    retryable: true,
    action: "resume",
  };
}

/** @param spent US dollars since the turn began or was continued. */
export function costLimit(spent: number, maxCost: number): ErrorData {
  return {
    code: "max-cost",
    message: `The agent has spent ${dollars(spent)}. The next step would pass the limit of ${dollars(maxCost)} that you set.`,
    advice: "Continue to allow the same amount again, or raise dispatch.maxCost in the settings.",
    retryable: true,
    action: "resume",
  };
}

export function outputLimit(): ErrorData {
  return {
    code: "max-tokens",
    message: "The answer was cut off at the model's output limit.",
    advice: "Continue lets the model go on from there.",
    retryable: true,
    action: "resume",
  };
}

export function refused(): ErrorData {
  return {
    code: "refusal",
    message: "The model declined to go on with this request.",
    advice: "Rephrase the request and send it again.",
    retryable: false,
  };
}

export function contextFull(): ErrorData {
  return {
    code: "context-full",
    message: "The conversation has filled the model's context window.",
    advice: "Start a new tab and say in one message what matters from this one.",
    retryable: false,
  };
}

export function tooManyPauses(): ErrorData {
  return {
    code: "paused",
    message: "The server paused the turn several times without getting on.",
    advice: "Continue asks it to go on.",
    retryable: true,
    action: "resume",
  };
}

export function emptyAnswer(): string {
  return "The model ended its turn without an answer.";
}

/** A bug of ours that reached the outermost border. The stack goes to the log, not to the person. */
export function internalError(error: unknown): ErrorData {
  return {
    code: "internal",
    message: "Something went wrong inside Dispatch. The conversation up to here is saved.",
    advice: "Try again; if it happens again, report it with the log.",
    retryable: true,
    action: "show-log",
    details: messageOf(error),
  };
}

/** No choice is left: the last failure, or why none can be used now, and what *Continue* would go on with. */
export function gaveUp(
  { next, until, why = "" }: Extract<Decision, { act: "give-up" }>,
  { tried, choices, now }: Situation,
): ErrorData {
  const failure = tried.at(-1)?.failure;
  const error = failure === undefined ? noneUsable(why) : fromFailure(failure);
  if (failure?.code === "context-full") return contextFull();
  if (next !== undefined) {
    const other = `${next.model} with the key "${next.key.id}"`;
    return { ...error, advice: `${error.advice ?? ""} Without that, Continue goes on with ${other}.`.trim() };
  }
  if (until === undefined) return error;
  const which = choices.length > 1 ? "One of your models" : "It";
  const wait = `${which} can be used again in ${inWords(until - now)}.`;
  const own = error.code === "rate-limit" ? "Continue then." : (error.advice ?? "");
  return { ...error, advice: `${wait} ${own}`.trim() };
}

function noneUsable(why: string): ErrorData {
  return { code: "rate-limit", message: why, retryable: true, action: "resume" };
}

/** A failed request as the row that ends the turn. */
export function fromFailure(failure: Failure): ErrorData {
  return {
    code: failure.code,
    message: failure.message,
    retryable: failure.act === "retry",
    ...(failure.action === undefined && failure.act === "give-up" ? {} : { action: failure.action ?? "resume" }),
    ...(failure.advice === undefined ? {} : { advice: failure.advice }),
    ...(failure.statusCode === undefined ? {} : { statusCode: failure.statusCode }),
    ...(failure.requestId === undefined ? {} : { requestId: failure.requestId }),
    ...(failure.details === undefined ? {} : { details: failure.details }),
  };
}
