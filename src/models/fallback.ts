/**
 * What to do about a request that failed, and where the next one goes. Pure. One table from the failure's code to a rule;
 * which status and type make which code, src/models/errors.ts decides.
 */
import { isUsable, type KeyState, type Place, usableFrom, whyNot } from "./key-states";
import { backoffMs } from "./retry";
import type { Failure, FailureCode, ModelChoice } from "./types";

export type WhenExhausted = "wait" | "stop";

export type Tried = { readonly choice: ModelChoice; readonly failure: Failure };

export type Situation = {
  /** In the order of preference. */
  readonly choices: readonly [ModelChoice, ...ModelChoice[]];
  /** As of now; the last failure counts already. */
  readonly stateOf: (place: Place) => KeyState;
  /** The failures of this step, the newest last. */
  readonly tried: readonly Tried[];
  readonly whenExhausted: WhenExhausted;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** From 0 to 1. */
  readonly random: number;
};

export type Decision =
  /** The next request goes to this choice. */
  | { readonly act: "send"; readonly to: ModelChoice }
  /** The same to the same choice, at this time. */
  | { readonly act: "retry"; readonly at: number; readonly why: string }
  /** To another choice, at once. */
  | { readonly act: "switch"; readonly to: ModelChoice; readonly why: string }
  /** No choice can be used before this time. `at`: the one that can be used then. */
  | { readonly act: "wait"; readonly until: number; readonly why: string; readonly at: Place }
  /** `next`: what the person's *Continue* would go on with. `until`: when a choice can be used again, where known. */
  | { readonly act: "give-up"; readonly next?: ModelChoice; readonly until?: number; readonly why?: string };

/** A wait up to this is cheaper than the cache that another choice would have to write anew. */
const shortWaitMs = 10_000;

/** Longer than this no turn waits: it stops and says when it can go on. */
const longestTurnWaitMs = 24 * 60 * 60_000;

/** Short waits in a row for a limit; then another choice, or none where the server names no time or the person wants no waiting. */
const mostLimits = 9;

/** Which other choice can help. */
type Other = "model" | "key" | "any";

type Rule =
  /** So often the same again, with growing waits; then another choice; `alone`: so often where there is none. */
  | { readonly rule: "again"; readonly before: number; readonly alone: number; readonly other: Other }
  /** Wait if it is short; else another key; else another model; else wait. */
  | { readonly rule: "limited" }
  /** Another choice at once, or none. */
  | { readonly rule: "other"; readonly other: Other }
  /** The same at once, changed so that it can be taken; once. */
  | { readonly rule: "mended" }
  /** The person decides: no other key by itself. */
  | { readonly rule: "ask" }
  | { readonly rule: "give-up" };

const rules: Readonly<Record<FailureCode, Rule>> = {
  "rate-limit": { rule: "limited" },
  "spend-limit": { rule: "other", other: "key" },
  "no-credit": { rule: "other", other: "key" },
  "bad-key": { rule: "ask" },
  "no-key": { rule: "ask" },
  "unknown-model": { rule: "other", other: "any" },
  overloaded: { rule: "again", before: 3, alone: 9, other: "model" },
  "server-error": { rule: "again", before: 3, alone: 9, other: "model" },
  "cut-off": { rule: "again", before: 3, alone: 9, other: "model" },
  stalled: { rule: "again", before: 1, alone: 9, other: "model" },
  unreachable: { rule: "again", before: 2, alone: 3, other: "model" },
  "too-large": { rule: "give-up" },
  "context-full": { rule: "give-up" },
  "bad-request": { rule: "give-up" },
  "thinking-refused": { rule: "mended" },
  "image-refused": { rule: "mended" },
  "not-an-api": { rule: "give-up" },
  aborted: { rule: "give-up" },
};

/**
 * Where a request goes that has not been tried yet, or whose wait is over.
 * @param current the choice that the turn is at; it stays there as long as that can be used.
 */
export function beforeRequest(current: ModelChoice | undefined, situation: Situation): Decision {
  const { choices, stateOf, now } = situation;
  const wanted = choices.find((choice) => current !== undefined && isSameChoice(choice, current)) ?? choices[0];
  const state = stateOf(wanted);
  // A turn that is at a refused key stops with that key's own refusal: no other one steps in by itself.
  const isAtRefused = current !== undefined && state.kind === "refused" && isSameChoice(wanted, current);
  if (isUsable(state, wanted) || isAtRefused) return { act: "send", to: wanted };
  if (state.kind === "limited" && state.until - now <= shortWaitMs) {
    return { act: "retry", at: state.until, why: state.why };
  }
  const why = whyNot(state);
  const other = usable(situation, () => true);
  if (other !== undefined) return { act: "switch", to: other, why };
  const waiting = waitOrStop(situation, why);
  if (waiting.act === "wait" || waiting.until !== undefined || situation.tried.length > 0) return waiting;
  // Nobody knows when: only asking can tell whether the key was mended.
  return { act: "send", to: choices.find((choice) => usableFrom(stateOf(choice)) === undefined) ?? wanted };
}

/** What follows the last failure of `tried`. */
export function afterFailure(situation: Situation): Decision {
  const { tried, now, random } = situation;
  const last = tried.at(-1);
  if (last === undefined) return beforeRequest(undefined, situation);
  const { choice, failure } = last;
  const rule = rules[failure.code];
  const times = tried.filter((one) => isSameChoice(one.choice, choice)).length;
  const why = failure.message;
  switch (rule.rule) {
    case "give-up":
      return { act: "give-up" };
    case "mended": {
      const isFirst = tried.filter((one) => one.failure.code === failure.code).length === 1;
      return isFirst ? { act: "retry", at: now, why } : { act: "give-up" };
    }
    case "ask": {
      const next = usable(situation, (one) => !isSameChoice(one, choice));
      return { act: "give-up", ...(next === undefined ? {} : { next }) };
    }
    case "limited":
      return whenLimited(situation, last, times);
    case "other": {
      const to = otherThan(situation, choice, rule.other);
      return to === undefined ? waitOrStop(situation, why) : { act: "switch", to, why };
    }
    case "again": {
      const wait = Math.max(failure.retryAfterMs ?? 0, backoffMs(times - 1, random));
      const again = { act: "retry", at: now + wait, why } as const;
      const mayRetry = failure.act === "retry";
      if (mayRetry && times <= rule.before && wait <= shortWaitMs) return again;
      const to = otherThan(situation, choice, rule.other);
      if (to !== undefined) return { act: "switch", to, why };
      return mayRetry && times <= rule.alone ? again : { act: "give-up" };
    }
  }
}

/** Whether both ask the same model with the same key for the same effort. */
export function isSameChoice(one: ModelChoice, other: ModelChoice): boolean {
  return isSamePlace(one, other) && one.effort === other.effort;
}

function isSamePlace(one: ModelChoice, other: ModelChoice): boolean {
  return one.model === other.model && one.key.id === other.key.id;
}

function whenLimited(situation: Situation, { choice, failure }: Tried, times: number): Decision {
  const { stateOf, now, whenExhausted } = situation;
  const until = usableFrom(stateOf(choice)) ?? now;
  const again = { act: "retry", at: until, why: failure.message } as const;
  const isShort = until - now <= shortWaitMs;
  if (isShort && times <= mostLimits) return again;
  // Another key of the same account still has the cache; another class of models has a limit of its own.
  const to = otherThan(situation, choice, "key") ?? otherThan(situation, choice, "model");
  if (to !== undefined) return { act: "switch", to, why: failure.message };
  const isPatient = times <= mostLimits || (failure.retryAfterMs !== undefined && whenExhausted === "wait");
  if (!isPatient) return { act: "give-up" };
  return isShort ? again : waitOrStop(situation, failure.message);
}

/** The first choice of the list that can be used now and differs in what helps, and has not failed in this step. */
function otherThan(situation: Situation, from: ModelChoice, other: Other): ModelChoice | undefined {
  return usable(situation, (choice) => {
    if (situation.tried.some((one) => isSamePlace(one.choice, choice) && one.failure.code !== "rate-limit"))
      return false;
    switch (other) {
      case "model":
        return choice.model !== from.model || choice.key.baseUrl !== from.key.baseUrl;
      case "key":
        return choice.key.id !== from.key.id;
      case "any":
        return true;
    }
  });
}

function usable({ choices, stateOf }: Situation, fits: (choice: ModelChoice) => boolean): ModelChoice | undefined {
  return choices.find((choice) => isUsable(stateOf(choice), choice) && fits(choice));
}

type WaitOrGiveUp = Extract<Decision, { act: "wait" | "give-up" }>;

function waitOrStop({ choices, stateOf, now, whenExhausted }: Situation, why: string): WaitOrGiveUp {
  const times = choices.flatMap((at) => {
    const state = stateOf(at);
    const until = usableFrom(state);
    return until === undefined ? [] : [{ at, until, why: whyNot(state) }];
  });
  const soonest = times.sort((one, other) => one.until - other.until)[0];
  if (soonest === undefined) return { act: "give-up", why };
  const { at, until } = soonest;
  if (whenExhausted === "stop" || until - now > longestTurnWaitMs) return { act: "give-up", until, why };
  return { act: "wait", until, why: soonest.why, at };
}
