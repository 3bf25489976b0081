/** Tokens to dollars: worked out by hand for each kind of token, the price by length, overrides, and what has no price. */
import assert from "node:assert/strict";
import { addCost, costOf, listed, noCost, totalOf } from "../../src/models/cost";
import { priceList, pricesAsOf } from "../../src/models/price-list";

const provider = "anthropic";
const million = 1_000_000;
const usage = (fresh: number, read: number, written: number, output: number) => ({ fresh, read, written, output });

describe("what a request costs", () => {
  it("counts each kind of token at its own price", () => {
    const each = [usage(million, 0, 0, 0), usage(0, million, 0, 0), usage(0, 0, million, 0), usage(0, 0, 0, million)];
    const cost = (model: string) => each.map((one) => costOf({ provider, model, usage: one }, {}));
    assert.deepEqual(cost("claude-sonnet-5-5"), [2, 0.1, 2.5, 10]);
    assert.deepEqual(cost("claude-opus-4-5-20251101"), [5, 0.5, 6.25, 25]);
    const together = costOf({ provider, model: "claude-sonnet-5-5", usage: usage(100, 2000, 300, 40) }, {});
    assert.equal(together?.toFixed(8), "0.00155000");
  });

  it("takes the price of long prompts for every token once the whole input is above the bound", () => {
    const model = "claude-haiku-5-5";
    const cost = (fresh: number, read: number, written: number) =>
      costOf({ provider, model, usage: usage(fresh, read, written, 1000) }, {})?.toFixed(8);
    assert.equal(cost(10_000, 80_000, 10_000), "0.00355000");
    assert.equal(cost(10_001, 80_000, 10_000), "0.01775050");
    // Sums keep the size of their requests: many short ones are not one long one.
    const many = usage(500_000, 0, 0, 0);
    assert.deepEqual(
      [1, 2].map((size) => costOf({ provider, model, size, usage: many }, {})),
      [0.05, 0.25],
    );
  });

  it("is not known for a model without a price, nor for one that somebody else serves, whatever it is called", () => {
    const some = usage(1, 0, 0, 1);
    assert.equal(costOf({ provider, model: "claude-next", usage: some }, {}), undefined);
    assert.equal(costOf({ provider: "litellm", model: "claude-sonnet-5-5", usage: some }, {}), undefined);
    assert.equal(costOf({ model: "claude-sonnet-5-5", usage: usage(million, 0, 0, 0) }, {}), 2);
    assert.equal(costOf({ provider, model: "claude-next", usage: usage(0, 0, 0, 0) }, {}), 0);
  });

  it("follows the settings before the list", () => {
    const overrides = {
      "glm-5.2": { input: 1, write: 1, read: 0.5, output: 2 },
      "claude-sonnet-5-5": { input: 0, write: 0, read: 0, output: 0 },
    };
    const used = { provider: "zai", model: "glm-5.2", usage: usage(million, million, 0, million) };
    assert.equal(costOf(used, overrides), 3.5);
    assert.equal(costOf({ provider, model: "claude-sonnet-5-5", usage: used.usage }, overrides), 0);
  });

  it("has the web searches in it that the server has made, at their own price; of another server that is not known", () => {
    const model = "claude-sonnet-5-5";
    const used = { model, usage: usage(million, 0, 0, 0), searches: 3 };
    assert.equal(costOf({ provider, ...used }, {}), 2.03);
    assert.equal(
      costOf({ provider: "custom", ...used }, { [model]: { input: 1, write: 1, read: 1, output: 1 } }),
      undefined,
    );
  });

  it("of several models is known when each has a price; else the rest is named", () => {
    const known = { provider, model: "claude-opus-5-5", usage: usage(million, 0, 0, 0) };
    const unknown = { provider: "ollama", model: "qwen", usage: usage(1, 0, 0, 0) };
    assert.equal(totalOf([known, known], {}), 8);
    assert.equal(totalOf([known, unknown], {}), undefined);
    const sum = [unknown, known, unknown].reduce((all, one) => addCost(all, one, {}), noCost);
    assert.deepEqual(sum, { usd: 4, unpriced: ["qwen"] });
  });
});

describe("the list of prices", () => {
  it("is dated, names each model once, and says where each entry is from", () => {
    assert.match(pricesAsOf, /^20\d\d-\d\d-\d\d$/);
    const names = priceList.flatMap(({ models }) => models);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      priceList.filter(({ source }) => source === ""),
      [],
    );
    assert.deepEqual(
      names.map((model) => listed(provider, model)?.models.includes(model)),
      names.map(() => true),
    );
  });

  it("holds prices that belong together: writing is 1.25 times input, bounds are whole hundreds of thousands", () => {
    const prices = priceList.flatMap(({ price, longPrice }) =>
      longPrice === undefined ? [price] : [price, longPrice],
    );
    for (const { input, write, read, output } of prices) {
      assert.equal(write.toFixed(6), (1.25 * input).toFixed(6));
      assert.deepEqual([read < input, output], [true, 5 * input]);
    }
    // The sums in the log are apart at these sizes, and nowhere else.
    assert.deepEqual(
      priceList.map(({ longPrice }) => (longPrice?.above ?? 0) % 100_000),
      priceList.map(() => 0),
    );
  });
});
