import assert from "node:assert/strict";
import { createCatalog } from "../../src/models/catalog";
import { listModels } from "../../src/models/list-models";
import type { Failure, KeyConfig, ModelInfo } from "../../src/models/types";
import { models } from "../simulator/models";
import { type Simulator, type SimulatorOptions, startSimulator } from "../simulator/server";
import { http, startRawServer } from "./support/raw-server";
import { never, secret } from "./support/run";

async function withSimulator(
  options: Omit<SimulatorOptions, "scenario">,
  use: (simulator: Simulator) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator({ scenario: { turns: [] }, ...options });
  try {
    await use(simulator);
  } finally {
    await simulator.close();
  }
}

const json = { "content-type": "application/json" };

/** The list of a server that answers this, whatever it is asked. */
async function listed(answer: string, key: Partial<KeyConfig> = {}, set = secret) {
  const server = await startRawServer((socket) => socket.write(answer));
  try {
    const found = await listModels({ ...server.choice.key, ...key }, set, { timeoutMs: 400 });
    const text = JSON.stringify(found).replaceAll(`:${server.port}`, ":PORT");
    assert.ok(!text.includes(secret));
    const parsed: readonly ModelInfo[] | Failure = JSON.parse(text);
    return parsed;
  } finally {
    await server.close();
  }
}

const inWords = (found: readonly ModelInfo[] | Failure) =>
  "code" in found ? `${found.code}: ${found.message}` : found.map((model) => model.id).join(" ");

describe("a server's list of models", () => {
  it("is read page by page, with sizes and efforts", async () => {
    await withSimulator({ modelsPerPage: 5 }, async (simulator) => {
      const found = await listModels({ id: "k", provider: "anthropic", baseUrl: simulator.url }, secret);
      assert.ok(!("code" in found));
      assert.deepEqual(
        found.map((model) => model.id),
        models.map((model) => model.id),
      );
      assert.deepEqual(found[0], {
        id: "claude-fable-5-2",
        label: "Claude Fable 5.2",
        contextTokens: 1_000_000,
        maxOutputTokens: 128_000,
        efforts: ["low", "medium", "high", "max"],
      });
      assert.equal(simulator.requests.length, Math.ceil(models.length / 5));
      assert.ok(simulator.requests.every((request) => request.headers.authorization === `Bearer ${secret}`));
    });
  });

  it("is understood in OpenAI's shape, with what each server adds to it", async () => {
    const data = [
      { id: "plain", object: "model", owned_by: "library" },
      { id: "vllm", max_model_len: 32_768 },
      {
        id: "openrouter/m",
        name: "M",
        context_length: 9,
        top_provider: { context_length: 8, max_completion_tokens: 4 },
      },
      { id: "vercel/m", type: "language", context_window: 7, max_tokens: 3 },
      { id: "vercel/e", type: "embedding", context_window: 7 },
      { id: "llama", meta: { n_ctx: 6, n_ctx_train: 600 } },
      { id: "strange", context_length: "many", max_tokens: 0, capabilities: null, retires_at: "soon" },
      { id: "old", display_name: "Old", retires_at: "2026-11-30T00:00:00Z" },
      { id: "plain" },
      { object: "model" },
      null,
    ];
    assert.deepEqual(await listed(http(200, json, JSON.stringify({ object: "list", data }))), [
      { id: "plain" },
      { id: "vllm", contextTokens: 32_768 },
      { id: "openrouter/m", label: "M", contextTokens: 8, maxOutputTokens: 4 },
      { id: "vercel/m", contextTokens: 7, maxOutputTokens: 3 },
      { id: "llama", contextTokens: 6 },
      { id: "strange" },
      { id: "old", label: "Old", retiresAt: Date.UTC(2026, 10, 30) },
    ]);
    assert.equal(inWords(await listed(http(200, json, `[{"id":"a"},{"id":"b"}]`))), "a b");
    assert.equal(inWords(await listed(http(200, json, `{"models":[{"name":"c"}]}`))), "c");
  });

  it("stands where the server has it: beside the path of its API or under it", async () => {
    const asked = async (provider: KeyConfig["provider"]) => {
      const server = await startSimulator({ scenario: { turns: [] }, skin: "ollama" });
      await listModels({ id: "k", provider, baseUrl: `${server.url}/api/anthropic` }, secret);
      await server.close();
      return server.requests.map((request) => `${request.method} ${request.path}`).join();
    };
    assert.deepEqual(
      [await asked("custom"), await asked("deepseek"), await asked("moonshot"), await asked("zai")],
      ["GET /api/anthropic/v1/models", "GET /models", "GET /v1/models", ""],
    );
  });

  it("that is not to be had is a failure in words", async () => {
    const page = "<html>";
    const table: readonly (readonly [string, Partial<KeyConfig>, string | undefined, string])[] = [
      [
        http(404, json, `{"error":"no"}`),
        {},
        secret,
        "not-an-api: 127.0.0.1:PORT has no list of its models (status 404).",
      ],
      [
        http(302, { location: "https://elsewhere.example.org" }, ""),
        {},
        secret,
        "not-an-api: 127.0.0.1:PORT has no list of its models (status 302).",
      ],
      [
        http(200, { "content-type": "text/html" }, page),
        {},
        secret,
        "not-an-api: 127.0.0.1:PORT has no list of its models.",
      ],
      [http(200, json, `{"data":{}}`), {}, secret, "not-an-api: 127.0.0.1:PORT has no list of its models."],
      [
        http(401, json, `{"error":"${secret}"}`),
        {},
        secret,
        `bad-key: 127.0.0.1:PORT does not accept the API key "k1".`,
      ],
      [http(401, json, "{}"), { provider: "ollama" }, "", `no-key: No API key is set for "k1" at 127.0.0.1:PORT.`],
      ["", {}, "", `no-key: No API key is set for "k1" at 127.0.0.1:PORT.`],
      [http(529, json, ""), {}, secret, "overloaded: 127.0.0.1:PORT is overloaded at the moment."],
      ["", {}, secret, "stalled: 127.0.0.1:PORT stopped answering in the middle of a request."],
      ["", { baseUrl: "http://127.0.0.1:1" }, secret, "unreachable: 127.0.0.1:1 could not be reached."],
      [
        "",
        { provider: "vscode", baseUrl: "vscode://language-models" },
        "",
        "not-an-api: VS Code has no list of its models.",
      ],
    ];
    for (const [answer, key, set, expected] of table) assert.equal(inWords(await listed(answer, key, set)), expected);
  });
});

describe("the catalog of models", () => {
  const key = (simulator: Simulator, provider: KeyConfig["provider"]): KeyConfig => ({
    id: "k",
    provider,
    baseUrl: simulator.url,
  });

  it("knows Claude's sizes without asking, and asks another server once", async () => {
    await withSimulator({ skin: "vllm" }, async (simulator) => {
      const catalog = createCatalog({ secret: async () => undefined });
      const own = { key: key(simulator, "anthropic"), model: "claude-haiku-4-5" };
      await catalog.learn(own, never);
      assert.deepEqual(catalog.info(own), { id: "claude-haiku-4-5", contextTokens: 200_000, maxOutputTokens: 64_000 });
      assert.equal(simulator.requests.length, 0);

      const local = { key: key(simulator, "vllm"), model: "qwen3-coder" };
      const strange = { ...local, model: "other" };
      assert.equal(catalog.info(local), undefined);
      await Promise.all([catalog.learn(local, never), catalog.learn(local, never)]);
      await catalog.learn(local, never);
      assert.deepEqual(catalog.info(local), { id: "qwen3-coder", contextTokens: 32_768 });
      await catalog.learn(strange, never);
      await catalog.learn(strange, never);
      assert.equal(catalog.info(strange), undefined);
      assert.equal(simulator.requests.length, 2);
    });
  });

  it("asks again when there is a key, and lets go when the turn is stopped", async () => {
    await withSimulator({ skin: "anthropic" }, async (simulator) => {
      let set: string | undefined;
      const catalog = createCatalog({ secret: async () => set });
      const choice = { key: { ...key(simulator, "openrouter"), profile: {} }, model: "claude-opus-5-5" };
      await catalog.learn(choice, never);
      assert.equal(catalog.info(choice), undefined);
      set = secret;
      await catalog.learn(choice, never);
      assert.equal(catalog.info(choice)?.maxOutputTokens, 128_000);
    });
    const silent = await startRawServer(() => {});
    const stop = new AbortController();
    const catalog = createCatalog({ secret: async () => secret, learnTimeoutMs: 60_000 });
    const learning = catalog.learn({ key: { ...silent.choice.key, provider: "custom" }, model: "m" }, stop.signal);
    stop.abort();
    await learning;
    await silent.close();
  });

  it("asks the editor for its own models, where there is one", async () => {
    const choice = { key: { id: "e", provider: "vscode", baseUrl: "vscode://language-models" }, model: "a/b" } as const;
    const outside = createCatalog({ secret: async () => secret });
    const found = await outside.list(choice.key);
    assert.ok("code" in found);
    assert.equal(found.message, "These models belong to VS Code and can only be used inside VS Code.");
    const own = [{ id: "a/b", contextTokens: 64_000 }];
    const inside = createCatalog({ secret: async () => secret, others: { vscode: async () => own } });
    await inside.learn(choice, never);
    assert.deepEqual(inside.info(choice), own[0]);
  });
});
