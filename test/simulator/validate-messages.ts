/** What makes the messages of a request invalid: shapes, pairing of calls and results, placement, markers, images. */
import { findModel, type Model } from "./models";
import { imageSize, imagesIn, type Layout } from "./segments";
import { type Fields, isFields, listOf, type Problem, textOf } from "./types";
import { checkKeys, checkMarker, toolNamePattern } from "./validate";

/** @param paused whether this assistant content was sent out with stop_reason pause_turn, so that it may end the request. */
export function* checkMessages(body: Fields, paused: (content: unknown) => boolean): Generator<Problem> {
  const model = findModel(textOf(body.model));
  if (model === undefined) return;
  yield* checkSystem(body.system);
  const messages = listOf(body.messages);
  if (messages.length === 0) yield "messages: at least one message is required";
  if (messages.length > 100_000) yield "messages: List should have at most 100000 items";
  for (const [index, message] of messages.entries()) yield* checkMessage(message, `messages.${index}`);
  yield* checkImages(messages, model);
  const known = messages.filter(isFields);
  yield* checkRoles(known);
  yield* checkPairs(known);
  yield* checkSystemMessages(known, model);
  yield* checkPrefill(known, model, paused);
}

/** Count, order and target of the cache markers. */
export function* checkMarkers(layout: Layout): Generator<Problem> {
  const explicit = layout.segments.flatMap((segment) => segment.marker ?? []);
  const last = layout.segments.findLast((segment) => segment.type !== "thinking");
  const automatic = layout.automatic;
  const sameSlot = automatic !== undefined && last?.marker !== undefined;
  if (sameSlot && last.marker?.ttl !== automatic.ttl) {
    yield "cache_control: the last block already has a cache_control with a different ttl";
  }
  const count = explicit.length + (automatic === undefined || sameSlot ? 0 : 1);
  if (count > 4) yield `A maximum of 4 blocks with cache_control may be provided. Found ${count}.`;
  const all = automatic === undefined ? explicit : [...explicit, automatic];
  const short = all.findIndex((marker) => marker.ttl === "5m");
  const late = all.find((marker, index) => marker.ttl === "1h" && short >= 0 && index > short);
  if (late !== undefined) {
    yield `${late.path}.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: \`tools\`, \`system\`, \`messages\`.`;
  }
}

const blockFields: Readonly<Record<string, readonly string[]>> = {
  text: ["type", "text", "cache_control", "citations"],
  image: ["type", "source", "cache_control"],
  document: ["type", "source", "cache_control", "title", "context", "citations"],
  search_result: ["type", "source", "title", "content", "cache_control", "citations"],
  tool_use: ["type", "id", "name", "input", "cache_control"],
  tool_result: ["type", "tool_use_id", "content", "is_error", "cache_control"],
  thinking: ["type", "thinking", "signature"],
  redacted_thinking: ["type", "data"],
};

const blocksOfRole: Readonly<Record<string, readonly string[]>> = {
  user: ["text", "image", "document", "search_result", "tool_result"],
  assistant: ["text", "thinking", "redacted_thinking", "tool_use"],
  system: ["text"],
};

const resultBlocks = ["text", "image", "document", "search_result"];
const emptyText = "messages: text content blocks must be non-empty";

function* checkSystem(system: unknown): Generator<Problem> {
  if (system === undefined || typeof system === "string") return;
  if (!Array.isArray(system)) yield "system: Input should be a valid list";
  for (const [index, block] of listOf(system).entries()) {
    const problems = checkBlock(block, `system.${index}`, ["text"]);
    for (const problem of problems)
      yield problem === emptyText ? "system: text content blocks must be non-empty" : problem;
  }
}

function* checkMessage(message: unknown, path: string): Generator<Problem> {
  if (!isFields(message)) {
    yield `${path}: Input should be a valid dictionary`;
    return;
  }
  for (const name of ["role", "content"]) if (message[name] === undefined) yield `${path}.${name}: Field required`;
  const allowed = blocksOfRole[textOf(message.role)];
  if (allowed === undefined) {
    yield `messages: Unexpected role "${String(message.role)}". Allowed roles are "user", "assistant" or "system".`;
    return;
  }
  yield* checkKeys(message, ["role", "content"], path);
  const content = message.content;
  if (content === "") yield emptyText;
  if (typeof content === "string") return;
  if (!Array.isArray(content)) yield `${path}.content: Input should be a valid list`;
  if (listOf(content).length === 0) {
    yield `${path}: all messages must have non-empty content except for the optional final assistant message`;
  }
  for (const [index, block] of listOf(content).entries()) yield* checkBlock(block, `${path}.content.${index}`, allowed);
}

function* checkBlock(block: unknown, path: string, allowed: readonly string[]): Generator<Problem> {
  if (!isFields(block)) {
    yield `${path}: Input should be a valid dictionary`;
    return;
  }
  const type = textOf(block.type);
  if (block.type === undefined) yield `${path}.type: Field required`;
  if (!allowed.includes(type)) {
    yield `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${allowed.map((tag) => `'${tag}'`).join(", ")}`;
    return;
  }
  const at = `${path}.${type}`;
  yield* checkContent(block, type, at);
  yield* checkKeys(block, blockFields[type] ?? [], at);
  yield* checkMarker(block, at);
}

function* checkContent(block: Fields, type: string, at: string): Generator<Problem> {
  switch (type) {
    case "text":
      yield* checkString(block, "text", at);
      if (block.text === "" && block.cache_control !== undefined) {
        yield `${at}: cache_control cannot be set for empty text blocks`;
      }
      if (block.text === "") yield emptyText;
      if (listOf(block.citations).length > 0) yield `${at}.citations: Extra inputs are not permitted`;
      break;
    case "thinking":
      yield* checkString(block, "signature", at);
      yield* checkString(block, "thinking", at);
      break;
    case "redacted_thinking":
      yield* checkString(block, "data", at);
      break;
    case "tool_use":
      yield* checkCall(block, at);
      break;
    case "tool_result":
      yield* checkResult(block, at);
      break;
    default:
      yield* checkSource(block, at);
  }
}

function* checkCall(block: Fields, at: string): Generator<Problem> {
  yield* checkString(block, "id", at);
  if (!/^[a-zA-Z0-9_-]+$/.test(textOf(block.id))) yield `${at}.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
  yield* checkString(block, "name", at);
  if (!toolNamePattern.test(textOf(block.name))) {
    yield `${at}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
  }
  if (block.input === undefined) yield `${at}.input: Field required`;
  if (!isFields(block.input)) yield `${at}.input: Input should be a valid dictionary`;
}

function* checkResult(block: Fields, at: string): Generator<Problem> {
  yield* checkString(block, "tool_use_id", at);
  const isError = block.is_error;
  if (isError !== undefined && typeof isError !== "boolean") yield `${at}.is_error: Input should be a valid boolean`;
  const content = block.content;
  if (content === undefined || typeof content === "string") return;
  if (!Array.isArray(content)) yield `${at}.content: Input should be a valid list`;
  for (const [index, inner] of listOf(content).entries())
    yield* checkBlock(inner, `${at}.content.${index}`, resultBlocks);
}

function* checkSource(block: Fields, at: string): Generator<Problem> {
  const source = block.source;
  if (source === undefined) yield `${at}.source: Field required`;
  if (block.type !== "image" || !isFields(source)) return;
  if (source.type === "base64") {
    yield* checkString(source, "media_type", `${at}.source.base64`);
    yield* checkString(source, "data", `${at}.source.base64`);
    const kinds = ["image/jpeg", "image/png", "image/gif", "image/webp"];
    if (!kinds.includes(textOf(source.media_type))) {
      yield `${at}.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`;
    }
    if (textOf(source.data).length > 10 * 1024 * 1024) {
      yield `${at}.source.base64: image exceeds 10 MB maximum: ${textOf(source.data).length} bytes > 10485760 bytes`;
    }
  } else if (source.type !== "url") {
    yield `${at}.source: Input tag '${textOf(source.type)}' found using 'type' does not match any of the expected tags: 'base64', 'url'`;
  }
}

function* checkString(value: Fields, name: string, at: string): Generator<Problem> {
  if (value[name] === undefined) yield `${at}.${name}: Field required`;
  if (typeof value[name] !== "string") yield `${at}.${name}: Input should be a valid string`;
}

function* checkImages(messages: readonly unknown[], model: Model): Generator<Problem> {
  const found = messages.flatMap((message, m) =>
    (isFields(message) ? listOf(message.content) : []).flatMap((block, b) =>
      imagesIn(block).map((data) => ({ data, path: `messages.${m}.content.${b}.image` })),
    ),
  );
  const limit = model.contextTokens > 200_000 ? 600 : 100;
  if (found.length > limit) yield `messages: too many images: ${found.length} > ${limit} maximum`;
  const side = found.length > 20 ? 2000 : 8000;
  const kind = found.length > 20 ? " for many-image requests" : "";
  for (const { data, path } of found) {
    const size = imageSize(data);
    if (size !== undefined && Math.max(size.width, size.height) > side) {
      yield `${path}.source.base64.data: At least one of the image dimensions exceed max allowed size${kind}: ${side} pixels`;
    }
  }
}

/** Strict where the documentation contradicts itself: roles alternate, and no client may depend on merging. */
function* checkRoles(messages: readonly Fields[]): Generator<Problem> {
  const spoken = messages.filter((message) => message.role !== "system");
  if (messages[0]?.role === "assistant") yield 'messages: first message must use the "user" role';
  const doubled = spoken.some((message, index) => message.role === spoken[index - 1]?.role);
  if (doubled) yield 'messages: roles must alternate between "user" and "assistant"';
}

function* checkPairs(messages: readonly Fields[]): Generator<Problem> {
  const seen = new Set<string>();
  for (const [m, message] of messages.entries()) {
    const content = listOf(message.content).filter(isFields);
    for (const [b, block] of content.entries()) {
      if (block.type !== "tool_use") continue;
      if (seen.has(textOf(block.id))) yield `messages.${m}.content.${b}: \`tool_use\` ids must be unique`;
      seen.add(textOf(block.id));
    }
    const calls = idsOf(message, "tool_use", "id");
    const next = messages[m + 1];
    const answered = new Set(next?.role === "user" ? leadingResults(next) : []);
    const missing = calls.filter((id) => !answered.has(id));
    if (missing.length > 0) {
      yield `messages.${m}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    yield* checkResults(content, m, new Set(idsOf(messages[m - 1], "tool_use", "id")));
  }
}

function* checkResults(content: readonly Fields[], m: number, open: ReadonlySet<string>): Generator<Problem> {
  const seen = new Set<string>();
  for (const [b, block] of content.entries()) {
    if (block.type !== "tool_result") continue;
    const id = textOf(block.tool_use_id);
    if (!open.has(id)) {
      yield `messages.${m}.content.${b}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    if (seen.has(id)) {
      yield `messages.${m}.content.${b}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
    }
    seen.add(id);
  }
}

function* checkSystemMessages(messages: readonly Fields[], model: Model): Generator<Problem> {
  for (const [m, message] of messages.entries()) {
    if (message.role !== "system") continue;
    if (!model.systemRole) yield "role 'system' is not supported on this model";
    const next = messages[m + 1]?.role;
    if (messages[m - 1]?.role !== "user" || (next !== undefined && next !== "assistant")) {
      yield `messages.${m}: role 'system' must follow a user message and be last or come before an assistant message`;
    }
  }
}

function* checkPrefill(
  messages: readonly Fields[],
  model: Model,
  paused: (content: unknown) => boolean,
): Generator<Problem> {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || paused(last.content)) return;
  if (!model.prefill) {
    yield "This model does not support assistant message prefill. The conversation must end with a user message.";
  }
  const end = listOf(last.content).at(-1);
  const text = typeof last.content === "string" ? last.content : isFields(end) ? textOf(end.text) : "";
  if (text !== text.trimEnd()) yield "messages: final assistant content cannot end with trailing whitespace";
}

function idsOf(message: Fields | undefined, type: string, key: string): readonly string[] {
  const content = listOf(message?.content).filter(isFields);
  return content.flatMap((block) => (block.type === type ? [textOf(block[key])] : []));
}

function leadingResults(message: Fields): readonly string[] {
  const content = listOf(message.content).filter(isFields);
  const other = content.findIndex((block) => block.type !== "tool_result");
  return content.slice(0, other < 0 ? undefined : other).map((block) => textOf(block.tool_use_id));
}
