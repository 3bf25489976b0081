/** The settings about money: what a turn may cost, and what a model costs where the list does not say it. */
import type { PriceOverrides } from "./cost";
import type { Price } from "./price-list";
import { found, objectOf, Wrong } from "./settings-shapes";

/** @param value US dollars; 0 is no limit. */
export function maxCostOf(value: unknown): { readonly maxCost?: number } {
  if (value === undefined || value === 0) return {};
  if (isAmount(value)) return { maxCost: value };
  throw new Wrong(`dispatch.maxCost ${found(value)}; write an amount in US dollars, such as 2.5, or 0 for no limit.`);
}

export function pricesOf(value: unknown): PriceOverrides {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Wrong(`dispatch.prices ${found(value)}; write an object such as {"glm-5.2": {"input": 1, "output": 4}}.`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([model, price]) => [model, priceOf(price, `dispatch.prices["${model.slice(0, 40)}"]`)]),
  );
}

/** Where no price for the cache is given, its tokens cost what other input costs. */
function priceOf(value: unknown, place: string): Price {
  const fields = objectOf(value, place, ["input", "output", "cacheRead", "cacheWrite"]);
  const amount = (name: string, usual?: number): number => {
    const given = fields[name];
    if (given === undefined && usual !== undefined) return usual;
    if (isAmount(given)) return given;
    throw new Wrong(`${place}.${name} ${found(given)}; write US dollars for a million tokens, such as 3.`);
  };
  const input = amount("input");
  return { input, output: amount("output"), read: amount("cacheRead", input), write: amount("cacheWrite", input) };
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 1_000_000;
}
