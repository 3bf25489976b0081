/**
 * What makes a request invalid, apart from its messages: headers, top-level fields, betas, tools. Each check yields
 * problems; the first one is the answer, so a check may stop looking once it has yielded.
 */
import { findModel, type Model } from "./models";
import type { Skin } from "./skins";
import { type Fields, isFields, listOf, type Problem, textOf } from "./types";

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;
export type Endpoint = "messages" | "count_tokens";

/** @param accepts whether a key is good. */
export function* checkHeaders(headers: Headers, skin: Skin, accepts: (key: string) => boolean): Generator<Problem> {
  if (skin.auth !== "any") {
    const bearer = bearerOf(headers);
    const own = textOf(headers["x-api-key"]);
    if (bearer !== "" && own !== "") {
      yield authentication("Send either `authorization` or `x-api-key`, not both");
    }
    const key = skin.auth === "x-api-key" ? own : bearer || own;
    if (key === "" || !accepts(key)) yield authentication(bearer === "" ? "invalid x-api-key" : "Invalid bearer token");
  }
  if (skin.versions === "any") return;
  const version = textOf(headers["anthropic-version"]);
  if (version === "") yield "anthropic-version: header is required";
  if (!skin.versions.includes(version)) yield `anthropic-version: "${version}" is not a valid version`;
}

export function keyOf(headers: Headers): string {
  return bearerOf(headers) || textOf(headers["x-api-key"]);
}

export function* checkTopLevel(body: Fields, endpoint: Endpoint, version: string): Generator<Problem> {
  yield* checkFields(body, endpoint);
  const id = textOf(body.model);
  const model = findModel(id);
  if (model === undefined) {
    yield { status: 404, type: "not_found_error", message: `model: ${id}` };
    return;
  }
  yield* checkLimits(body, endpoint, model);
  if (version === "2026-10-21") {
    for (const name of sampling) if (body[name] !== undefined) yield `${name}: This parameter is no longer supported.`;
  }
  yield* checkThinking(body, model);
  yield* checkToolChoice(body, model);
  yield* checkOutput(body, model);
  if (body.max_tokens === 0) yield* checkPreWarm(body);
}

export function* checkBetas(headers: Headers, body: Fields): Generator<Problem> {
  const betas = betasOf(headers);
  for (const beta of betas) {
    if (!knownBetas.includes(beta)) yield `Unexpected value(s) \`${beta}\` for the \`anthropic-beta\` header.`;
  }
  const thinking = isFields(body.thinking) ? body.thinking : {};
  if (thinking.block_binding !== undefined && !betas.includes("thinking-binding-controls-2026-08-01")) {
    yield "thinking.block_binding: Extra inputs are not permitted";
  }
}

export function* checkTools(body: Fields): Generator<Problem> {
  const tools = body.tools;
  if (tools === undefined) return;
  if (!Array.isArray(tools)) yield "tools: Input should be a valid list";
  const names = new Set<string>();
  for (const [index, tool] of listOf(tools).entries()) {
    yield* checkTool(tool, `tools.${index}`);
    const name = isFields(tool) ? textOf(tool.name) : "";
    if (names.has(name)) yield "tools: Tool names must be unique.";
    names.add(name);
  }
  const deferred = listOf(tools).filter((tool) => isFields(tool) && tool.defer_loading === true);
  if (deferred.length > 0 && deferred.length === listOf(tools).length) {
    yield "All tools have defer_loading set. At least one tool must be non-deferred.";
  }
}

/** The keys of `value` that are not in `known`, as the API complains about them. */
export function* checkKeys(value: Fields, known: readonly string[], path: string): Generator<Problem> {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) yield `${path === "" ? "" : `${path}.`}${key}: Extra inputs are not permitted`;
  }
}

/** The shape of a block's marker; `at` is the block's path, "" for the request itself. */
export function* checkMarker(value: Fields, at: string): Generator<Problem> {
  const marker = value.cache_control;
  if (marker === undefined || marker === null) return;
  const path = at === "" ? "cache_control" : `${at}.cache_control`;
  if (!isFields(marker)) {
    yield `${path}: Input should be a valid dictionary`;
    return;
  }
  if (marker.type !== "ephemeral") yield `${path}.type: Input should be 'ephemeral'`;
  const ttl = marker.ttl;
  if (ttl !== undefined && ttl !== "5m" && ttl !== "1h") yield `${path}.ttl: Input should be '5m' or '1h'`;
  yield* checkKeys(marker, ["type", "ttl"], path);
}

export const toolNamePattern = /^[a-zA-Z0-9_-]{1,128}$/;

const sampling = ["temperature", "top_p", "top_k"] as const;
const countFields = [
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
  "speed",
];
const messageFields = [
  ...countFields,
  ...sampling,
  ...[
    "max_tokens",
    "container",
    "diagnostics",
    "inference_geo",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
  ],
];
const knownBetas = [
  "context-management-2025-06-27",
  "compact-2026-01-12",
  "compact-2026-09-04",
  "fast-mode-2026-02-01",
  "mid-conversation-tool-changes-2026-07-01",
  "inline-tools-2026-09-15",
  "mid-conversation-output-config-2026-07-01",
  "mid-conversation-system-clear-at-2026-08-21",
  "thinking-binding-controls-2026-08-01",
  "message-threads-2026-08-12",
  "task-budgets-2026-03-13",
  "server-side-fallback-2026-07-01",
  "prompt-caching-2024-07-31",
  "extended-cache-ttl-2025-04-11",
  "cache-diagnosis-2026-04-07",
  "interleaved-thinking-2025-05-14",
  "fine-grained-tool-streaming-2025-05-14",
];

function* checkFields(body: Fields, endpoint: Endpoint): Generator<Problem> {
  const required = endpoint === "messages" ? ["model", "max_tokens", "messages"] : ["model", "messages"];
  for (const name of required) if (body[name] === undefined) yield `${name}: Field required`;
  yield* checkKeys(body, endpoint === "messages" ? messageFields : countFields, "");
  if (typeof body.model !== "string") yield "model: Input should be a valid string";
  if (!Array.isArray(body.messages)) yield "messages: Input should be a valid list";
  const stream = body.stream;
  if (stream !== undefined && typeof stream !== "boolean") yield "stream: Input should be a valid boolean";
  const speed = body.speed;
  if (speed !== undefined && speed !== "standard" && speed !== "fast")
    yield "speed: Input should be 'standard' or 'fast'";
  const stops = body.stop_sequences;
  if (stops !== undefined && !listOf(stops).every((stop) => typeof stop === "string" && stop.trim() !== "")) {
    yield "stop_sequences: each stop sequence must contain non-whitespace";
  }
  const metadata = body.metadata;
  if (metadata !== undefined) {
    if (!isFields(metadata)) yield "metadata: Input should be a valid dictionary";
    else yield* checkKeys(metadata, ["user_id"], "metadata");
  }
  yield* checkMarker(body, "");
}

function* checkLimits(body: Fields, endpoint: Endpoint, model: Model): Generator<Problem> {
  if (endpoint === "count_tokens") return;
  const max = body.max_tokens;
  if (typeof max !== "number" || !Number.isInteger(max)) yield "max_tokens: Input should be a valid integer";
  else if (max < 0) yield "max_tokens: Input should be greater than or equal to 0";
  else if (max > model.maxOutputTokens) {
    yield `max_tokens: ${max} > ${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.id}`;
  }
}

function* checkThinking(body: Fields, model: Model): Generator<Problem> {
  const thinking = body.thinking;
  if (thinking === undefined) return;
  if (!isFields(thinking)) {
    yield "thinking: Input should be a valid dictionary";
    return;
  }
  const type = textOf(thinking.type);
  if (!model.thinking.some((known) => known === type)) {
    if (type === "adaptive") yield "adaptive thinking is not supported on this model";
    if (type === "enabled") {
      yield '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
    }
    yield `"thinking.type.${type}" is not supported for this model.`;
  }
  yield* checkKeys(thinking, ["type", "display", "budget_tokens", "block_binding"], "thinking");
  const display = thinking.display;
  if (display !== undefined && display !== "summarized" && display !== "omitted") {
    yield "thinking.display: Input should be 'summarized' or 'omitted'";
  }
  if (type !== "enabled") return;
  const budget = thinking.budget_tokens;
  const max = body.max_tokens;
  if (typeof budget !== "number") yield "thinking.enabled.budget_tokens: Field required";
  else if (budget < 1024) yield "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
  else if (typeof max === "number" && max <= budget)
    yield "`max_tokens` must be greater than `thinking.budget_tokens`.";
}

function* checkToolChoice(body: Fields, model: Model): Generator<Problem> {
  const choice = body.tool_choice;
  if (choice === undefined) return;
  const type = isFields(choice) ? textOf(choice.type) : "";
  if (!isFields(choice) || !["auto", "any", "tool", "none"].includes(type)) {
    yield "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'";
    return;
  }
  yield* checkKeys(choice, ["type", "name", "disable_parallel_tool_use"], `tool_choice.${type}`);
  if (type !== "any" && type !== "tool") return;
  if (!model.forcedToolChoice) yield 'tool_choice: type "tool" and "any" are not supported for this model.';
  if (isFields(body.thinking) && body.thinking.type === "enabled") {
    yield "Thinking may not be enabled when tool_choice forces tool use.";
  }
  const named = listOf(body.tools).some((tool) => isFields(tool) && tool.name === choice.name);
  if (type === "tool" && !named) yield `Tool '${textOf(choice.name)}' not found in provided tools`;
}

function* checkOutput(body: Fields, model: Model): Generator<Problem> {
  const output = body.output_config;
  if (output === undefined) return;
  if (!isFields(output)) {
    yield "output_config: Input should be a valid dictionary";
    return;
  }
  yield* checkKeys(output, ["effort", "format"], "output_config");
  const effort = output.effort;
  if (effort === undefined) return;
  if (!["low", "medium", "high", "xhigh", "max"].includes(textOf(effort))) {
    yield "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'";
  }
  if (!model.effort) yield "This model does not support the effort parameter.";
  const type = isFields(body.thinking) ? body.thinking.type : undefined;
  if ((type === "between_tools" || type === "disabled") && (effort === "xhigh" || effort === "max")) {
    yield `"thinking.type.${type}" is not supported with effort "${textOf(effort)}".`;
  }
}

/** max_tokens 0 fills the cache and returns nothing; it excludes whatever shapes an answer. */
function* checkPreWarm(body: Fields): Generator<Problem> {
  const type = isFields(body.thinking) ? body.thinking.type : undefined;
  const choice = isFields(body.tool_choice) ? body.tool_choice.type : undefined;
  if (body.stream === true) yield "max_tokens: 0 is not supported with stream: true";
  if (type === "enabled") yield "max_tokens: 0 is not supported with thinking";
  if (isFields(body.output_config) && body.output_config.format !== undefined) {
    yield "max_tokens: 0 is not supported with output_config.format";
  }
  if (choice === "any" || choice === "tool") yield "max_tokens: 0 is not supported with a forced tool_choice";
}

function* checkTool(tool: unknown, path: string): Generator<Problem> {
  if (!isFields(tool)) {
    yield `${path}: Input should be a valid dictionary`;
    return;
  }
  const type = tool.type;
  if (type === SEARCH) {
    yield* checkSearch(tool, `${path}.${SEARCH}`);
    return;
  }
  if (type !== undefined && type !== "custom") {
    yield `${path}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'custom', '${SEARCH}'`;
  }
  const at = `${path}.custom`;
  for (const name of ["name", "input_schema"]) if (tool[name] === undefined) yield `${at}.${name}: Field required`;
  if (!toolNamePattern.test(textOf(tool.name))) {
    yield `${at}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
  }
  yield* checkKeys(tool, toolFields, at);
  yield* checkMarker(tool, at);
  yield* checkSchema(tool.input_schema, `${at}.input_schema`);
}

/** The one tool of the server's own that is there. */
const SEARCH = "web_search_20250305";

export function offersSearch(body: Fields): boolean {
  return listOf(body.tools).some((tool) => isFields(tool) && tool.type === SEARCH);
}

function* checkSearch(tool: Fields, at: string): Generator<Problem> {
  if (tool.name !== "web_search") yield `${at}.name: Input should be 'web_search'`;
  const lists = ["allowed_domains", "blocked_domains"];
  yield* checkKeys(tool, ["type", "name", "max_uses", "user_location", "cache_control", ...lists], at);
  const uses = tool.max_uses;
  if (uses !== undefined && uses !== null && !(typeof uses === "number" && Number.isInteger(uses) && uses > 0)) {
    yield `${at}.max_uses: Input should be greater than 0`;
  }
  yield* checkMarker(tool, at);
}

const toolFields = [
  ...["name", "description", "input_schema", "cache_control", "type", "strict", "input_examples"],
  ...["defer_loading", "eager_input_streaming", "allowed_callers"],
];

function* checkSchema(schema: unknown, path: string): Generator<Problem> {
  if (!isFields(schema)) {
    yield `${path}: Input should be a valid dictionary`;
    return;
  }
  if (schema.type === undefined) yield `${path}.type: Field required`;
  if (schema.type !== "object") yield `${path}.type: Input should be 'object'`;
  const properties = schema.properties;
  for (const key of isFields(properties) ? Object.keys(properties) : []) {
    if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(key)) {
      yield `${path}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`;
    }
  }
}

function betasOf(headers: Headers): readonly string[] {
  return textOf(headers["anthropic-beta"])
    .split(",")
    .map((beta) => beta.trim())
    .filter((beta) => beta !== "");
}

function bearerOf(headers: Headers): string {
  return /^Bearer (.+)$/i.exec(textOf(headers.authorization))?.[1] ?? "";
}

function authentication(message: string): Problem {
  return { status: 401, type: "authentication_error", message };
}
