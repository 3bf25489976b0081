/** Thinking blocks stay bound to what was before them, and only to that. */
import assert from "node:assert/strict";
import { errorLine, goodHeaders, type RawAnswer, send } from "./client";
import { call, reply, thinking } from "./reply";
import { type Simulator, startSimulator } from "./server";
import { type Fields, isFields, listOf } from "./types";

const bound = (path: string) =>
  `400 invalid_request_error: ${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".`;
const tampered = (path: string) => `400 invalid_request_error: ${path}: Invalid \`signature\` in \`thinking\` block`;
const untouchable =
  "400 invalid_request_error: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.";

const tools = [
  { name: "alpha", input_schema: { type: "object" } },
  { name: "beta", description: "second", input_schema: { type: "object", properties: { a: {}, b: {} } } },
];

describe("simulator: thinking signatures", () => {
  let simulator: Simulator;
  /** Four messages of which the first three steps' answers carry thinking. */
  let messages: readonly Fields[];

  before(async () => {
    simulator = await startSimulator({
      scenario: ({ steps }) =>
        reply(thinking(`thought ${steps}`), `said ${steps}`, call("alpha", { a: "x", b: steps })),
      accounts: { elsewhere: "org_other" },
    });
    messages = [{ role: "user", content: "start" }];
    for (let step = 0; step < 3; step++) messages = [...messages, ...(await play(messages))];
  });
  after(() => simulator.close());

  const body = (extra: Fields = {}): Fields => ({
    model: "claude-sonnet-5-5",
    max_tokens: 100,
    thinking: { type: "adaptive", display: "summarized" },
    system: "You are terse.",
    tools,
    messages,
    ...extra,
  });

  async function play(before: readonly Fields[]): Promise<readonly Fields[]> {
    const content = contentOf(await send(simulator.url, body({ messages: before })));
    const id = content.find((block) => block.type === "tool_use")?.id;
    return [
      { role: "assistant", content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "result text" }] },
    ];
  }

  async function line(extra: Fields, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const answer = await send(simulator.url, body(extra), { headers: { ...goodHeaders, ...headers } });
    return answer.status === 200 ? "200" : errorLine(answer);
  }

  /** The messages with one of them changed. */
  const changed = (index: number, change: (content: Fields[], message: Fields) => Fields | readonly Fields[]) =>
    messages.map((message, at) => {
      if (at !== index) return message;
      const result = change(listOf(message.content).filter(isFields), message);
      return Array.isArray(result) ? { ...message, content: result } : result;
    });

  it("takes back what it sent, also with what may differ in writing", async () => {
    const may: readonly Fields[] = [
      {},
      { tools: tools.toReversed() },
      {
        tools: [
          tools[0],
          { input_schema: { properties: { b: {}, a: {} }, type: "object" }, description: "second", name: "beta" },
        ],
      },
      { system: [{ type: "text", text: " You are terse.\n", cache_control: { type: "ephemeral" } }] },
      {
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "start " },
              { type: "text", text: "\n" },
            ],
          },
          ...messages.slice(1),
        ],
      },
      { tools: [...tools, { name: "later", defer_loading: true, input_schema: { type: "object" } }] },
      {
        messages: changed(1, (content) =>
          content.map((block) => (block.type === "tool_use" ? { ...block, input: { b: 0, a: "x" } } : block)),
        ),
      },
      { max_tokens: 50, output_config: { effort: "low" } },
      { messages: messages.slice(0, 3) },
    ];
    for (const extra of may) assert.equal(await line(extra), "200", JSON.stringify(extra).slice(0, 200));
  });

  it("refuses a block whose prefix has changed, and names what changed", async () => {
    const at = "messages.1.content.0";
    const later = "messages.3.content.0";
    const cases: readonly (readonly [string, string, Fields])[] = [
      [at, "system", { system: "You are  terse." }],
      [at, "tools", { tools: [tools[0]] }],
      [at, "messages", { messages: [{ role: "user", content: "other" }, ...messages.slice(1)] }],
      [
        later,
        "messages",
        { messages: changed(2, (content) => content.map((block) => ({ ...block, content: "result  text" }))) },
      ],
      [
        later,
        "messages",
        {
          messages: changed(1, (content) =>
            content.map((b) => (b.type === "tool_use" ? { ...b, input: { a: "x", b: 9 } } : b)),
          ),
        },
      ],
      [later, "messages", { messages: changed(1, (content) => content.filter((block) => block.type !== "text")) }],
    ];
    for (const [path, pattern, extra] of cases) {
      const answer = await send(simulator.url, body(extra));
      assert.deepEqual(
        [errorLine(answer), answer.headers["anthropic-thinking-prefix-mismatch"]],
        [bound(path), pattern],
      );
    }
  });

  it("allows thinking to be dropped from the front or the back, not from the middle", async () => {
    const dropped = (indexes: readonly number[]) => ({
      messages: messages.map((message, at) =>
        indexes.includes(at)
          ? { ...message, content: listOf(message.content).filter((b) => isFields(b) && b.type !== "thinking") }
          : message,
      ),
    });
    assert.equal(await line(dropped([1])), "200");
    assert.equal(await line(dropped([1, 3])), "200");
    assert.equal(await line(dropped([5])), "200");
    assert.equal(await line(dropped([3])), bound("messages.5.content.0"));
  });

  it("tells a tampered signature from a changed text, and the latest message from older ones", async () => {
    const sign = (index: number) =>
      changed(index, ([block = {}, ...rest]) => [
        { ...block, signature: `${String(block.signature).slice(0, -8)}AAAAAA==` },
        ...rest,
      ]);
    const text = (index: number) =>
      changed(index, ([block = {}, ...rest]) => [{ ...block, thinking: "other" }, ...rest]);
    assert.equal(await line({ messages: sign(1) }), tampered("messages.1.content.0"));
    assert.equal(await line({ messages: sign(5) }), tampered("messages.5.content.0"));
    assert.equal(await line({ messages: text(1) }), tampered("messages.1.content.0"));
    assert.equal(await line({ messages: text(5) }), untouchable);
  });

  it("drops silently what another family thought, and binds to nothing on older models", async () => {
    assert.equal(await line({ model: "claude-opus-5-5", system: "Other." }), "200");
    assert.equal(await line({ model: "claude-sonnet-4-6", system: "Other." }), "200");
  });

  it("binds to the account where the model does", async () => {
    assert.equal(await line({}, { authorization: "Bearer elsewhere" }), bound("messages.1.content.0"));
  });

  it("drops mismatched blocks instead when asked with the beta, and says so", async () => {
    const thinkingOptions = { type: "adaptive", block_binding: { prefix_mismatch_behavior: "drop_block" } };
    const extra = { system: "Other.", thinking: thinkingOptions };
    assert.equal(
      await line(extra),
      "400 invalid_request_error: thinking.block_binding: Extra inputs are not permitted",
    );
    const headers = { ...goodHeaders, "anthropic-beta": "thinking-binding-controls-2026-08-01" };
    const parsed: unknown = JSON.parse((await send(simulator.url, body(extra), { headers })).body);
    assert.deepEqual(
      isFields(parsed) ? parsed.input_transformations : undefined,
      [1, 3, 5].map((at) => ({ type: "thinking_dropped", path: `messages.${at}.content.0` })),
    );
  });

  it("checks them for count_tokens too", async () => {
    const { max_tokens: _, ...rest } = body({ system: "Other." });
    const answer = await send(simulator.url, rest, { path: "/v1/messages/count_tokens" });
    assert.equal(errorLine(answer), bound("messages.1.content.0"));
  });

  it("shows thinking as the request asks: summarized, omitted by default, none when it is off", async () => {
    const shown = async (model: string, value: unknown) => {
      const extra = { model, messages: messages.slice(0, 1), ...(value === undefined ? {} : { thinking: value }) };
      const { thinking: _, ...rest } = body();
      const [block] = contentOf(await send(simulator.url, { ...rest, ...extra }));
      return block?.type === "thinking" ? block.thinking : "none";
    };
    assert.deepEqual(
      [
        await shown("claude-sonnet-5-5", { type: "adaptive", display: "summarized" }),
        await shown("claude-sonnet-5-5", { type: "adaptive" }),
        await shown("claude-sonnet-5-5", undefined),
        await shown("claude-opus-5", undefined),
        await shown("claude-opus-5", { type: "disabled" }),
      ],
      ["thought 0", "", "", "none", "none"],
    );
  });
});

function contentOf(answer: RawAnswer): readonly Fields[] {
  assert.equal(answer.status, 200, answer.body);
  const parsed: unknown = JSON.parse(answer.body);
  return isFields(parsed) ? listOf(parsed.content).filter(isFields) : [];
}
