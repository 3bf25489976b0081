/** What follows each failure, row by row as the API's documentation and the experience with other servers have it. */
import assert from "node:assert/strict";
import { refusal } from "../../src/models/errors";
import { afterFailure, beforeRequest, type Decision, type Situation, type Tried } from "../../src/models/fallback";
import {
  active,
  afterKeyFailure,
  isUsable,
  type KeyState,
  nameOfKey,
  nameOfLimit,
  type Place,
  stateAt,
} from "../../src/models/key-states";
import type { Failure, KeyConfig, ModelChoice } from "../../src/models/types";

const now = Date.UTC(2026, 10, 22, 12, 0, 0);

const key = (id: string, baseUrl = "https://api.anthropic.com"): KeyConfig => ({ id, provider: "anthropic", baseUrl });
const choice = (id: string, model: string): ModelChoice => ({ key: key(id), model });

/** The first key with another model, then another key with the first model, then another server. */
const sonnet = choice("k1", "sonnet");
const opus = choice("k1", "opus");
const sonnet2 = choice("k2", "sonnet");
const local: ModelChoice = { key: key("home", "http://localhost:11434"), model: "qwen" };
const all = [sonnet, opus, sonnet2, local] as const;

const name = ({ key: { id }, model }: ModelChoice): string => `${model}/${id}`;

function words(decision: Decision): string {
  switch (decision.act) {
    case "send":
      return `send ${name(decision.to)}`;
    case "retry":
      return `retry in ${decision.at - now} ms`;
    case "switch":
      return `switch to ${name(decision.to)}`;
    case "wait":
      return `wait ${decision.until - now} ms for ${decision.at.key.id}`;
    case "give-up": {
      const { next, until } = decision;
      const after = until === undefined ? "" : `, again in ${until - now} ms`;
      return `give up${next === undefined ? "" : `, next ${name(next)}`}${after}`;
    }
  }
}

type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly text: string };

const api = (status: number, type: string, message: string, headers = {}, details?: object): Answer => ({
  status,
  headers,
  text: JSON.stringify({ type: "error", error: { type, message, ...(details === undefined ? {} : { details }) } }),
});

/** What can be asked after these failures, as the ring would have it. */
function statesAfter(tried: readonly Tried[]): (place: Place) => KeyState {
  const states = new Map<string, KeyState>();
  for (const { choice: at, failure } of tried) {
    const name = failure.code === "rate-limit" ? nameOfLimit(at) : nameOfKey(at.key);
    const before = states.get(name) ?? active;
    states.set(name, afterKeyFailure(before, failure, { now, model: at.model, strikes: 0 }));
  }
  const stateOf = (name: string): KeyState => stateAt(states.get(name) ?? active, now);
  return (place) => {
    const ofKey = stateOf(nameOfKey(place.key));
    return isUsable(ofKey, place) ? stateOf(nameOfLimit(place)) : ofKey;
  };
}

function situation(choices: Situation["choices"], tried: readonly Tried[], more: Partial<Situation> = {}): Situation {
  return { choices, tried, stateOf: statesAfter(tried), whenExhausted: "wait", now, random: 0, ...more };
}

/** What follows when this comes again and again, until another choice is asked or none. */
function course(answer: Answer | Failure, choices: Situation["choices"], more: Partial<Situation> = {}): string {
  const failure =
    "code" in answer ? answer : refusal({ ...answer, headers: new Headers(answer.headers) }, choices[0], now);
  const tried: Tried[] = [];
  const acts: string[] = [];
  while (acts.length < 12) {
    tried.push({ choice: choices[0], failure });
    const decision = afterFailure(situation(choices, tried, more));
    acts.push(words(decision));
    if (decision.act !== "retry") break;
  }
  const retries = acts.filter((act) => act.startsWith("retry"));
  const rest = acts.slice(retries.length);
  return [...(retries.length === 0 ? [] : [`${retries[0]} (${retries.length}x)`]), ...rest].join(", ");
}

const failed = (code: Failure["code"]): Failure => ({ code, message: "It failed.", act: "retry" });
const limit = "This request would exceed your rate limit.";
const capped = { error_code: "enforced_spend_limit_reached" };
const access = "You have reached your API usage limits. You will regain access on 2026-11-22 at 18:00 UTC.";

/** The signal, what follows with other choices, and what follows when the choice is the only one. */
const rows: readonly (readonly [signal: string, answer: Answer | Failure, others: string, alone: string])[] = [
  [
    "429, retry-after 7",
    api(429, "rate_limit_error", limit, { "retry-after": "7" }),
    "retry in 7000 ms (9x), switch to sonnet/k2",
    "retry in 7000 ms (12x)",
  ],
  [
    "429, a time that has passed",
    api(429, "rate_limit_error", limit, { "retry-after": "0" }),
    "retry in 500 ms (9x), switch to sonnet/k2",
    "retry in 500 ms (9x), give up",
  ],
  [
    "429, retry-after 60",
    api(429, "rate_limit_error", limit, { "retry-after": "60" }),
    "switch to sonnet/k2",
    "wait 60000 ms for k1",
  ],
  [
    "429, a limit that is full in a minute",
    api(429, "rate_limit_error", limit, {
      "anthropic-ratelimit-tokens-remaining": "0",
      "anthropic-ratelimit-tokens-reset": "2026-11-22T12:01:00Z",
    }),
    "switch to sonnet/k2",
    "wait 60000 ms for k1",
  ],
  [
    "429 without a time",
    api(429, "rate_limit_error", limit),
    "retry in 500 ms (9x), switch to sonnet/k2",
    "retry in 500 ms (9x), give up",
  ],
  [
    "429, spend cap of the organization",
    api(429, "rate_limit_error", access, {}, capped),
    "switch to sonnet/k2",
    "wait 21600000 ms for k1",
  ],
  [
    "400, limit of one's own",
    api(400, "invalid_request_error", "You have reached your specified API usage limits."),
    "switch to sonnet/k2",
    "give up",
  ],
  [
    "400, credit",
    api(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "switch to sonnet/k2",
    "give up",
  ],
  ["402", api(402, "billing_error", "Billing."), "switch to sonnet/k2", "give up"],
  ["401", api(401, "authentication_error", "invalid x-api-key"), "give up, next sonnet/k2", "give up"],
  ["403", api(403, "permission_error", "No permission."), "give up, next opus/k1", "give up"],
  ["no key", failed("no-key"), "give up, next sonnet/k2", "give up"],
  ["404", api(404, "not_found_error", "model: sonnet"), "switch to opus/k1", "give up"],
  [
    "529",
    api(529, "overloaded_error", "Overloaded"),
    "retry in 500 ms (3x), switch to opus/k1",
    "retry in 500 ms (9x), give up",
  ],
  [
    "529, x-should-retry false",
    api(529, "overloaded_error", "Overloaded", { "x-should-retry": "false" }),
    "switch to opus/k1",
    "give up",
  ],
  [
    "event: error after 200",
    { text: api(0, "overloaded_error", "Overloaded").text },
    "retry in 500 ms (3x), switch to opus/k1",
    "retry in 500 ms (9x), give up",
  ],
  [
    "500",
    api(500, "api_error", "Internal server error"),
    "retry in 500 ms (3x), switch to opus/k1",
    "retry in 500 ms (9x), give up",
  ],
  [
    "502, a page",
    { status: 502, text: "<html>502</html>" },
    "retry in 500 ms (3x), switch to opus/k1",
    "retry in 500 ms (9x), give up",
  ],
  [
    "503, retry-after 30",
    { status: 503, text: "", headers: { "retry-after": "30" } },
    "switch to opus/k1",
    "retry in 30000 ms (9x), give up",
  ],
  [
    "504",
    api(504, "timeout_error", "Timed out."),
    "retry in 500 ms (3x), switch to opus/k1",
    "retry in 500 ms (9x), give up",
  ],
  ["413", api(413, "request_too_large", "Too large."), "give up", "give up"],
  [
    "400, prompt too long",
    api(400, "invalid_request_error", "prompt is too long: 2 tokens > 1 maximum"),
    "give up",
    "give up",
  ],
  ["400", api(400, "invalid_request_error", "Extra inputs are not permitted"), "give up", "give up"],
  [
    "400, a thinking block",
    api(400, "invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"),
    "retry in 0 ms (1x), give up",
    "retry in 0 ms (1x), give up",
  ],
  ["reset", failed("cut-off"), "retry in 500 ms (3x), switch to opus/k1", "retry in 500 ms (9x), give up"],
  ["stall", failed("stalled"), "retry in 500 ms (1x), switch to opus/k1", "retry in 500 ms (9x), give up"],
  ["no connection", failed("unreachable"), "retry in 500 ms (2x), switch to opus/k1", "retry in 500 ms (3x), give up"],
  ["another API", failed("not-an-api"), "give up", "give up"],
];

describe("after a failed request", () => {
  for (const [signal, answer, others, alone] of rows) {
    it(`${signal}: ${others}; alone: ${alone}`, () => {
      assert.deepEqual([course(answer, all), course(answer, [sonnet])], [others, alone]);
    });
  }

  it("a turn that shall stop is not made to wait, and hears when it can go on", () => {
    const stop = { whenExhausted: "stop" } as const;
    const minute = api(429, "rate_limit_error", limit, { "retry-after": "60" });
    assert.deepEqual(
      [course(minute, [sonnet], stop), course(minute, all, stop)],
      ["give up, again in 60000 ms", "switch to sonnet/k2"],
    );
  });

  it("a limit leaves the other classes of Anthropic's models free, and no other model of a server that limits as a whole", () => {
    const minute = api(429, "rate_limit_error", limit, { "retry-after": "60" });
    const open: KeyConfig = { id: "open", provider: "openrouter", baseUrl: "https://openrouter.ai/api" };
    assert.deepEqual(
      [
        course(minute, [sonnet, opus]),
        course(minute, [
          { key: open, model: "a" },
          { key: open, model: "b" },
        ]),
      ],
      ["switch to opus/k1", "wait 60000 ms for open"],
    );
  });

  it("no turn waits for days", () => {
    const days = access.replace("11-22", "12-01");
    assert.equal(course(api(429, "rate_limit_error", days, {}, capped), [sonnet]), "give up, again in 799200000 ms");
  });

  it("choices that have failed in this step, and keys that can't be used, are passed over", () => {
    const overloaded = (at: ModelChoice): Tried[] =>
      [0, 1, 2, 3].map(() => ({ choice: at, failure: failed("overloaded") }));
    const limited: Tried = { choice: sonnet2, failure: { ...failed("rate-limit"), retryAfterMs: 60_000 } };
    const next = (...tried: readonly Tried[]): string => words(afterFailure(situation(all, tried)));
    assert.deepEqual(
      [
        next(...overloaded(sonnet)),
        next(...overloaded(sonnet), ...overloaded(opus)),
        next(...overloaded(sonnet), limited, ...overloaded(opus)),
        next(...overloaded(sonnet), limited, ...overloaded(opus), ...overloaded(local)),
      ],
      ["switch to opus/k1", "switch to sonnet/k2", "switch to qwen/home", "retry in 4000 ms"],
    );
  });
});

describe("before a request", () => {
  const limitedFor = (ms: number): KeyState => ({ kind: "limited", until: now + ms, why: "Limited." });
  const empty: KeyState = { kind: "exhausted", since: now, why: "No credit." };
  const refused: KeyState = { kind: "refused", why: "Refused." };
  const cases: readonly (readonly [
    states: Readonly<Record<string, KeyState>>,
    current: ModelChoice | undefined,
    string,
  ])[] = [
    [{}, undefined, "send sonnet/k1"],
    [{}, local, "send qwen/home"],
    [{}, choice("gone", "sonnet"), "send sonnet/k1"],
    [{ k1: limitedFor(9_000) }, undefined, "retry in 9000 ms"],
    [{ k1: limitedFor(60_000) }, undefined, "switch to sonnet/k2"],
    [{ k1: limitedFor(60_000) }, local, "send qwen/home"],
    [{ k1: refused }, undefined, "switch to sonnet/k2"],
    [{ k1: refused }, sonnet, "send sonnet/k1"],
    [{ home: limitedFor(60_000) }, local, "switch to sonnet/k1"],
    [{ k1: empty, k2: refused }, undefined, "switch to qwen/home"],
    [{ k1: { ...refused, model: "sonnet" } }, undefined, "switch to opus/k1"],
    [{ k1: limitedFor(60_000), k2: refused, home: limitedFor(30_000) }, undefined, "wait 30000 ms for home"],
    [{ k1: empty, k2: refused, home: refused }, undefined, "send sonnet/k1"],
    [{ k1: limitedFor(60_000), k2: refused, home: refused }, undefined, "wait 60000 ms for k1"],
  ];
  for (const [states, current, expected] of cases) {
    const named = Object.entries(states).map(([id, state]) => `${id} ${state.kind}`);
    it(`${named.join(", ") || "all active"}, at ${current === undefined ? "no choice" : name(current)}: ${expected}`, () => {
      const stateOf = ({ key: { id } }: Place): KeyState => stateAt(states[id] ?? active, now);
      assert.equal(words(beforeRequest(current, situation(all, [], { stateOf }))), expected);
    });
  }
});
