/** Which reply a conversation gets, scripts as files, the log of requests, and the other endpoints and servers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { errorLine, eventsIn, goodHeaders, send } from "./client";
import { call, type Reply, reply } from "./reply";
import type { Scenario } from "./scenario";
import { readScenario } from "./scenario-file";
import { type Simulator, startSimulator } from "./server";
import { type Fields, isFields, listOf, textOf } from "./types";

const user = (content: unknown): Fields => ({ role: "user", content });
const assistant = (content: unknown): Fields => ({ role: "assistant", content });
const asked = (id: string) => assistant([{ type: "tool_use", id, name: "run_shell", input: { command: id } }]);
const answered = (id: string, ...texts: readonly string[]) =>
  user([
    { type: "tool_result", tool_use_id: id, content: `out ${id}` },
    ...texts.map((text) => ({ type: "text", text })),
  ]);

describe("simulator: scenarios", () => {
  const running: Simulator[] = [];
  afterEach(async () => {
    for (const simulator of running.splice(0)) await simulator.close();
  });

  async function start(
    scenario: Scenario,
    options: Partial<Parameters<typeof startSimulator>[0]> = {},
  ): Promise<Simulator> {
    const simulator = await startSimulator({ scenario, ...options });
    running.push(simulator);
    return simulator;
  }

  /** What each of these conversations gets: the text, or the error. */
  async function answers(
    simulator: Simulator,
    ...conversations: readonly (readonly Fields[])[]
  ): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const messages of conversations) {
      const answer = await send(simulator.url, { model: "claude-sonnet-5-5", max_tokens: 100, messages });
      const parsed: unknown = JSON.parse(answer.body);
      const blocks = isFields(parsed) ? listOf(parsed.content).filter(isFields) : [];
      lines.push(answer.status === 200 ? blocks.map((b) => textOf(b.text)).join("|") : errorLine(answer));
    }
    return lines;
  }

  it("takes the step from the conversation, not from what was asked before", async () => {
    const simulator = await start({ steps: [reply("one"), reply("two"), reply("three")] });
    const second = [user("a"), assistant("one"), user("b")];
    assert.deepEqual(
      await answers(simulator, second, [user("a")], second, [...second, assistant("two"), user("c")], [user("z")]),
      ["two", "one", "two", "three", "one"],
    );
  });

  it("takes turns in order or by the user's text, and what comes with tool results as part of the turn", async () => {
    const script: Scenario = {
      turns: [
        { steps: [reply("first.0"), reply("first.1")] },
        { match: /\bspecial\b/, steps: [reply("special.0"), reply("special.1")] },
        { steps: [reply("second.0")] },
      ],
      otherwise: { steps: [reply("otherwise.0")] },
    };
    const one = [user("a"), asked("A"), answered("A", "by the way")];
    const stopped = [user("a"), asked("A"), answered("A", "now the special one")];
    const two = [
      user([
        { type: "text", text: "context" },
        { type: "text", text: "something special" },
      ]),
    ];
    const three = [...two, assistant("special.0"), user("b"), assistant("first.0"), user("c")];
    const four = [...three, assistant("second.0"), user("d")];
    assert.deepEqual(await answers(await start(script), [user("a")], one, stopped, two, three, four), [
      ...["first.0", "first.1", "special.0", "special.0", "second.0", "otherwise.0"],
    ]);
  });

  it("says what is not scripted, and what a scenario threw", async () => {
    const script = await start({ turns: [{ steps: [reply("only")] }] });
    const broken = await start(() => {
      throw new Error("oops");
    });
    assert.deepEqual(
      [...(await answers(script, [user("a"), asked("A"), answered("A")])), ...(await answers(broken, [user("a")]))],
      [
        "400 invalid_request_error: simulator: no reply is scripted for turn 0, step 1",
        "500 api_error: simulator: the scenario threw: oops",
      ],
    );
  });

  it("shows a function the turn: step, results with their calls, steering, attempt", async () => {
    const seen: unknown[] = [];
    const simulator = await start(({ body: _, ...rest }) => {
      seen.push(rest);
      return reply("ok");
    });
    const messages = [
      user("old"),
      assistant("x"),
      user("new"),
      asked("A"),
      answered("A"),
      asked("B"),
      answered("B", "hurry"),
    ];
    await answers(simulator, messages, messages);
    const outcome = (id: string, step: number) => ({
      id,
      name: "run_shell",
      input: { command: id },
      text: `out ${id}`,
      isError: false,
      step,
    });
    const expected = {
      ...{ key: "key", model: "claude-sonnet-5-5", turn: 1, step: 2, steps: 3, userText: "new", userTexts: ["new"] },
      ...{
        steering: ["hurry"],
        results: [outcome("A", 0), outcome("B", 1)],
        lastResults: [outcome("B", 1)],
        toolNames: [],
      },
    };
    assert.deepEqual(seen, [
      { ...expected, attempt: 0, request: 0 },
      { ...expected, attempt: 1, request: 1 },
    ]);
  });

  it("applies fault rules by step, key, model, number and attempt", async () => {
    const rule = { kind: "overloaded" } as const;
    const ok: Reply = reply("ok");
    const simulator = await start(
      { turns: [{ steps: [ok, ok] }], faults: [{ fault: rule, step: 1, attempts: [0, 2] }] },
      {
        faults: [
          { fault: { kind: "server-error" }, requests: [0] },
          { fault: { kind: "billing", times: 9 }, model: "claude-opus-5-5" },
        ],
      },
    );
    const later = [user("a"), asked("A"), answered("A")];
    const lines = await answers(simulator, [user("a")], [user("a")], later, later, later, later);
    const opus = await send(simulator.url, { model: "claude-opus-5-5", max_tokens: 9, messages: [user("a")] });
    assert.deepEqual(
      [...lines.map((line) => line.slice(0, 3)), String(opus.status)],
      ["500", "ok", "529", "ok", "529", "ok", "402"],
    );
  });

  it("reads a script from a file, with everything that can stand in one", async () => {
    const file = {
      comment: "all of it",
      pace: 0,
      fragment: "fine",
      faults: [{ fault: { kind: "rate-limit", retryAfter: "ms", seconds: 0.1 }, turn: 0, step: 1, attempts: [0] }],
      turns: [
        {
          match: "^hello",
          steps: [
            {
              blocks: [
                { type: "thinking", thinking: "hm" },
                "Looking.",
                { type: "tool_use", name: "run_shell", input: { command: "ls" } },
                { type: "tool_use", name: "raw", id: "own", json: ['{"a', '":1}'] },
              ],
              fault: { kind: "overloaded" },
            },
            "plain text",
            { blocks: ["cut"], stopReason: "max_tokens", fragment: "crlf" },
          ],
        },
      ],
      otherwise: { steps: ["what?"] },
    };
    const read = readScenario(JSON.stringify(file));
    assert.ok("script" in read, JSON.stringify(read));
    const simulator = await start(read.script);
    const first = [user("Hello there")];
    const second = [...first, asked("A"), answered("A")];
    assert.deepEqual(
      await answers(simulator, first, first, second, second, [...second, asked("B"), answered("B")], [user("bye")]),
      [
        "529 overloaded_error: Overloaded",
        "|Looking.||",
        "429 rate_limit_error: This request would exceed your organization's rate limit.",
        "plain text",
        "cut",
        "what?",
      ],
    );
    const streamed = await send(simulator.url, {
      model: "claude-sonnet-5-5",
      max_tokens: 9,
      stream: true,
      messages: first,
    });
    const json = eventsIn(streamed.body).flatMap((e) =>
      e.index === 3 && isFields(e.delta) ? [e.delta.partial_json] : [],
    );
    assert.deepEqual(json, ['{"a', '":1}']);
  });

  it("takes the example of the documentation", () => {
    const page = readFileSync(path.join(process.cwd(), "docs/SIMULATOR.md"), "utf8");
    const read = readScenario(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
    assert.ok("script" in read, JSON.stringify(read));
  });

  const misfits: readonly (readonly [string, RegExp])[] = [
    ["{", /^not valid JSON: /],
    ["[]", /^the scenario: must be an object$/],
    ["{}", /^needs either "turns" or "steps"$/],
    ['{"steps":[],"turn":[]}', /^the scenario: "turn" is not known; known are turns, steps, /],
    ['{"steps":[{}]}', /^steps\.0\.blocks: must be a list$/],
    ['{"steps":[{"blocks":[{"type":"tool"}]}]}', /^steps\.0\.blocks\.0\.type: one of text, thinking, /],
    ['{"steps":[{"blocks":[{"type":"tool_use"}]}]}', /^steps\.0\.blocks\.0\.name: is missing$/],
    ['{"steps":[{"blocks":[],"stopReason":"done"}]}', /^steps\.0\.stopReason: one of end_turn, /],
    ['{"steps":[{"blocks":[],"fault":{"kind":"fire"}}]}', /^steps\.0\.fault\.kind: one of rate-limit, /],
    ['{"steps":[{"blocks":[],"fault":{"kind":"late"}}]}', /^steps\.0\.fault\.ms: must be a number$/],
    [
      '{"steps":[{"blocks":[],"fault":{"kind":"cut","before":1}}]}',
      /^steps\.0\.fault\.before: is not known; cut takes kind, times, after$/,
    ],
    ['{"turns":[{"match":"(","steps":[]}]}', /^turns\.0\.match: Invalid regular expression/],
  ];
  for (const [source, expected] of misfits) {
    it(`names what is wrong in ${source}`, () => {
      const read = readScenario(source);
      assert.match("problem" in read ? read.problem : "fits", expected);
    });
  }

  it("keeps each request as it came, and tells how it stands to the one before", async () => {
    const simulator = await start(() => reply("ok"));
    const source = (messages: readonly Fields[]) =>
      `{ "model":"claude-sonnet-5-5","max_tokens":1e2, "messages":${JSON.stringify(messages)}}`;
    const first = [user("a"), assistant("ok"), user("b")];
    const bodies = [first.slice(0, 1), first, [user("a"), assistant("OK"), user("b")]].map(source);
    for (const body of bodies) await send(simulator.url, body);
    assert.deepEqual(
      simulator.messages().map(({ body, status, prefix, segments }) => ({
        body: body.toString("utf8"),
        status,
        previous: prefix?.previous,
        intact: [prefix?.blocksIntact, prefix?.bytesIntact],
        last: body.subarray(segments.at(-1)?.start, segments.at(-1)?.end).toString("utf8"),
      })),
      [
        { body: bodies[0], status: 200, previous: undefined, intact: [true, true], last: '"a"' },
        { body: bodies[1], status: 200, previous: 0, intact: [true, true], last: '"b"' },
        { body: bodies[2], status: 200, previous: 1, intact: [false, false], last: '"b"' },
      ],
    );
  });

  it("serves the models and counts tokens for the SDK", async () => {
    const simulator = await start(() => reply("ok"));
    const client = new Anthropic({ baseURL: simulator.url, apiKey: "key", maxRetries: 0 });
    const model = await client.models.retrieve("claude-haiku-4-5-20251001");
    const list = await client.models.list();
    const request = { model: "claude-sonnet-5-5", messages: [{ role: "user", content: "12345678" }] } as const;
    const counted = await client.messages.countTokens({ ...request, messages: [...request.messages] });
    const made = await client.messages.create({ ...request, messages: [...request.messages], max_tokens: 10 });
    assert.deepEqual([model.id, model.max_input_tokens, model.max_tokens], ["claude-haiku-4-5", 200_000, 64_000]);
    assert.equal(list.data.length, 19);
    assert.deepEqual([counted.input_tokens, made.usage.input_tokens], [13, 13]);
    await assert.rejects(client.models.retrieve("claude-9"), { status: 404 });
  });

  it("accepts only the keys it was given", async () => {
    const simulator = await start(() => reply("ok"), { keys: ["good"] });
    const body = { model: "claude-sonnet-5-5", max_tokens: 9, messages: [user("a")] };
    const good = await send(simulator.url, body, { headers: { ...goodHeaders, authorization: "Bearer good" } });
    assert.deepEqual([good.status, (await send(simulator.url, body)).status], [200, 401]);
  });

  it("looks like a local server: no key, any model, plain errors, no cache, no signatures, no count_tokens", async () => {
    const scenario = () => reply({ type: "thinking", thinking: "hm" }, "ok", call("t", {}));
    const { url } = await start(scenario, { skin: "ollama" });
    const body = {
      model: "qwen3:8b",
      max_tokens: 9,
      thinking: { type: "enabled", budget_tokens: 1 },
      messages: [user("a")],
      novel: 1,
    };
    const answer = await send(url, body, { headers: {} });
    const parsed: unknown = JSON.parse(answer.body);
    const fields = isFields(parsed) ? parsed : {};
    const count = await send(url, body, { path: "/v1/messages/count_tokens" });
    const broken = await send(url, { model: "m" });
    assert.deepEqual(
      [
        answer.status,
        answer.headers["request-id"],
        listOf(fields.content)[0],
        Object.keys(isFields(fields.usage) ? fields.usage : {}),
      ],
      [200, undefined, { type: "thinking", thinking: "hm", signature: "" }, ["input_tokens", "output_tokens"]],
    );
    assert.deepEqual([count.status, broken.status, broken.body], [404, 400, '{"error":"messages is required"}']);
    const models = await send(url, undefined, { method: "GET", path: "/v1/models", headers: {} });
    assert.match(models.body, /^\{"object":"list"/);
  });

  it("looks like a strict proxy, and like the API of before", async () => {
    const proxy = await start(() => reply("ok"), { skin: "strict-proxy" });
    const old = await start(() => reply("ok"), { skin: "old-api" });
    const body = { model: "claude-sonnet-5-5", max_tokens: 9, messages: [user("a")] };
    const tool = { name: "t", input_schema: { type: "object" }, eager_input_streaming: true };
    const refused = [
      { ...body, messages: [user("a"), { role: "system", content: "s" }] },
      { ...body, cache_control: { type: "ephemeral" } },
      { ...body, diagnostics: {} },
      { ...body, tools: [tool] },
    ];
    const lines: string[] = [];
    for (const one of refused)
      lines.push(errorLine(await send(proxy.url, one)).replace("400 invalid_request_error: ", ""));
    assert.deepEqual(lines, [
      "messages.1.role: Extra inputs are not permitted",
      "cache_control: Extra inputs are not permitted",
      "diagnostics: Extra inputs are not permitted",
      "tools.0.custom.eager_input_streaming: Extra inputs are not permitted",
    ]);
    const own = { "x-api-key": "k", "anthropic-version": "2023-06-01" };
    const statuses = [
      await send(old.url, body),
      await send(old.url, body, { headers: { ...own, "anthropic-version": "2026-10-21" } }),
      await send(old.url, { ...body, temperature: 0.5 }, { headers: own }),
    ].map((answer) => answer.status);
    assert.deepEqual(statuses, [401, 400, 200]);
  });
});
