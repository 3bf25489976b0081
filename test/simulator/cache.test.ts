/** What the cache must do whatever is sent: the invariants by which our own wire is judged. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { goodHeaders, send } from "./client";
import { call, reply } from "./reply";
import { type Simulator, startSimulator } from "./server";
import { type Fields, isFields, listOf, type ManualClock, manualClock } from "./types";

const marked = { cache_control: { type: "ephemeral" } };
const hour = { cache_control: { type: "ephemeral", ttl: "1h" } };
const filler = (name: string, bytes = 4000) => `${name} ${"lorem ipsum ".repeat(bytes / 12)}`;
const text = (value: string, extra: Fields = {}) => ({ type: "text", text: value, ...extra });
const tool = (name: string) => ({ name, description: filler(name), input_schema: { type: "object" } });
const request = (extra: Fields = {}): Fields => ({
  model: "claude-sonnet-5-5",
  max_tokens: 100,
  tools: [tool("alpha"), tool("beta")],
  system: [text(filler("system"), marked)],
  messages: [{ role: "user", content: [text(filler("question"), marked)] }],
  ...extra,
});

describe("simulator: prompt cache", () => {
  let simulator: Simulator;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = manualClock();
    simulator = await startSimulator({ clock, scenario: ({ userText }) => reply(userText.slice(0, 20)) });
  });
  afterEach(() => simulator.close());

  /** [read, written, the rest], for the body as it is or as JSON. */
  async function counts(body: Fields | string): Promise<readonly number[]> {
    const answer = await send(simulator.url, body);
    const parsed: unknown = JSON.parse(answer.body);
    const usage = isFields(parsed) && isFields(parsed.usage) ? parsed.usage : {};
    assert.equal(answer.status, 200, answer.body);
    return [usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.input_tokens].map(Number);
  }

  it("writes at first, reads the same amount after that", async () => {
    const [, written = 0] = await counts(request());
    assert.ok(written > 4000);
    assert.deepEqual(await counts(request()), [written, 0, 0]);
  });

  it("reads nothing when the tools change places, are reworded, or the model is another", async () => {
    const [, written] = await counts(request());
    const changes: readonly Fields[] = [
      { tools: [tool("beta"), tool("alpha")] },
      { tools: [tool("alpha"), { ...tool("beta"), description: filler("better") }] },
      { model: "claude-opus-5-5" },
    ];
    for (const change of changes) assert.equal((await counts(request(change)))[0], 0);
    assert.deepEqual(await counts(request()), [written, 0, 0]);
  });

  it("keeps tools and system, and loses the messages, when effort, thinking, tool choice or an image changes", async () => {
    const body = request({ tools: [{ ...tool("alpha"), ...marked }, tool("beta")] });
    await counts(body);
    const image = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    const changes: readonly Fields[] = [
      { output_config: { effort: "low" } },
      { thinking: { type: "adaptive" } },
      { tool_choice: { type: "auto", disable_parallel_tool_use: true } },
      { messages: [{ role: "user", content: [text(filler("question"), marked), image] }] },
    ];
    const reads: unknown[] = [];
    for (const change of changes) reads.push((await counts({ ...body, ...change }))[0]);
    assert.equal(new Set(reads).size, 1);
    const whole = (await counts(body))[0] ?? 0;
    assert.ok(Number(reads[0]) > 3000 && Number(reads[0]) < whole);
    assert.equal(
      (await counts({ ...body, output_config: { effort: "high" } }))[0],
      whole,
      "the default effort is no change",
    );
  });

  it("loses the system text, and keeps the tools, when the system text or the speed changes", async () => {
    const body = request({ tools: [tool("alpha"), { ...tool("beta"), ...marked }] });
    await counts(body);
    const reworded = (await counts({ ...body, system: [text(filler("another"), marked)] }))[0] ?? 0;
    const fast = (await counts({ ...body, speed: "fast" }))[0] ?? 0;
    assert.ok(reworded > 1900);
    assert.equal(fast, reworded);
  });

  it("looks at the bytes as sent: another key order, another number, another escape is another prefix", async () => {
    const source = (input: string) =>
      JSON.stringify(
        request({
          messages: [
            { role: "user", content: filler("q") },
            { role: "assistant", content: [{ type: "tool_use", id: "a", name: "alpha", input: "INPUT" }] },
            { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "ok", ...marked }] },
          ],
        }),
      ).replace('"INPUT"', input);
    const [, first = 0] = await counts(source('{"b":1,"a":"é"}'));
    assert.deepEqual(await counts(source('{"b":1,"a":"é"}')), [first, 0, 0]);
    for (const other of ['{"a":"é","b":1}', '{"b":1.0,"a":"é"}', '{"b":1,"a":"\\u00e9"}', '{"b": 1,"a":"é"}']) {
      const [read = 0, write = 0] = await counts(source(other));
      assert.ok(read < first && write > 0, other);
    }
  });

  it("reads the same wherever the markers move, as long as one stands on or after what was written", async () => {
    const blocks = (marks: readonly number[]) =>
      request({
        system: [text(filler("system"))],
        messages: [
          { role: "user", content: [0, 1, 2].map((n) => text(filler(`part ${n}`), marks.includes(n) ? marked : {})) },
        ],
      });
    await counts(blocks([1]));
    const [atTheSame] = await counts(blocks([1]));
    const [after] = await counts(blocks([2]));
    const [both] = await counts(blocks([0, 1, 2]));
    assert.ok(atTheSame !== undefined && atTheSame > 0);
    assert.equal(after, atTheSame);
    // The request before wrote up to block 2.
    assert.ok(both !== undefined && both > atTheSame);
  });

  it("finds an entry 19 blocks back, and misses it 20 back; a run of results counts as one", async () => {
    const content = (extra: number) => [
      text(filler("start"), extra === 0 ? marked : {}),
      ...Array.from({ length: extra }, (_, n) => text(`more ${n}`, n === extra - 1 ? marked : {})),
    ];
    const body = (extra: number) => request({ system: [], messages: [{ role: "user", content: content(extra) }] });
    const [, written] = await counts(body(0));
    assert.equal((await counts(body(20)))[0], 0, "21 positions");
    assert.equal((await counts(body(19)))[0], written, "20 positions");
    const turn = (calls: number) => {
      const ids = Array.from({ length: calls }, (_, n) => `id${n}`);
      return request({
        system: [],
        messages: [
          { role: "user", content: [text(filler("run of calls"), calls === 0 ? marked : {})] },
          { role: "assistant", content: ids.map((id) => ({ type: "tool_use", id, name: "alpha", input: {} })) },
          {
            role: "user",
            content: ids.map((id, n) => ({
              type: "tool_result",
              tool_use_id: id,
              content: "r",
              ...(n === calls - 1 ? marked : {}),
            })),
          },
        ].slice(0, calls === 0 ? 1 : 3),
      });
    };
    const [, first] = await counts(turn(0));
    assert.equal((await counts(turn(40)))[0], first);
  });

  it("keeps an entry for 299 s and not for 301 s, an hour's entry for an hour; each read refreshes", async () => {
    const [, written] = await counts(request());
    for (const seconds of [299, 299, 299]) {
      clock.advance(seconds * 1000);
      assert.equal((await counts(request()))[0], written);
    }
    clock.advance(301_000);
    assert.equal((await counts(request()))[0], 0);
    const long = request({
      system: [text(filler("long"), hour)],
      messages: [{ role: "user", content: [text(filler("q"), hour)] }],
    });
    const [, longWritten] = await counts(long);
    clock.advance(3599_000);
    assert.equal((await counts(long))[0], longWritten);
    clock.advance(3601_000);
    assert.equal((await counts(long))[0], 0);
  });

  it("splits what is written by lifetime", async () => {
    const body = request({ tools: [], system: [text(filler("s"), hour)] });
    await send(simulator.url, body);
    const usage = simulator.requests[0]?.usage;
    const tokens = simulator.requests[0]?.segments.map((segment) => segment.tokens);
    assert.deepEqual(
      [usage?.cache_creation, usage?.input_tokens],
      [{ ephemeral_1h_input_tokens: tokens?.[0], ephemeral_5m_input_tokens: tokens?.[1] }, 0],
    );
  });

  it("makes parallel requests pay for the same write, as nothing can be read before an answer begins", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    simulator.use(async () => {
      await gate;
      return reply("ok");
    });
    const both = [counts(request()), counts(request())];
    while (simulator.messages().length < 2) await new Promise((resolve) => setImmediate(resolve));
    release();
    const [a, b] = await Promise.all(both);
    assert.deepEqual([a?.[0], b?.[0]], [0, 0]);
    assert.equal(a?.[1], b?.[1]);
    assert.equal((await counts(request()))[0], a?.[1]);
  });

  it("does not cache what is shorter than the model's minimum", async () => {
    const short = request({ tools: [], system: [text("s", marked)], messages: [{ role: "user", content: "q" }] });
    const [read, written, input = 0] = await counts(short);
    assert.deepEqual([read, written], [0, 0]);
    assert.ok(input > 0);
  });

  it("is apart for each organization", async () => {
    await simulator.close();
    simulator = await startSimulator({ scenario: () => reply("ok"), accounts: { b: "org_b" } });
    const [, written] = await counts(request());
    const other = { ...goodHeaders, authorization: "Bearer b" };
    await send(simulator.url, request(), { headers: other });
    await send(simulator.url, request(), { headers: { ...goodHeaders, authorization: "Bearer c" } });
    assert.deepEqual(
      simulator.messages().map((one) => one.usage?.cache_read_input_tokens),
      [0, 0, written],
    );
  });

  it("pre-warms with max_tokens 0, and takes the automatic marker for the last block", async () => {
    const plain = request({ system: "s", messages: [{ role: "user", content: filler("q") }], ...marked });
    const [, written] = await counts({ ...plain, max_tokens: 0 });
    assert.deepEqual(await counts(plain), [written, 0, 0]);
  });

  it("refuses without writing", async () => {
    await simulator.close();
    simulator = await startSimulator({ scenario: () => reply("ok"), faults: [{ fault: { kind: "overloaded" } }] });
    assert.equal((await send(simulator.url, request())).status, 529);
    assert.equal((await counts(request()))[0], 0);
  });

  it("says where the prompt differs when asked for diagnostics", async () => {
    const reason = async (extra: Fields, previous: unknown) => {
      const body = request({ ...extra, diagnostics: { previous_message_id: previous } });
      const parsed: unknown = JSON.parse((await send(simulator.url, body)).body);
      const diagnostics =
        isFields(parsed) && isFields(parsed.diagnostics) ? parsed.diagnostics.cache_miss_reason : "none";
      return { id: isFields(parsed) ? parsed.id : "", type: isFields(diagnostics) ? diagnostics.type : diagnostics };
    };
    const first = await reason({}, null);
    const types = [first.type];
    const changes: readonly Fields[] = [
      {},
      { model: "claude-opus-5-5" },
      { tools: [tool("alpha")] },
      { system: "other" },
      { messages: [{ role: "user", content: "other" }] },
    ];
    for (const change of changes) types.push((await reason(change, first.id)).type);
    types.push((await reason({}, "msg_x")).type);
    assert.deepEqual(types, [
      ...[null, null, "model_changed", "tools_changed", "system_changed", "messages_changed"],
      "previous_message_not_found",
    ]);
  });

  it("read(n+1) = read(n) + write(n), and every body begins with the one before, for any conversation that only grows", async () => {
    const step = fc.record({
      calls: fc.integer({ min: 0, max: 4 }),
      words: fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }).filter((value) => value.trim() !== ""),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        await grow(simulator, steps);
      }),
      { numRuns: 15 },
    );
  });
});

/** Plays a conversation of these steps with moving markers and holds each request to the one before. */
async function grow(
  simulator: Simulator,
  steps: readonly { readonly calls: number; readonly words: string }[],
): Promise<void> {
  simulator.use((request) => {
    const { calls = 0, words = "x" } = steps[request.steps] ?? {};
    return reply(words, ...Array.from({ length: calls }, (_, n) => call("alpha", { n, words })));
  });
  const first = simulator.messages().length;
  let messages: Fields[] = [{ role: "user", content: [text(`${filler("go")} ${first} ${steps.length}`)] }];
  for (const _ of steps) {
    const answer = await send(simulator.url, request({ messages: markLast(messages) }));
    const parsed: unknown = JSON.parse(answer.body);
    const content = isFields(parsed) ? listOf(parsed.content).filter(isFields) : [];
    const uses = content.filter((block) => block.type === "tool_use");
    const next = uses.map((block) => ({ type: "tool_result", tool_use_id: block.id, content: filler("result", 240) }));
    messages = [
      ...messages,
      { role: "assistant", content },
      { role: "user", content: next.length === 0 ? [text("go on")] : next },
    ];
  }
  const made = simulator.messages().slice(first);
  assert.equal(made.length, steps.length);
  for (const [index, one] of made.entries()) {
    const before = made[index - 1];
    if (before === undefined) continue;
    const expected = (before.usage?.cache_read_input_tokens ?? 0) + (before.usage?.cache_creation_input_tokens ?? 0);
    assert.deepEqual(
      [
        one.usage?.cache_read_input_tokens,
        one.usage?.input_tokens,
        one.prefix?.previous,
        one.prefix?.blocksIntact,
        one.prefix?.bytesIntact,
      ],
      [expected, 0, before.index, true, true],
    );
  }
}

function markLast(messages: readonly Fields[]): readonly Fields[] {
  return messages.map((message, index) => {
    if (index !== messages.length - 1) return message;
    const content = listOf(message.content).filter(isFields);
    return {
      ...message,
      content: content.map((block, n) => (n === content.length - 1 ? { ...block, ...marked } : block)),
    };
  });
}
