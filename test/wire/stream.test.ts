import assert from "node:assert/strict";
import fc from "fast-check";
import type { StepBlock } from "../../src/chunks/explode";
import { applyLive } from "../../src/chunks/live";
import type { Live } from "../../src/chunks/protocol";
import { endOfStream, type RawEvent, readEvent, type StreamResult, startOfStream } from "../../src/wire/stream";

function read(events: readonly RawEvent[]): StreamResult & { readonly live: Live["blocks"] } {
  let state = startOfStream;
  let live = applyLive(undefined, { kind: "begin", turnId: "t", step: 1, startedAt: 0 });
  for (const event of events) {
    const next = readEvent(state, event);
    state = next.state;
    if (next.live !== undefined) live = applyLive(live, next.live);
  }
  return { ...endOfStream(state), live: live?.blocks ?? [] };
}

const start: RawEvent = {
  type: "message_start",
  message: {
    id: "msg_1",
    usage: { input_tokens: 3, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 1 },
  },
};
const stop: RawEvent = { type: "message_stop" };

function end(reason: unknown, usage: object = { output_tokens: 42 }): readonly RawEvent[] {
  return [{ type: "message_delta", delta: { stop_reason: reason }, usage }, stop];
}

function block(index: number, content: object, ...deltas: readonly object[]): readonly RawEvent[] {
  return [
    { type: "content_block_start", index, content_block: content },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

const text = (value: string) => ({ type: "text_delta", text: value });
const json = (value: string) => ({ type: "input_json_delta", partial_json: value });
const tool = (id: string) => ({ type: "tool_use", id, name: "read_file", input: {} });
const usage = { fresh: 3, read: 100, written: 20, output: 42 };

describe("the stream of a response", () => {
  it("becomes blocks, a stop reason and token counts", () => {
    const whole = read([
      start,
      ...block(
        0,
        { type: "thinking", thinking: "" },
        { type: "thinking_delta", thinking: "h" },
        { type: "thinking_delta", thinking: "m" },
        { type: "signature_delta", signature: "old" },
        { type: "signature_delta", signature: "sig" },
      ),
      { type: "ping" },
      ...block(1, { type: "redacted_thinking", data: "opaque" }),
      ...block(2, { type: "text", text: "" }, text("Hel"), text("lo")),
      ...block(3, tool("c1"), json(""), json(`{ "n`), json(`": 1.0}`)),
      ...block(4, tool("c2")),
      ...end("tool_use", { output_tokens: 42, input_tokens: 3 }),
    ]);
    const blocks: readonly StepBlock[] = [
      { kind: "thinking", text: "hm", signature: "sig" },
      { kind: "redacted", data: "opaque" },
      { kind: "text", text: "Hello" },
      { kind: "tool", callId: "c1", name: "read_file", argumentsText: `{ "n": 1.0}`, cut: false },
      { kind: "tool", callId: "c2", name: "read_file", argumentsText: "", cut: false },
    ];
    assert.deepEqual(whole, {
      ...{ ok: true, messageId: "msg_1", stopReason: "tool_use", blocks, usage, notes: [] },
      live: [
        { kind: "thinking", text: "hm" },
        { kind: "thinking", text: "" },
        { kind: "text", text: "Hello" },
        { kind: "tool", callId: "c1", name: "read_file", argumentsText: `{ "n": 1.0}` },
        { kind: "tool", callId: "c2", name: "read_file", argumentsText: "" },
      ],
    });
  });

  it("is the same however the text is cut into deltas", () => {
    const parts = fc.array(fc.string({ unit: "binary", maxLength: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(parts, parts, (said, args) => {
        const fragments = read([
          start,
          ...block(0, { type: "text", text: "" }, ...said.map(text)),
          ...block(1, tool("c1"), ...args.map(json)),
          ...end("tool_use"),
        ]);
        const whole = read([
          start,
          ...block(0, { type: "text", text: "" }, text(said.join(""))),
          ...block(1, tool("c1"), json(args.join(""))),
          ...end("tool_use"),
        ]);
        assert.deepEqual(fragments, whole);
      }),
    );
  });

  it("may bring text and arguments in the start of a block", () => {
    const result = read([
      start,
      ...block(0, { type: "text", text: "Hi" }),
      ...block(1, { ...tool("c1"), input: { a: 1 } }),
      ...end("tool_use"),
    ]);
    assert.deepEqual(result.blocks, [
      { kind: "text", text: "Hi" },
      { kind: "tool", callId: "c1", name: "read_file", argumentsText: `{"a":1}`, cut: false },
    ]);
  });

  it("tolerates events, deltas and blocks that are new, and says what it left out", () => {
    const result = read([
      start,
      { type: "novelty", index: 7 },
      ...block(0, { type: "server_tool_use", id: "s" }, json("{}")),
      ...block(1, { type: "text", text: "" }, { type: "citations_delta", citation: {} }, text("Hi")),
      ...end("some_new_reason"),
    ]);
    assert.deepEqual(result, {
      ...{ ok: true, messageId: "msg_1", stopReason: "some_new_reason", usage, blocks: [{ kind: "text", text: "Hi" }] },
      notes: [`A block of the unknown type "server_tool_use" was left out.`],
      live: [{ kind: "text", text: "Hi" }],
    });
  });

  it("marks the calls that must never run", () => {
    const cutsOf = (reason: string) => {
      const result = read([
        start,
        ...block(0, tool("c1"), json("{}")),
        ...block(1, tool("c2"), json(`{"a":"b"}`)),
        ...end(reason),
      ]);
      return result.blocks.map((one) => one.kind === "tool" && one.cut);
    };
    assert.deepEqual(
      ["tool_use", "end_turn", "max_tokens", "model_context_window_exceeded", "refusal", "pause_turn"].map(cutsOf),
      [
        [false, false],
        [false, false],
        [false, true],
        [false, true],
        [true, true],
        [false, false],
      ],
    );
    const spoken = read([
      start,
      ...block(0, tool("c1"), json("{}")),
      ...block(1, { type: "text", text: "so" }),
      ...end("max_tokens"),
    ]);
    assert.deepEqual(spoken.blocks[0], {
      kind: "tool",
      callId: "c1",
      name: "read_file",
      argumentsText: "{}",
      cut: false,
    });
  });

  it("counts only when it came to its end", () => {
    const events = [
      start,
      ...block(0, { type: "text", text: "" }, text("Hi")),
      ...block(1, tool("c1"), json("{}")),
      ...end("tool_use"),
    ];
    for (let n = 0; n < events.length; n++) {
      const result = read(events.slice(0, n));
      assert.deepEqual([result.ok, !result.ok && result.failure], [false, { kind: "cut-off" }]);
    }
    assert.deepEqual(
      read(events.slice(0, 7)).blocks,
      [
        { kind: "text", text: "Hi" },
        { kind: "tool", callId: "c1", name: "read_file", argumentsText: "{}", cut: false },
      ].slice(0, 2),
    );
    assert.equal(read(events).ok, true);
  });

  it("hands on the server's own error, and keeps nothing of what comes after it", () => {
    const error: RawEvent = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const result = read([
      start,
      ...block(0, { type: "text", text: "Hi" }),
      error,
      ...block(1, { type: "text", text: "more" }),
      ...end("end_turn"),
    ]);
    assert.deepEqual(result, {
      ok: false,
      failure: { kind: "api", type: "overloaded_error", message: "Overloaded" },
      blocks: [{ kind: "text", text: "Hi" }],
      usage: { ...usage, output: 1 },
      live: [{ kind: "text", text: "Hi" }],
    });
    assert.deepEqual(read([{ type: "error" }]), {
      ok: false,
      failure: { kind: "api", type: "api_error", message: "" },
      blocks: [],
      usage: { fresh: 0, read: 0, written: 0, output: 0 },
      live: [],
    });
  });

  it("says what is wrong with events that make no response", () => {
    const open: RawEvent = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } };
    const closed: RawEvent = { type: "content_block_stop", index: 0 };
    const delta = (index: unknown, content: object): RawEvent => ({
      type: "content_block_delta",
      index,
      delta: content,
    });
    const wrong: readonly (readonly [string, readonly RawEvent[]])[] = [
      ["`message_stop` came before `message_start`", [stop]],
      ["a second `message_start` came", [start, start]],
      ["a block began without an index", [start, { ...open, index: -1 }]],
      ["block 0 began twice", [start, open, open]],
      ["block 0 is a call without an id or a name", [start, ...block(0, { type: "tool_use", name: "x" })]],
      ["a delta came for block 3, which never began", [start, delta(3, text("x"))]],
      ["a delta came for block ?, which never began", [start, delta("0", text("x"))]],
      ["a delta came for block 0, which had ended", [start, open, closed, delta(0, text("x"))]],
      ["a delta of block 0 does not fit its type", [start, open, delta(0, json("{"))]],
      ["a delta of block 0 does not fit its type", [start, open, delta(0, { type: "text_delta", text: 5 })]],
      ["block 0 ended, which never began", [start, closed]],
      ["block 0 ended twice", [start, open, closed, closed]],
      ["the response ended inside block 0", [start, open, ...end("end_turn")]],
      ["the response ended without a stop reason", [start, open, closed, stop]],
      ["the response ended without a stop reason", [start, ...end(null)]],
    ];
    const said = wrong.map(([, events]) => {
      const result = read(events);
      return result.ok ? "fine" : result.failure.kind === "malformed" ? result.failure.message : result.failure.kind;
    });
    assert.deepEqual(
      said,
      wrong.map(([message]) => message),
    );
  });

  it("never throws, whatever comes", () => {
    const types = [
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "error",
      "ping",
      "x",
    ];
    const fields = fc.record(
      {
        index: fc.oneof(fc.nat(2), fc.anything()),
        content_block: fc.anything(),
        delta: fc.anything(),
        message: fc.anything(),
        usage: fc.anything(),
        error: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const content = fc.constantFrom<object>(
      { type: "text" },
      { type: "thinking" },
      tool("c"),
      { type: "redacted_thinking" },
      text("a"),
      json("{"),
    );
    const likely = fc.record({ index: fc.nat(2), content_block: content, delta: content }, { requiredKeys: ["index"] });
    const event = fc
      .tuple(fc.constantFrom(...types), fc.oneof(fields, likely))
      .map(([type, rest]): RawEvent => ({ ...rest, type }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.boolean(), (events, isStarted) => {
        const result = read(isStarted ? [start, ...events] : events);
        assert.equal(typeof result.ok, "boolean");
      }),
      { numRuns: 2000 },
    );
  });
});
