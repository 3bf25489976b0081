/** Every fault as a raw client sees it, and that the next attempt is well again. */
import assert from "node:assert/strict";
import { errorLine, eventsIn, goodHeaders, type RawAnswer, send } from "./client";
import type { Fault } from "./faults";
import { call, type Reply, reply, text } from "./reply";
import { type Simulator, startSimulator } from "./server";
import { type Fields, isFields, listOf, manualClock } from "./types";

const request = {
  model: "claude-sonnet-5-5",
  max_tokens: 1000,
  stream: true,
  messages: [{ role: "user", content: "go" }],
};
const answered = reply(
  text("Some words before the calls."),
  call("read_file", { path: "a.txt", limit: 3 }),
  call("list_files", {}),
);

describe("simulator: faults", () => {
  const running: Simulator[] = [];
  afterEach(async () => {
    for (const simulator of running.splice(0)) await simulator.close();
  });

  async function start(fault: Fault, scripted: Reply = answered): Promise<Simulator> {
    const simulator = await startSimulator({ clock: manualClock(), scenario: { steps: [{ ...scripted, fault }] } });
    running.push(simulator);
    return simulator;
  }

  const refusals: readonly (readonly [Fault, string, Fields])[] = [
    [{ kind: "rate-limit" }, "429 rate_limit_error", { "retry-after": "1" }],
    [
      { kind: "rate-limit", retryAfter: "date", seconds: 90 },
      "429 rate_limit_error",
      { "retry-after": "Sun, 22 Nov 2026 00:01:30 GMT" },
    ],
    [
      { kind: "rate-limit", retryAfter: "ms", seconds: 0.25 },
      "429 rate_limit_error",
      { "retry-after-ms": "250", "retry-after": "1" },
    ],
    [{ kind: "spend-limit" }, "429 rate_limit_error", { "retry-after": undefined }],
    [{ kind: "no-credit" }, "400 invalid_request_error", {}],
    [{ kind: "billing" }, "402 billing_error", {}],
    [{ kind: "bad-key" }, "401 authentication_error", {}],
    [{ kind: "forbidden" }, "403 permission_error", {}],
    [{ kind: "not-found" }, "404 not_found_error", {}],
    [{ kind: "too-large" }, "413 request_too_large", {}],
    [{ kind: "server-error" }, "500 api_error", {}],
    [{ kind: "unavailable" }, "503 api_error", {}],
    [{ kind: "timeout" }, "504 timeout_error", {}],
    [{ kind: "overloaded" }, "529 overloaded_error", { "x-should-retry": undefined }],
    [{ kind: "overloaded", shouldRetry: true }, "529 overloaded_error", { "x-should-retry": "true" }],
    [{ kind: "error", status: 418, type: "teapot", message: "short and stout" }, "418 teapot", {}],
  ];
  for (const [fault, expected, headers] of refusals) {
    it(`refuses with ${expected} for ${JSON.stringify(fault)}, once`, async () => {
      const { url, requests } = await start(fault);
      const first = await send(url, request);
      assert.equal(errorLine(first).split(":")[0], expected);
      for (const [name, value] of Object.entries(headers)) assert.equal(first.headers[name], value, name);
      assert.match(String(first.headers["request-id"]), /^req_[A-Za-z0-9]{24}$/);
      assert.equal((await send(url, request)).status, 200);
      assert.deepEqual(
        requests.map(({ outcome, attempt }) => [outcome, attempt]),
        [
          ["refused", 0],
          ["complete", 1],
        ],
      );
    });
  }

  it("puts the code of a spend limit into the details", async () => {
    const { url } = await start({ kind: "spend-limit" });
    assert.match((await send(url, request)).body, /"details":\{"error_code":"enforced_spend_limit_reached"\}/);
  });

  it("answers a bad gateway with a page that is not JSON", async () => {
    const { url } = await start({ kind: "bad-gateway" });
    const answer = await send(url, request);
    assert.deepEqual([answer.status, answer.headers["content-type"]], [502, "text/html"]);
    assert.match(answer.body, /^<html>/);
  });

  it("hits as many attempts as it is told, each at its own point of the conversation", async () => {
    const { url } = await start({ kind: "overloaded", times: 2 });
    const other = { ...request, messages: [{ role: "user", content: "another tab" }] };
    const statuses: number[] = [];
    for (const body of [request, other, request, other, request, other]) statuses.push((await send(url, body)).status);
    assert.deepEqual(statuses, [529, 529, 529, 529, 200, 200]);
  });

  it("sends an error event after so many events, and ends", async () => {
    const { url } = await start({ kind: "error-event", after: 4 });
    const answer = await send(url, request);
    const events = eventsIn(answer.body);
    assert.equal(answer.ending, "end");
    assert.deepEqual(events.map((event) => event.type).slice(3), ["content_block_delta", "error"]);
    assert.deepEqual(events.at(-1)?.error, { type: "overloaded_error", message: "Overloaded" });
  });

  it("resets before the headers, after them, inside a call's JSON, after so many events", async () => {
    const seen: unknown[] = [];
    for (const at of ["before-headers", "after-headers", "in-tool-json", "after-events"] as const) {
      const { url, requests } = await start({ kind: "reset", at, after: 3 });
      const answer = await send(url, request);
      seen.push([at, answer.status, answer.ending, lastType(answer), requests[0]?.outcome]);
    }
    assert.deepEqual(seen, [
      ["before-headers", 0, "reset", undefined, "broken"],
      ["after-headers", 200, "reset", undefined, "broken"],
      ["in-tool-json", 200, "reset", "input_json_delta", "broken"],
      ["after-events", 200, "reset", "ping", "broken"],
    ]);
  });

  it("ends cleanly without message_stop", async () => {
    const { url } = await start({ kind: "cut" });
    const answer = await send(url, request);
    assert.equal(answer.ending, "end");
    assert.ok(!eventsIn(answer.body).some((event) => event.type === "message_stop"));
    const all = await start({ kind: "cut", after: 1000 });
    assert.equal(eventsIn((await send(all.url, request)).body).at(-1)?.type, "message_delta");
  });

  it("stalls for ever, silent or with pings", async () => {
    const silent = await start({ kind: "stall", after: 4 });
    const quiet = await send(silent.url, request, { quietMs: 200 });
    assert.deepEqual([quiet.ending, eventsIn(quiet.body).length], ["timeout", 4]);
    const pinging = await start({ kind: "stall", after: 4, pingEveryMs: 5 });
    const pings = await until(pinging.url, (body) => body.split("event: ping").length > 5);
    assert.ok(!pings.includes("content_block_stop"));
  });

  it("drips byte by byte", async () => {
    const { url } = await start({ kind: "drip", bytesPerSecond: 100_000 }, reply("x"));
    const answer = await send(url, request);
    assert.equal(eventsIn(answer.body).at(-1)?.type, "message_stop");
    assert.ok(answer.chunks.length > 100);
  });

  it("waits before the first byte", async () => {
    const { url } = await start({ kind: "late", ms: 60_000 });
    const answer = await send(url, request, { quietMs: 200 });
    assert.deepEqual([answer.status, answer.ending], [0, "timeout"]);
  });

  it("sends events and deltas that nobody knows", async () => {
    const event = await start({ kind: "unknown-event" });
    assert.ok(eventsIn((await send(event.url, request)).body).some((one) => one.type === "novelty"));
    const delta = await start({ kind: "unknown-delta" });
    const deltas = eventsIn((await send(delta.url, request)).body).map((one) =>
      isFields(one.delta) ? one.delta.type : "",
    );
    assert.ok(deltas.includes("novel_delta"));
  });

  it("says nothing at all, or gives two calls one id", async () => {
    const empty = await start({ kind: "empty" });
    assert.deepEqual(shapeOf(await send(empty.url, request)), { blocks: [], stop: "end_turn" });
    const doubled = await start({ kind: "duplicate-ids" });
    const events = eventsIn((await send(doubled.url, request)).body);
    const ids = events.flatMap((e) =>
      isFields(e.content_block) && e.content_block.type === "tool_use" ? [e.content_block.id] : [],
    );
    assert.deepEqual(ids, ["call_0", "call_0"]);
  });

  it("breaks a call's JSON off, as a call or at max_tokens or by a refusal", async () => {
    const one = reply("Well.", call("write_file", { path: "a.txt", content: "some content" }));
    const cut = '{"path":"a.txt","content":';
    const seen: unknown[] = [];
    const faults: readonly Fault[] = [
      { kind: "invalid-tool-json" },
      { kind: "stop", reason: "max_tokens" },
      { kind: "stop", reason: "refusal" },
      { kind: "stop", reason: "pause_turn" },
      { kind: "stop", reason: "stop_sequence" },
      { kind: "stop", reason: "model_context_window_exceeded" },
    ];
    for (const fault of faults) seen.push(shapeOf(await send((await start(fault, one)).url, request)));
    const whole = '{"path":"a.txt","content":"some content"}';
    assert.deepEqual(seen, [
      { blocks: ["Well.", cut.slice(0, 24)], stop: "tool_use" },
      { blocks: ["Well.", cut.slice(0, 24)], stop: "max_tokens" },
      { blocks: ["Well.", cut.slice(0, 24)], stop: "refusal" },
      { blocks: ["Well.", whole], stop: "pause_turn" },
      { blocks: ["Well.", cut.slice(0, 24)], stop: "stop_sequence" },
      { blocks: ["Well.", cut.slice(0, 24)], stop: "model_context_window_exceeded" },
    ]);
  });

  it("takes a paused answer back as the end of a request, and nothing else", async () => {
    const simulator = await startSimulator({
      scenario: { steps: [{ ...reply("wait"), stopReason: "pause_turn" }, reply("done")] },
    });
    running.push(simulator);
    await send(simulator.url, { ...request, stream: false });
    const resend = (words: string) => ({
      ...request,
      messages: [...request.messages, { role: "assistant", content: [text(words)] }],
    });
    assert.equal((await send(simulator.url, resend("wait"))).status, 200);
    assert.equal((await send(simulator.url, resend("other"))).status, 400);
  });

  it("limits the rate by buckets on the injected clock, cache reads free, and says so in the headers", async () => {
    const clock = manualClock();
    const limits = { requestsPerMinute: 3, inputTokensPerMinute: 10_000 };
    const simulator = await startSimulator({ clock, limits, scenario: () => reply("ok") });
    running.push(simulator);
    const content = [{ type: "text", text: "x".repeat(32_000), cache_control: { type: "ephemeral" } }];
    const big = { ...request, stream: false, messages: [{ role: "user", content }] };
    const fresh = { ...big, messages: [{ role: "user", content: "y".repeat(32_000) }] };
    const first = await send(simulator.url, big);
    const cached = await send(simulator.url, big);
    const tooMuch = await send(simulator.url, fresh);
    assert.deepEqual([first.status, cached.status, tooMuch.status], [200, 200, 429]);
    assert.deepEqual(
      ["limit", "remaining", "reset"].map((name) => cached.headers[`anthropic-ratelimit-input-tokens-${name}`]),
      ["10000", "1989", "2026-11-22T00:00:48Z"],
    );
    assert.equal(tooMuch.headers["retry-after"], "37");
    assert.equal(Object.keys(first.headers).filter((name) => name.startsWith("anthropic-ratelimit-")).length, 12);
    clock.advance(37_000);
    assert.equal((await send(simulator.url, fresh)).status, 200);
  });

  it("draws faults by probability from a seed: the same run gives the same", async () => {
    const run = async () => {
      const faults = [
        { fault: { kind: "overloaded", times: Number.POSITIVE_INFINITY }, probability: 0.5, seed: 4 },
      ] as const;
      const simulator = await startSimulator({ scenario: () => reply("ok"), faults });
      running.push(simulator);
      const statuses: number[] = [];
      for (let n = 0; n < 20; n++) statuses.push((await send(simulator.url, request)).status);
      return statuses;
    };
    const first = await run();
    assert.deepEqual(await run(), first);
    assert.deepEqual([...new Set(first)].sort(), [200, 529]);
  });

  it("notes a client that goes away", async () => {
    const simulator = await startSimulator({ scenario: () => ({ ...reply("word ".repeat(200)), pace: 5 }) });
    running.push(simulator);
    await until(simulator.url, (body) => body.includes("text_delta"));
    while (simulator.requests[0]?.outcome === "open") await new Promise((resolve) => setImmediate(resolve));
    assert.equal(simulator.requests[0]?.outcome, "client-gone");
  });
});

/** Reads until the condition holds, then goes away; what was read. */
async function until(url: string, enough: (body: string) => boolean): Promise<string> {
  const gone = new AbortController();
  const answer = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: goodHeaders,
    body: JSON.stringify(request),
    signal: gone.signal,
  });
  let body = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    body += decoder.decode(chunk, { stream: true });
    if (enough(body)) break;
  }
  gone.abort();
  return body;
}

/** Texts and inputs as they came, and the stop reason. */
function shapeOf(answer: RawAnswer): { readonly blocks: readonly string[]; readonly stop: unknown } {
  const blocks: string[] = [];
  let stop: unknown;
  for (const event of eventsIn(answer.body)) {
    const delta = isFields(event.delta) ? event.delta : {};
    if (event.type === "content_block_start") blocks.push("");
    if (event.type === "content_block_delta")
      blocks.push(`${blocks.pop() ?? ""}${String(delta.text ?? delta.partial_json ?? "")}`);
    if (event.type === "message_delta") stop = delta.stop_reason;
  }
  return { blocks, stop };
}

/** The type of the last delta, or else event, that arrived whole. */
function lastType(answer: RawAnswer): unknown {
  const whole = answer.body.slice(0, answer.body.lastIndexOf("\n\n") + 2);
  const last = listOf(whole === "" ? [] : eventsIn(whole)).at(-1);
  if (!isFields(last)) return undefined;
  return isFields(last.delta) ? last.delta.type : last.type;
}
