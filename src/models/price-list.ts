/**
 * What Anthropic asks for its models, as of the date below. Anyone else's servers have prices of
 * their own, whatever their models are called: theirs come from `dispatch.prices` or are not known.
 */

/** US dollars for a million tokens. */
export type Price = {
  /** Input that is neither read from the cache nor written to it. */
  readonly input: number;
  /** Written to the cache for five minutes: the one lifetime that Dispatch asks for. */
  readonly write: number;
  readonly read: number;
  readonly output: number;
};

export type ListedModel = {
  /** Ids without a date at their end: `claude-haiku-4-5` stands for `claude-haiku-4-5-20251001` too. */
  readonly models: readonly string[];
  readonly price: Price;
  /** For every token of a request whose input, cache included, is above `above` (a multiple of 100,000). */
  readonly longPrice?: Price & { readonly above: number };
  /** Tokens below which a prefix is not cached. */
  readonly leastCached: number;
  /** Where price and least cached prefix are from. */
  readonly source: string;
};

export const pricesAsOf = "2026-11-22";

const pricing = "platform.claude.com/docs/en/about-claude/pricing";
const reference = "Anthropic's API reference of November 2026 (models, prompt caching)";

/** US dollars for each web search that the server makes, beside the tokens. One that fails is neither counted nor billed. */
export const searchPrice = {
  usd: 0.01,
  source: "platform.claude.com/docs, web search tool: 10 for 1,000 searches",
};

export const priceList: readonly ListedModel[] = [
  {
    models: ["claude-fable-5-2"],
    price: { input: 8, write: 10, read: 0.2, output: 40 },
    leastCached: 512,
    source: reference,
  },
  {
    models: ["claude-fable-5-1", "claude-mythos-5-1"],
    price: { input: 10, write: 12.5, read: 0.25, output: 50 },
    leastCached: 512,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-opus-5-5"],
    price: { input: 4, write: 5, read: 0.2, output: 20 },
    leastCached: 512,
    source: reference,
  },
  {
    models: ["claude-sonnet-5-5"],
    price: { input: 2, write: 2.5, read: 0.1, output: 10 },
    leastCached: 512,
    source: `${reference}; reading from the cache cost 0.20 before 2026-10-07`,
  },
  {
    models: ["claude-haiku-5-5"],
    price: { input: 0.1, write: 0.125, read: 0.01, output: 0.5 },
    longPrice: { above: 100_000, input: 0.5, write: 0.625, read: 0.05, output: 2.5 },
    leastCached: 512,
    source: `${pricing}, price by length of the prompt; ${reference}`,
  },
  {
    models: ["claude-opus-5"],
    price: { input: 5, write: 6.25, read: 0.5, output: 25 },
    leastCached: 512,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-sonnet-5"],
    price: { input: 2, write: 2.5, read: 0.2, output: 10 },
    leastCached: 1024,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-opus-4-8"],
    price: { input: 5, write: 6.25, read: 0.5, output: 25 },
    leastCached: 1024,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-opus-4-7"],
    price: { input: 5, write: 6.25, read: 0.5, output: 25 },
    leastCached: 2048,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-opus-4-6"],
    price: { input: 5, write: 6.25, read: 0.5, output: 25 },
    leastCached: 4096,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-opus-4-5"],
    price: { input: 5, write: 6.25, read: 0.5, output: 25 },
    leastCached: 4096,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-sonnet-4-6", "claude-sonnet-4-5"],
    price: { input: 3, write: 3.75, read: 0.3, output: 15 },
    leastCached: 1024,
    source: `${pricing}; ${reference}`,
  },
  {
    models: ["claude-haiku-4-5"],
    price: { input: 1, write: 1.25, read: 0.1, output: 5 },
    leastCached: 4096,
    source: `${pricing}; platform.claude.com/docs/en/models/haiku-4-5/overview; ${reference}`,
  },
];
