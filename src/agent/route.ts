/**
 * The way to a turn's next request: which choice it goes to, over waits, limits and other choices. What follows what is
 * decided in src/models/fallback.ts.
 */
import {
  afterFailure,
  beforeRequest,
  type Decision,
  isSameChoice,
  type Situation,
  type Tried,
} from "../models/fallback";
import type { Pass } from "../models/key-ring";
import type { ModelChoice } from "../models/types";
import type { StepReply } from "./attempt";
import type { Choices } from "./choices";
import { gaveUp } from "./endings";
import type { Turn } from "./turn-context";

/** Where a turn is: a fallback lasts until its end, unless the list of choices becomes another one. */
export type Route = {
  readonly current: (choices: Choices) => ModelChoice | undefined;
  readonly goTo: (choice: ModelChoice, choices: Choices) => void;
};

export type Way =
  /** `why`: the reason for leaving the choice before, as a sentence. */
  | { readonly kind: "go"; readonly choice: ModelChoice; readonly pass: Pass; readonly why?: string }
  | Extract<StepReply, { kind: "failed" | "stopped" }>;

/** A long wait looks again this often: a clock that stood still while the machine slept would overrun it. */
const lookAgainMs = 30_000;

export function createRoute(): Route {
  let at: { readonly choice: ModelChoice; readonly choices: Choices } | undefined;
  return {
    current: (choices) => (at !== undefined && isSameList(at.choices, choices) ? at.choice : undefined),
    goTo(choice, choices) {
      at = { choice, choices };
    },
  };
}

/** @param tried the failures of this step, the newest last. */
export async function findWay(turn: Turn, tried: readonly Tried[]): Promise<Way> {
  const { keys, now } = turn.surroundings;
  const look = (): Situation => ({
    choices: turn.settings().models,
    stateOf: keys.state,
    tried,
    whenExhausted: turn.settings().whenExhausted,
    now: now(),
    random: Math.random(),
  });
  let situation = look();
  let decision = tried.length > 0 ? afterFailure(situation) : before(turn, situation);
  let why: string | undefined;
  for (;;) {
    if (turn.signal.aborted) return { kind: "stopped" };
    switch (decision.act) {
      case "give-up":
        return { kind: "failed", error: gaveUp(decision, situation) };
      case "retry":
      case "wait":
        await waitFor(turn, decision, tried.length);
        break;
      case "send":
      case "switch": {
        if (decision.act === "switch") why = decision.why;
        turn.route.goTo(decision.to, situation.choices);
        const pass = await keys.enter(decision.to, turn.signal);
        if (pass !== undefined) {
          return { kind: "go", choice: decision.to, pass, ...(why === undefined ? {} : { why }) };
        }
        break;
      }
    }
    situation = look();
    decision = before(turn, situation);
  }
}

function before(turn: Turn, situation: Situation): Decision {
  return beforeRequest(turn.route.current(situation.choices), situation);
}

async function waitFor(
  turn: Turn,
  decision: Extract<Decision, { act: "retry" | "wait" }>,
  failures: number,
): Promise<void> {
  const { keys, now } = turn.surroundings;
  const until = decision.act === "wait" ? decision.until : decision.at;
  turn.activity({ kind: "retrying", until, attempt: Math.max(1, failures), reason: decision.why });
  const left = until - now();
  // A wait for a key ends early when a key can be used again; a pause before the same request does not.
  const isSkipped =
    decision.act === "wait"
      ? await turn.waiter.wait(Math.min(left, lookAgainMs), turn.signal, keys.onChange)
      : await turn.waiter.wait(left, turn.signal);
  if (!isSkipped) return;
  const choices = turn.settings().models;
  keys.tryNow(decision.act === "wait" ? decision.at : (turn.route.current(choices) ?? choices[0]));
}

function isSameList(one: Choices, other: Choices): boolean {
  return one.length === other.length && one.every((choice, at) => isSame(choice, other[at]));
}

function isSame(one: ModelChoice, other: ModelChoice | undefined): boolean {
  return other !== undefined && isSameChoice(one, other) && one.key.baseUrl === other.key.baseUrl;
}
