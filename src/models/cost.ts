/** From tokens to US dollars. Pure; what has no known price has no cost, never a guessed one. */
import type { Usage } from "../chunks/protocol";
import { type ListedModel, type Price, priceList, searchPrice } from "./price-list";

/** Prices by the model's id, as `dispatch.prices` sets them; they stand before those of the list. */
export type PriceOverrides = Readonly<Record<string, Price>>;

/** Tokens of requests of one model. `size`: the input of each in begun hundreds of thousands; absent: it is one request. */
export type Used = {
  readonly provider?: string;
  readonly model: string;
  readonly size?: number;
  readonly usage: Usage;
  /** Web searches that its server has made, which it bills by the piece. */
  readonly searches?: number;
  /** Beside the conversation: says nothing of what its next step will use. */
  readonly side?: true;
};

/** What several models have cost together. */
export type Cost = {
  /** US dollars, of what has a price. */
  readonly usd: number;
  /** The models that have none, each once. Their tokens are not in `usd`. */
  readonly unpriced: readonly string[];
};

export const noCost: Cost = { usd: 0, unpriced: [] };

/** All that was read: from the cache, into it, and beside it. */
export function inputOf({ fresh, read, written }: Usage): number {
  return fresh + read + written;
}

/** US dollars; `undefined` when the model has no known price and anything was used. */
export function costOf(
  { provider, model, size, usage, searches = 0 }: Used,
  overrides: PriceOverrides,
): number | undefined {
  const input = inputOf(usage);
  if (input + usage.output + searches === 0) return 0;
  if (searches > 0 && provider !== "anthropic") return undefined;
  const price = priceOf(provider, model, size === undefined ? input : (size - 1) * 100_000 + 1, overrides);
  if (price === undefined) return undefined;
  const { fresh, read, written, output } = usage;
  const tokens = fresh * price.input + read * price.read + written * price.write + output * price.output;
  return tokens / 1_000_000 + searches * searchPrice.usd;
}

export function addCost(sum: Cost, used: Used, overrides: PriceOverrides): Cost {
  const usd = costOf(used, overrides);
  if (usd !== undefined) return { usd: sum.usd + usd, unpriced: sum.unpriced };
  return sum.unpriced.includes(used.model) ? sum : { usd: sum.usd, unpriced: [...sum.unpriced, used.model] };
}

/** @returns US dollars when everything has a price. */
export function totalOf(list: readonly Used[], overrides: PriceOverrides): number | undefined {
  const { usd, unpriced } = list.reduce((sum, used) => addCost(sum, used, overrides), noCost);
  return unpriced.length === 0 ? usd : undefined;
}

/** What is known of a model of Anthropic's. @param provider absent in what older versions have recorded. */
export function listed(provider: string | undefined, model: string): ListedModel | undefined {
  if (provider !== undefined && provider !== "anthropic") return undefined;
  const plain = model.replace(/-20\d{6}$/, "");
  return priceList.find(({ models }) => models.includes(plain));
}

/** @param input tokens of the whole prompt: long ones may cost more for each token. */
export function priceOf(
  provider: string | undefined,
  model: string,
  input: number,
  overrides: PriceOverrides,
): Price | undefined {
  if (Object.hasOwn(overrides, model)) return overrides[model];
  const known = listed(provider, model);
  return known?.longPrice !== undefined && input > known.longPrice.above ? known.longPrice : known?.price;
}
