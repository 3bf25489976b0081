import assert from "node:assert/strict";
import type { Choices } from "../../src/agent/choices";
import { effortItems, type KeyModels, modelItems, switchWords, tokensText } from "../../src/host/model-items";
import { createCatalog } from "../../src/models/catalog";
import { noKey } from "../../src/models/errors";
import { active, type KeyState, type Place } from "../../src/models/key-states";
import type { KeyConfig } from "../../src/models/types";

const mine: KeyConfig = { id: "mine", provider: "anthropic", baseUrl: "https://api.anthropic.com" };
const local: KeyConfig = { id: "local", provider: "ollama", baseUrl: "http://localhost:9999" };
const choices: Choices = [
  { key: mine, model: "claude-haiku-5-5", effort: "low" },
  { key: local, model: "qwen3-coder" },
];
const catalog = createCatalog({ secret: async () => undefined });
const knowledge = {
  info: catalog.info,
  stateOf: ({ model }: Place): KeyState =>
    model === "claude-limited-1"
      ? { kind: "limited", until: new Date(2026, 10, 22, 14, 5).getTime(), why: "" }
      : active,
  prices: { "glm-5": { input: 1, output: 2, read: 1, write: 1 } },
  now: new Date(2026, 10, 22, 9).getTime(),
};
const lines = (keys: readonly (Omit<KeyModels, "state"> & Partial<KeyModels>)[]) =>
  modelItems(
    keys.map((one) => ({ state: active, ...one })),
    choices,
    knowledge,
  ).map((item) => {
    switch (item.is) {
      case "key":
        return `# ${item.label}`;
      case "model":
        return `${item.label} | ${item.description} | ${item.efforts.join(" ")}`;
      case "loading":
        return item.label;
      case "failure":
        return `${item.label} | ${item.detail}`;
    }
    return undefined;
  });

describe("the list of models", () => {
  it("shows what is known while the servers are asked", () => {
    assert.deepEqual(
      lines([
        { key: mine, models: "loading" },
        { key: local, models: "loading" },
      ]),
      [
        "# mine — Anthropic",
        "$(check) claude-haiku-5-5 | current, effort low · 1M context · $0.10 in, $0.50 out per M tokens | low medium high xhigh max",
        "$(loading~spin) Asking the server…",
        "# local — Ollama, localhost:9999",
        "qwen3-coder |  | ",
        "$(loading~spin) Asking the server…",
      ],
    );
  });

  it("says which keys can't be used now, and until when", () => {
    const until = new Date(2026, 10, 22, 14, 5).getTime();
    const states: readonly KeyState[] = [
      { kind: "limited", until, why: "" },
      { kind: "exhausted", since: 0, until: until + 86_400_000, why: "" },
      { kind: "exhausted", since: 0, why: "" },
      { kind: "refused", why: "" },
      { kind: "refused", why: "", model: "claude-opus-5-5" },
    ];
    assert.deepEqual(
      [
        ...states.flatMap((state) => lines([{ key: { ...mine, id: "k" }, state, models: [] }])),
        ...lines([{ key: { ...mine, id: "k" }, models: [{ id: "claude-limited-1" }] }]).slice(1),
      ],
      [
        "# k — Anthropic · limited until 14:05:00",
        "# k — Anthropic · used up until 23 Nov, 14:05:00",
        "# k — Anthropic · used up",
        "# k — Anthropic · can't be used",
        "# k — Anthropic · refused for claude-opus-5-5",
        "claude-limited-1 | limited until 14:05:00 · 1M context | ",
      ],
    );
  });

  it("has what the servers say, each model once, those of the settings first", () => {
    assert.deepEqual(
      lines([
        {
          key: mine,
          models: [
            {
              id: "claude-opus-5-5",
              label: "Claude Opus 5.5",
              contextTokens: 1_000_000,
              efforts: ["low", "high"],
              retiresAt: Date.parse("2026-12-24"),
            },
            { id: "claude-haiku-5-5", label: "Claude Haiku 5.5 $(x)", retiresAt: Date.parse("2028-01-01") },
            { id: "not a name that can be sent" },
          ],
        },
        { key: local, models: [{ id: "glm-5", contextTokens: 131_072 }, { id: "qwen3-coder" }] },
      ]).filter((line) => line?.startsWith("#") === false),
      [
        "$(check) Claude Haiku 5.5 \\$(x) | current, effort low · claude-haiku-5-5 · 1M context · $0.10 in, $0.50 out per M tokens | low medium high xhigh max",
        "Claude Opus 5.5 | claude-opus-5-5 · 1M context · $4 in, $20 out per M tokens · retires on 2026-12-24 | low high",
        "qwen3-coder |  | ",
        "glm-5 | 131k context · $1 in, $2 out per M tokens | ",
      ],
    );
  });

  it("says why a server has none, and what to do", () => {
    assert.deepEqual(
      lines([{ key: mine, models: noKey(mine) }]).at(-1),
      ['$(warning) No API key is set for "mine" at api.anthropic.com.', "Set the API key, then continue."].join(" | "),
    );
  });

  it("offers each effort, with the current one marked for the current model alone", () => {
    const words = (model: string) =>
      effortItems({ key: mine, model }, ["low", "high"], choices[0]).map(
        ({ label, description }) => `${label} ${description}`,
      );
    assert.deepEqual(words("claude-haiku-5-5"), ["default as the server sets it", "low current", "high "]);
    assert.deepEqual(words("claude-opus-5-5"), ["default as the server sets it", "low ", "high "]);
  });

  it("says what a change costs, where it costs something", () => {
    const models = {
      tab: "t",
      keys: [mine],
      choices,
      catalog,
      states: { state: () => active, stateOfKey: () => active },
      prices: {},
    };
    assert.equal(switchWords(models, 1), undefined);
    const last = { keyId: "mine", model: "claude-haiku-5-5", startedAt: 1_000, tokens: 48_123 };
    const wordsAt = (minutes: number) => switchWords({ ...models, last }, 1_000 + minutes * 60_000);
    assert.equal(wordsAt(5), "another writes 48,123 tokens to its cache again");
    // The model itself would have to write them again.
    assert.equal(wordsAt(6), undefined);
    assert.deepEqual([1_000_000, 1_048_576, 200_000, 8192].map(tokensText), ["1M", "1M", "200k", "8k"]);
  });
});
