/** What other servers answer when something is wrong, each in a shape of its own. */
import assert from "node:assert/strict";
import type { ProviderId } from "../../src/models/types";
import { chunk, event, http, lastChunk, startRawServer, streamHead } from "./support/raw-server";
import { run } from "./support/run";

const json = { "content-type": "application/json" };
const stream = (...records: string[]) => streamHead + records.map(chunk).join("") + lastChunk;
const openrouter = (code: number, message: string, metadata: object = {}) => ({ error: { code, message, metadata } });
const zai = (code: string, message: string) => ({ error: { code, message } });
const openai = (type: string, message: string, code: unknown = null) => ({
  error: { message, type, param: null, code },
});

/** Provider, status, body, and what is made of it: code, act, the server's words. */
const answers: readonly (readonly [ProviderId, number, object, string])[] = [
  ["ollama", 400, { error: "invalid message" }, "bad-request give-up: invalid message"],
  [
    "ollama",
    404,
    { error: 'model "m" not found, try pulling it first' },
    'unknown-model give-up: model "m" not found, try pulling it first',
  ],
  [
    "ollama",
    500,
    { error: "llama runner process has terminated" },
    "server-error retry: llama runner process has terminated",
  ],
  [
    "llama.cpp",
    400,
    openai("exceed_context_size_error", "the request exceeds the available context size", 400),
    "context-full give-up: the request exceeds the available context size",
  ],
  ["llama.cpp", 503, openai("unavailable_error", "Loading model", 503), "server-error retry: Loading model"],
  [
    "vllm",
    400,
    openai("BadRequestError", "This model's maximum context length is 32768 tokens.", 400),
    "context-full give-up: This model's maximum context length is 32768 tokens.",
  ],
  [
    "vllm",
    404,
    openai("NotFoundError", "The model `m` does not exist.", 404),
    "unknown-model give-up: The model `m` does not exist.",
  ],
  [
    "litellm",
    429,
    openai("throttling_error", "litellm.RateLimitError: Too many requests", "429"),
    "rate-limit retry: litellm.RateLimitError: Too many requests",
  ],
  ["openrouter", 402, openrouter(402, "Insufficient credits"), "no-credit give-up: Insufficient credits"],
  [
    "openrouter",
    429,
    openrouter(429, "Provider returned error", { provider_name: "X", raw: "slow down" }),
    "rate-limit retry: Provider returned error: slow down",
  ],
  ["openrouter", 502, openrouter(502, "Provider returned error"), "server-error retry: Provider returned error"],
  [
    "deepseek",
    402,
    openai("unknown_error", "Insufficient Balance", "invalid_request_error"),
    "no-credit give-up: Insufficient Balance",
  ],
  [
    "moonshot",
    429,
    openai("exceeded_current_quota_error", "Your account is suspended, please check your plan"),
    "no-credit give-up: Your account is suspended, please check your plan",
  ],
  [
    "moonshot",
    429,
    openai("engine_overloaded_error", "The engine is currently overloaded"),
    "overloaded retry: The engine is currently overloaded",
  ],
  ["moonshot", 429, openai("rate_limit_reached_error", "max RPM: 3"), "rate-limit retry: max RPM: 3"],
  [
    "zai",
    429,
    zai("1302", "High concurrency usage of this API"),
    "rate-limit retry: High concurrency usage of this API",
  ],
  [
    "zai",
    429,
    zai("1305", "The service may be temporarily overloaded"),
    "overloaded retry: The service may be temporarily overloaded",
  ],
  ["zai", 429, zai("1308", "Usage limit reached for 5 hour."), "spend-limit give-up: Usage limit reached for 5 hour."],
  [
    "zai",
    429,
    zai("1113", "Insufficient balance or no resource package."),
    "no-credit give-up: Insufficient balance or no resource package.",
  ],
  [
    "zai",
    400,
    zai("1211", "Unknown Model, please check the model code."),
    "unknown-model give-up: Unknown Model, please check the model code.",
  ],
  ["zai", 400, zai("1261", "Prompt too long"), "context-full give-up: Prompt too long"],
  [
    "zai",
    200,
    { code: 1001, msg: "Authentication parameter not received", success: false },
    "bad-key give-up: Authentication parameter not received",
  ],
  // The same numbers mean nothing from another server.
  ["custom", 400, zai("1113", "no"), "bad-request give-up: no"],
];

const inStreams: readonly (readonly [ProviderId, string, string])[] = [
  [
    "openrouter",
    `data: ${JSON.stringify(openrouter(429, "Rate limited upstream"))}\n\n`,
    "rate-limit retry: Rate limited upstream",
  ],
  [
    "openrouter",
    event("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
    "overloaded retry: Overloaded",
  ],
  ["zai", `data: ${JSON.stringify(zai("1312", "Too many visits"))}\n\n`, "overloaded retry: Too many visits"],
  ["ollama", `data: {"error":"out of memory"}\n\n`, "server-error retry: out of memory"],
];

async function outcome(provider: ProviderId, answer: string): Promise<string> {
  const server = await startRawServer((socket) => socket.write(answer));
  try {
    const { failure } = await run({ key: { ...server.choice.key, provider }, model: "m" });
    return `${failure?.code} ${failure?.act}: ${failure?.details}`;
  } finally {
    await server.close();
  }
}

describe("errors of other servers", () => {
  for (const [provider, status, body, expected] of answers) {
    it(`${provider} ${status}: ${expected}`, async () => {
      assert.equal(await outcome(provider, http(status, json, JSON.stringify(body))), expected);
    });
  }
  for (const [provider, record, expected] of inStreams) {
    it(`${provider} within a stream: ${expected}`, async () => {
      const start = event("message_start", { message: { id: "m1" } });
      assert.equal(await outcome(provider, stream(start, record)), expected);
      assert.equal(await outcome(provider, stream(record)), expected);
    });
  }
});
