import assert from "node:assert/strict";
import { headFor } from "../../src/models/head";
import type { ModelChoice } from "../../src/models/types";
import type { Fault } from "../simulator/faults";
import { models } from "../simulator/models";
import { type Simulator, startSimulator } from "../simulator/server";
import { run, secret } from "./support/run";

const reply = {
  blocks: [
    { type: "text", text: "Hello, wörld 😀" },
    { type: "tool_use", name: "read_file", input: { path: "a.txt" } },
  ],
} as const;

const whole = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta"];

function choiceAt(simulator: Simulator, model = "claude-sonnet-5-5"): ModelChoice {
  return { key: { id: "k1", provider: "anthropic", baseUrl: simulator.url }, model, effort: "high" };
}

function bodyFor(choice: ModelChoice): string {
  const tools = `[{"name":"read_file","description":"Reads.","input_schema":{"type":"object"}}]`;
  return `{${headFor(choice)},"tools":${tools},"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}`;
}

/** One line: what the loop would decide on, or that the answer came whole. */
async function outcome(fault: Fault): Promise<string> {
  const simulator = await startSimulator({
    scenario: { turns: [], otherwise: { steps: [reply] } },
    faults: [{ fault }],
  });
  try {
    const choice = choiceAt(simulator);
    const { events, failure } = await run(
      choice,
      fault.kind === "stall" ? { idleTimeoutMs: 400, pingOnlyTimeoutMs: 400 } : {},
      undefined,
      bodyFor(choice),
    );
    assert.ok(!JSON.stringify(failure ?? "").includes(secret));
    if (failure === undefined) return whole.every((type) => events.includes(type)) ? "whole" : events.join(" ");
    const { code, act, retryAfterMs, statusCode } = failure;
    return [code, act, retryAfterMs, statusCode].filter((part) => part !== undefined).join(" ");
  } finally {
    await simulator.close();
  }
}

describe("against the simulator", () => {
  it("every fault is told apart", async () => {
    const faults: Record<string, Fault> = {
      "rate limit, seconds": { kind: "rate-limit", retryAfter: "seconds", seconds: 3 },
      "rate limit, ms": { kind: "rate-limit", retryAfter: "ms", seconds: 2 },
      "spend limit": { kind: "spend-limit" },
      "no credit": { kind: "no-credit" },
      billing: { kind: "billing" },
      "bad key": { kind: "bad-key" },
      forbidden: { kind: "forbidden" },
      "not found": { kind: "not-found" },
      "too large": { kind: "too-large" },
      "server error": { kind: "server-error" },
      "bad gateway": { kind: "bad-gateway" },
      unavailable: { kind: "unavailable" },
      timeout: { kind: "timeout" },
      overloaded: { kind: "overloaded" },
      "overloaded, for good": { kind: "overloaded", shouldRetry: false },
      "error event": { kind: "error-event" },
      "reset before headers": { kind: "reset", at: "before-headers" },
      "reset after headers": { kind: "reset", at: "after-headers" },
      "reset in tool JSON": { kind: "reset", at: "in-tool-json" },
      cut: { kind: "cut" },
      stall: { kind: "stall" },
      "stall with pings": { kind: "stall", pingEveryMs: 50 },
      late: { kind: "late", ms: 100 },
      "unknown event": { kind: "unknown-event" },
      "unknown delta": { kind: "unknown-delta" },
      "invalid tool JSON": { kind: "invalid-tool-json" },
      refusal: { kind: "stop", reason: "refusal" },
    };
    const outcomes: Record<string, string> = {};
    for (const [name, fault] of Object.entries(faults)) outcomes[name] = await outcome(fault);
    assert.deepEqual(outcomes, {
      "rate limit, seconds": "rate-limit retry 3000 429",
      "rate limit, ms": "rate-limit retry 2000 429",
      "spend limit": "spend-limit give-up 429",
      "no credit": "no-credit give-up 400",
      billing: "no-credit give-up 402",
      "bad key": "bad-key give-up 401",
      forbidden: "bad-key give-up 403",
      "not found": "unknown-model give-up 404",
      "too large": "too-large give-up 413",
      "server error": "server-error retry 500",
      "bad gateway": "server-error retry 502",
      unavailable: "server-error retry 503",
      timeout: "server-error retry 504",
      overloaded: "overloaded retry 529",
      "overloaded, for good": "overloaded give-up 529",
      "error event": "overloaded retry",
      "reset before headers": "cut-off retry",
      "reset after headers": "cut-off retry",
      "reset in tool JSON": "cut-off retry",
      cut: "cut-off retry",
      stall: "stalled retry",
      "stall with pings": "stalled retry",
      late: "whole",
      "unknown event": "whole",
      "unknown delta": "whole",
      "invalid tool JSON": "whole",
      refusal: "whole",
    });
  });

  it("each known model takes the head that is made for it, and the bytes arrive as they are", async () => {
    const simulator = await startSimulator({ scenario: { turns: [], otherwise: { steps: [reply] } } });
    try {
      for (const { id } of models) {
        const choice = choiceAt(simulator, id);
        const { failure } = await run(choice, {}, undefined, bodyFor(choice));
        assert.equal(failure, undefined, id);
      }
      assert.deepEqual(
        simulator.messages().map((request) => request.body.toString("utf8")),
        models.map(({ id }) => bodyFor(choiceAt(simulator, id))),
      );
    } finally {
      await simulator.close();
    }
  });
});
