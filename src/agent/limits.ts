/** What a turn may use before it asks whether to go on: steps, and dollars where the price is known. */
import { dollars } from "../chunks/money";
import type { ErrorData } from "../chunks/rows";
import { addCost, costOf, noCost, type Used } from "../models/cost";
import { costLimit, stepLimit } from "./endings";
import type { Turn } from "./turn-context";

export type Limits = {
  /** Asked before each step. @returns how the turn ends instead, or nothing. */
  readonly reached: (
    step: number,
  ) => { readonly reason: "max_steps" | "max_cost"; readonly error: ErrorData } | undefined;
  /** Why the limit on the cost can't be held with the model that is asked next; a sentence for the person. */
  readonly unknowable: () => string | undefined;
};

/** Counts from here: a turn that is continued may use as much again. */
export function createLimits(turn: Turn): Limits {
  const before = turn.used().length;
  const spent = (): readonly Used[] => turn.used().slice(before);

  const passesCost = (maxCost: number): ErrorData | undefined => {
    const { prices } = turn.settings();
    const used = spent();
    const last = used.findLast(({ side }) => side !== true);
    if (last === undefined) return undefined;
    // What has no price is left out, and `unknowable` says so: the rest still counts.
    const { usd } = used.reduce((sum, one) => addCost(sum, one, prices), noCost);
    const next = costOf(nextOf(last), prices) ?? 0;
    return usd + next > maxCost ? costLimit(usd, maxCost) : undefined;
  };

  return {
    reached(step) {
      const { maxSteps, maxCost } = turn.settings();
      if (step - turn.firstStep >= maxSteps) return { reason: "max_steps", error: stepLimit(maxSteps) };
      const error = maxCost === undefined ? undefined : passesCost(maxCost);
      return error === undefined ? undefined : { reason: "max_cost", error };
    },
    unknowable() {
      const { maxCost, prices, models } = turn.settings();
      const { key, model } = turn.route.current(models) ?? models[0];
      const usage = { fresh: 1, read: 0, written: 0, output: 0 };
      if (maxCost === undefined || costOf({ provider: key.provider, model, usage }, prices) !== undefined)
        return undefined;
      return `The limit of ${dollars(maxCost)} for a turn can't be held: the price of ${model} is not known. It can be set in dispatch.prices.`;
    },
  };
}

/** The least that the next step can be expected to use: all of this one read from the cache, and an answer as long. */
function nextOf(last: Used): Used {
  const { fresh, read, written, output } = last.usage;
  return { ...last, usage: { fresh, read: read + written, written: 0, output } };
}
