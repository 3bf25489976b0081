/** What a turn may use before it asks whether to go on: steps, and dollars where the price is known. */
import { dollars } from "../chunks/money";
import type { ErrorData } from "../chunks/rows";
import { cacheLifetimeMs } from "../models/cache-truth";
import { addCost, costOf, inputOf, noCost, type Used } from "../models/cost";
import { profileOf } from "../models/profiles";
import type { ModelChoice } from "../models/types";
import { costLimit, stepLimit } from "./endings";
import type { Turn } from "./turn-context";

export type Limits = {
  /** Asked before each step. @returns how the turn ends instead, or nothing. */
  readonly reached: (
    step: number,
  ) => { readonly reason: "max_steps" | "max_cost"; readonly error: ErrorData } | undefined;
  /** Asked before each request, when it is known whom it asks. @returns why the turn asks first, or nothing. */
  readonly passesCost: (choice: ModelChoice) => ErrorData | undefined;
  /** Why the limit on the cost can't be held with the model that is asked next; a sentence for the person. */
  readonly unknowable: () => string | undefined;
};

/** Counts from here: a turn that is continued may use as much again. */
export function createLimits(turn: Turn): Limits {
  const before = turn.used().length;
  const next = (): ModelChoice => {
    const { models } = turn.settings();
    return turn.route.current(models) ?? models[0];
  };

  const passesCost = (choice: ModelChoice): ErrorData | undefined => {
    const { prices, maxCost } = turn.settings();
    const used = turn.used().slice(before);
    const last = used.findLast(({ side }) => side !== true);
    if (maxCost === undefined || last === undefined) return undefined;
    // What has no price is left out, and `unknowable` says so: the rest still counts.
    const { usd } = used.reduce((sum, one) => addCost(sum, one, prices), noCost);
    const coming = costOf(nextOf(turn, last, choice), prices) ?? 0;
    return usd + coming > maxCost ? costLimit(usd, maxCost) : undefined;
  };

  return {
    reached(step) {
      const { maxSteps } = turn.settings();
      if (step - turn.firstStep >= maxSteps) return { reason: "max_steps", error: stepLimit(maxSteps) };
      const error = passesCost(next());
      return error === undefined ? undefined : { reason: "max_cost", error };
    },
    passesCost,
    unknowable() {
      const { maxCost, prices } = turn.settings();
      const { key, model } = next();
      const usage = { fresh: 1, read: 0, written: 0, output: 0 };
      if (maxCost === undefined || costOf({ provider: key.provider, model, usage }, prices) !== undefined)
        return undefined;
      return `The limit of ${dollars(maxCost)} for a turn can't be held: the price of ${model} is not known. It can be set in dispatch.prices.`;
    },
  };
}

/**
 * The least that the next request can be expected to use: the prompt of the last one, read as far as this choice has it in
 * its cache and written where it does not, and an answer as long.
 */
function nextOf(turn: Turn, last: Used, { key, model }: ModelChoice): Used {
  const { output } = last.usage;
  const prompt = inputOf(last.usage);
  const used = { provider: key.provider, model };
  const asked = turn.lastRequestTo(key.id, model);
  if (!profileOf(key).cacheMarks) return { ...used, usage: { fresh: prompt, read: 0, written: 0, output } };
  const isKept = asked !== undefined && turn.surroundings.now() - asked.startedAt <= cacheLifetimeMs;
  const cached = isKept ? (asked.cacheReadTokens ?? 0) + (asked.cacheWriteTokens ?? 0) : 0;
  const read = Math.min(prompt, cached);
  return { ...used, usage: { fresh: 0, read, written: prompt - read, output } };
}
