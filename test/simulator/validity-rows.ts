/** Each rule of the wire as one broken request with the exact answer to it, and requests that are fine. */
import { assistant, body, hour, marked, old, png, result, said, say, tool, use, user, without } from "./blocks";
import { goodHeaders } from "./client";
import type { SkinName } from "./skins";
import type { Fields } from "./types";

export type Row = {
  readonly rule: string;
  readonly body: Fields | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly skin?: SkinName;
  /** `status type: message`; without a status: 400 invalid_request_error. */
  readonly answer: string;
};

const missing = (message: number, ids: string) =>
  `messages.${message}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
const orphan = (at: string, id: string) =>
  `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
const placed = (message: number) =>
  `messages.${message}: role 'system' must follow a user message and be last or come before an assistant message`;
const noPrefill =
  "This model does not support assistant message prefill. The conversation must end with a user message.";
const deep = `{"model":"claude-sonnet-5-5","max_tokens":100,"messages":${"[".repeat(20)}${"]".repeat(20)}}`;

export const rows: readonly Row[] = [
  {
    rule: "a call without a result",
    body: said(user("a"), assistant([use("A"), use("B")]), user([result("B")])),
    answer: missing(1, "A"),
  },
  {
    rule: "two calls without results",
    body: said(user("a"), assistant([use("A"), use("B")]), user("no")),
    answer: missing(1, "A, B"),
  },
  {
    rule: "text before the result",
    body: said(user("a"), assistant([use("A")]), user([say("x"), result("A")])),
    answer: missing(1, "A"),
  },
  { rule: "a call at the end", body: said(user("a"), assistant([use("A")])), answer: missing(1, "A") },
  {
    rule: "a system message between call and result",
    body: said(user("a"), assistant([use("A")]), { role: "system", content: "s" }, user([result("A")])),
    answer: missing(1, "A"),
  },
  { rule: "a result without a call", body: said(user([result("X")])), answer: orphan("messages.0.content.0", "X") },
  {
    rule: "a result for an older call",
    body: said(user("a"), assistant([use("A")]), user([result("A")]), assistant("b"), user([result("A")])),
    answer: orphan("messages.4.content.0", "A"),
  },
  {
    rule: "an id used twice",
    body: said(user("a"), assistant([use("A")]), user([result("A")]), assistant([use("A")]), user([result("A")])),
    answer: "messages.3.content.0: `tool_use` ids must be unique",
  },
  {
    rule: "an id twice in one message",
    body: said(user("a"), assistant([use("A"), use("A")]), user([result("A")])),
    answer: "messages.1.content.1: `tool_use` ids must be unique",
  },
  {
    rule: "two results for one call",
    body: said(user("a"), assistant([use("A")]), user([result("A"), result("A")])),
    answer:
      "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: A",
  },
  {
    rule: "an empty text block",
    body: said(user([say("")])),
    answer: "messages: text content blocks must be non-empty",
  },
  {
    rule: "an empty text inside a result",
    body: said(user("a"), assistant([use("A")]), user([result("A", { content: [say("")] })])),
    answer: "messages: text content blocks must be non-empty",
  },
  { rule: "an empty string", body: said(user("")), answer: "messages: text content blocks must be non-empty" },
  {
    rule: "a marker on an empty text",
    body: said(user([say("a"), say("", marked)])),
    answer: "messages.0.content.1.text: cache_control cannot be set for empty text blocks",
  },
  {
    rule: "five markers",
    body: body({ system: [say("s", marked)], messages: [user([1, 2, 3, 4].map((n) => say(`${n}`, marked)))] }),
    answer: "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  },
  {
    rule: "a marker inside a result counts",
    body: said(
      user("a"),
      assistant([use("A")]),
      user([result("A", { content: [say("x", marked)] }), ...[1, 2, 3, 4].map((n) => say(`${n}`, marked))]),
    ),
    answer: "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  },
  {
    rule: "four markers and the automatic one",
    body: {
      ...body({ ...marked, system: [say("s", marked)], tools: [tool("t", marked)] }),
      messages: [user([say("a", marked), say("b", marked), say("c")])],
    },
    answer: "A maximum of 4 blocks with cache_control may be provided. Found 5.",
  },
  {
    rule: "the automatic marker of another lifetime",
    body: { ...body(hour), messages: [user([say("a", marked)])] },
    answer: "cache_control: the last block already has a cache_control with a different ttl",
  },
  {
    rule: "a short lifetime before a long one",
    body: body({ system: [say("s", marked)], messages: [user([say("a", hour)])] }),
    answer:
      "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
  },
  {
    rule: "a marker on thinking",
    body: said(
      user("a"),
      assistant([{ type: "thinking", thinking: "t", signature: "s", ...marked }, say("b")]),
      user("c"),
    ),
    answer: "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
  },
  {
    rule: "an unknown marker",
    body: body({ system: [say("s", { cache_control: { type: "forever" } })] }),
    answer: "system.0.text.cache_control.type: Input should be 'ephemeral'",
  },
  {
    rule: "an input that is a string",
    body: said(user("a"), assistant([use("A", { input: "{}" })]), user([result("A")])),
    answer: "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
  },
  {
    rule: "an input that is a list",
    body: said(user("a"), assistant([use("A", { input: [] })]), user([result("A")])),
    answer: "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
  },
  {
    rule: "an id with a dot",
    body: said(user("a"), assistant([use("A.1")]), user([result("A.1")])),
    answer: "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
  },
  {
    rule: "a tool name with a dot",
    body: body({ tools: [tool("a.b")] }),
    answer: "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  },
  {
    rule: "two tools of one name",
    body: body({ tools: [tool("a"), tool("a")] }),
    answer: "tools: Tool names must be unique.",
  },
  {
    rule: "a tool without a schema",
    body: body({ tools: [{ name: "a" }] }),
    answer: "tools.0.custom.input_schema: Field required",
  },
  {
    rule: "a schema that is no object",
    body: body({ tools: [tool("a", { input_schema: { type: "array" } })] }),
    answer: "tools.0.custom.input_schema.type: Input should be 'object'",
  },
  {
    rule: "a property with a space",
    body: body({ tools: [tool("a", { input_schema: { type: "object", properties: { "a b": {} } } })] }),
    answer: "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
  },
  {
    rule: "only deferred tools",
    body: body({ tools: [tool("a", { defer_loading: true })] }),
    answer: "All tools have defer_loading set. At least one tool must be non-deferred.",
  },
  {
    rule: "thinking without a signature",
    body: said(user("a"), assistant([{ type: "thinking", thinking: "t" }, say("b")]), user("c")),
    answer: "messages.1.content.0.thinking.signature: Field required",
  },
  {
    rule: "a made-up signature",
    body: said(user("a"), assistant([{ type: "thinking", thinking: "t", signature: "c2ln" }, say("b")]), user("c")),
    answer: "messages.1.content.0: Invalid `signature` in `thinking` block",
  },
  { rule: "prefill", body: said(user("a"), assistant("b")), answer: noPrefill },
  {
    rule: "prefill with white space on an old model",
    body: old({ messages: [user("a"), assistant("b ")] }),
    answer: "messages: final assistant content cannot end with trailing whitespace",
  },
  {
    rule: "a forced tool",
    body: body({ tools: [tool("a")], tool_choice: { type: "any" } }),
    answer: 'tool_choice: type "tool" and "any" are not supported for this model.',
  },
  {
    rule: "a forced tool that is not there",
    body: old({ tool_choice: { type: "tool", name: "z" } }),
    answer: "Tool 'z' not found in provided tools",
  },
  {
    rule: "enabled thinking on a new model",
    body: body({ max_tokens: 5000, thinking: { type: "enabled", budget_tokens: 2000 } }),
    answer:
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  },
  {
    rule: "disabled thinking where it is always on",
    body: body({ thinking: { type: "disabled" } }),
    answer: '"thinking.type.disabled" is not supported for this model.',
  },
  {
    rule: "adaptive thinking on an old model",
    body: old({ thinking: { type: "adaptive" } }),
    answer: "adaptive thinking is not supported on this model",
  },
  {
    rule: "a budget that does not fit",
    body: old({ thinking: { type: "enabled", budget_tokens: 2000 } }),
    answer: "`max_tokens` must be greater than `thinking.budget_tokens`.",
  },
  {
    rule: "role system on Sonnet 5",
    body: { ...said(user("a"), { role: "system", content: "s" }), model: "claude-sonnet-5" },
    answer: "role 'system' is not supported on this model",
  },
  { rule: "role system first", body: said({ role: "system", content: "s" }, user("a")), answer: placed(0) },
  {
    rule: "role system before a user message",
    body: said(user("a"), assistant("b"), { role: "system", content: "s" }, user("c")),
    answer: placed(2),
  },
  {
    rule: "an image in a system message",
    body: said(user("a"), { role: "system", content: [png(1, 1)] }),
    answer:
      "messages.1.content.0: Input tag 'image' found using 'type' does not match any of the expected tags: 'text'",
  },
  { rule: "an unknown field", body: body({ reasoning: true }), answer: "reasoning: Extra inputs are not permitted" },
  {
    rule: "an unknown field of a block",
    body: said(user([say("a", { id: 1 })])),
    answer: "messages.0.content.0.text.id: Extra inputs are not permitted",
  },
  {
    rule: "an unknown field of a message",
    body: said({ ...user("a"), id: "m" }),
    answer: "messages.0.id: Extra inputs are not permitted",
  },
  {
    rule: "an unknown beta",
    body: body(),
    headers: { ...goodHeaders, "anthropic-beta": "context-management-2025-06-27, x" },
    answer: "Unexpected value(s) `x` for the `anthropic-beta` header.",
  },
  {
    rule: "a sampling parameter",
    body: body({ temperature: 0 }),
    answer: "temperature: This parameter is no longer supported.",
  },
  {
    rule: "a prompt that is too long",
    body: old({ messages: [user("x".repeat(900_000))] }),
    answer: "prompt is too long: 225011 tokens > 200000 maximum",
  },
  {
    rule: "input and output that are too long together, as before",
    body: old({ max_tokens: 60_000, messages: [user("x".repeat(600_000))] }),
    skin: "old-api",
    headers: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
    answer:
      "input length and `max_tokens` exceed context limit: 150011 + 60000 > 200000, decrease input length or `max_tokens` and try again",
  },
  {
    rule: "more than 32 MB",
    body: `"${"x".repeat(32 * 1024 * 1024)}"`,
    answer:
      "413 request_too_large: Request exceeds the maximum allowed number of bytes. The maximum request size is 32 MB.",
  },
  {
    rule: "too many images for the model",
    body: old({ messages: [user(Array.from({ length: 101 }, () => png(1, 1)))] }),
    answer: "messages: too many images: 101 > 100 maximum",
  },
  {
    rule: "large images among many",
    body: said(user([...Array.from({ length: 20 }, () => png(1, 1)), png(2001, 1)])),
    answer:
      "messages.0.content.20.image.source.base64.data: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels",
  },
  {
    rule: "a huge image",
    body: said(user([png(1, 8001)])),
    answer:
      "messages.0.content.0.image.source.base64.data: At least one of the image dimensions exceed max allowed size: 8000 pixels",
  },
  {
    rule: "the assistant first",
    body: said(assistant("a"), user("b")),
    answer: 'messages: first message must use the "user" role',
  },
  {
    rule: "the user twice",
    body: said(user("a"), user("b")),
    answer: 'messages: roles must alternate between "user" and "assistant"',
  },
  { rule: "no messages", body: said(), answer: "messages: at least one message is required" },
  {
    rule: "no content",
    body: said(user([])),
    answer: "messages.0: all messages must have non-empty content except for the optional final assistant message",
  },
  {
    rule: "an unknown role",
    body: said({ role: "tool", content: "a" }),
    answer: 'messages: Unexpected role "tool". Allowed roles are "user", "assistant" or "system".',
  },
  {
    rule: "no max_tokens",
    body: { model: "claude-sonnet-5-5", messages: [user("a")] },
    answer: "max_tokens: Field required",
  },
  {
    rule: "too large a max_tokens",
    body: body({ max_tokens: 128_001 }),
    answer: "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-sonnet-5-5",
  },
  {
    rule: "pre-warming with a stream",
    body: body({ max_tokens: 0, stream: true }),
    answer: "max_tokens: 0 is not supported with stream: true",
  },
  { rule: "an unknown model", body: body({ model: "claude-9" }), answer: "404 not_found_error: model: claude-9" },
  {
    rule: "an unknown effort",
    body: body({ output_config: { effort: "huge" } }),
    answer: "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
  },
  {
    rule: "no key",
    body: body(),
    headers: without("authorization"),
    answer: "401 authentication_error: invalid x-api-key",
  },
  {
    rule: "a bad key",
    body: body(),
    headers: { ...goodHeaders, authorization: "Bearer bad" },
    answer: "401 authentication_error: Invalid bearer token",
  },
  {
    rule: "two keys",
    body: body(),
    headers: { ...goodHeaders, "x-api-key": "key" },
    answer: "401 authentication_error: Send either `authorization` or `x-api-key`, not both",
  },
  {
    rule: "no version",
    body: body(),
    headers: without("anthropic-version"),
    answer: "anthropic-version: header is required",
  },
  {
    rule: "an unknown version",
    body: body(),
    headers: { ...goodHeaders, "anthropic-version": "2020-01-01" },
    answer: 'anthropic-version: "2020-01-01" is not a valid version',
  },
  { rule: "a body that is a list", body: "[]", answer: "Input should be a valid dictionary" },
  { rule: "messages that are lists", body: deep, answer: "messages.0: Input should be a valid dictionary" },
];
