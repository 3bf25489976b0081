/**
 * The stream of a response, folded event by event. Nothing that a server sends makes it throw: what does not fit is a
 * failure as data. A response counts only when `message_stop` arrived.
 */
import type { StepBlock } from "../chunks/explode";
import type { LiveBlock, LiveEvent, Usage } from "../chunks/protocol";
import { fieldsOf, numberIn, textIn } from "./fields";

/** One event of the Messages API as it was parsed from JSON, not interpreted. */
export type RawEvent = Readonly<Record<string, unknown>> & { readonly type: string };

export type StreamState = {
  readonly phase: "waiting" | "open" | "ended" | "failed";
  readonly blocks: readonly OpenBlock[];
  readonly messageId: string;
  readonly usage: Usage;
  /** Why a prefix was not in the cache, in the server's word, where it says so. */
  readonly cacheMissReason: string | undefined;
  readonly stopReason: string | undefined;
  readonly failure: StreamFailure | undefined;
  readonly notes: readonly string[];
};

/** Changes of the live tail: a block began, or its text grew. */
export type StreamDelta = Extract<LiveEvent, { kind: "block" | "delta" }>;

export type StreamFailure =
  /** The server's own `error` event, in its words (`overloaded_error`, …). */
  | { readonly kind: "api"; readonly type: string; readonly message: string }
  /** The events do not make a response. */
  | { readonly kind: "malformed"; readonly message: string }
  /** The connection ended before `message_stop`. */
  | { readonly kind: "cut-off" };

export type StreamResult =
  | {
      readonly ok: true;
      readonly messageId: string;
      /** `end_turn`, `tool_use`, `max_tokens`, `stop_sequence`, `pause_turn`, `refusal`, `model_context_window_exceeded`, or one that is new. */
      readonly stopReason: string;
      /** In order. Calls that must never run are marked `cut`. */
      readonly blocks: readonly StepBlock[];
      readonly usage: Usage;
      /** What was left out, in words, for the log. */
      readonly notes: readonly string[];
    }
  | {
      readonly ok: false;
      readonly failure: StreamFailure;
      /** The blocks that were complete when it broke off. */
      readonly blocks: readonly StepBlock[];
      readonly usage: Usage;
    };

export const startOfStream: StreamState = {
  phase: "waiting",
  blocks: [],
  messageId: "",
  usage: { fresh: 0, read: 0, written: 0, output: 0 },
  cacheMissReason: undefined,
  stopReason: undefined,
  failure: undefined,
  notes: [],
};

/**
 * The state after an event, and what it changes in the live tail. Events after the end or a failure change nothing.
 * @param nameCall gives the next call the id that it has from its first sight on; from `Conversation.newCallIds`.
 */
export function readEvent(
  state: StreamState,
  event: RawEvent,
  nameCall: (id: string) => string = asItCame,
): { state: StreamState; live?: StreamDelta } {
  if (state.phase === "ended" || state.phase === "failed") return { state };
  if (event.type === "error") return { state: failed(state, apiFailure(event)) };
  if (event.type === "message_start") return { state: readStart(state, event) };
  if (!knownTypes.has(event.type)) return { state };
  if (state.phase === "waiting") return { state: malformed(state, `\`${event.type}\` came before \`message_start\``) };
  switch (event.type) {
    case "content_block_start":
      return readBlockStart(state, event, nameCall);
    case "content_block_delta":
      return readDelta(state, event);
    case "content_block_stop":
      return { state: readBlockStop(state, event) };
    case "message_delta": {
      const stopReason = textIn(fieldsOf(event.delta), "stop_reason") ?? state.stopReason;
      return { state: { ...state, stopReason, usage: readUsage(state.usage, event.usage) } };
    }
    default:
      return { state: readEnd(state) };
  }
}

/** What the response amounts to once no more events come, for whatever reason. */
export function endOfStream(state: StreamState): StreamResult {
  const { usage, notes, messageId, stopReason } = state;
  const complete = state.blocks.filter((block) => block.isStopped);
  if (state.phase === "ended" && stopReason !== undefined) {
    return { ok: true, messageId, stopReason, blocks: toStepBlocks(complete, stopReason), usage, notes };
  }
  const failure = state.failure ?? { kind: "cut-off" };
  return { ok: false, failure, blocks: toStepBlocks(complete, "cut-off"), usage };
}

type OpenBlock = { readonly index: number; readonly isStopped: boolean } & BlockContent;
type BlockContent = StepBlock | { readonly kind: "ignored" };

const knownTypes = new Set([
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
]);

function readStart(state: StreamState, event: RawEvent): StreamState {
  if (state.phase !== "waiting") return malformed(state, "a second `message_start` came");
  const message = fieldsOf(event.message);
  const usage = readUsage(state.usage, message.usage);
  const cacheMissReason = textIn(fieldsOf(fieldsOf(message.diagnostics).cache_miss_reason), "type");
  return { ...state, phase: "open", messageId: textIn(message, "id") ?? "", usage, cacheMissReason };
}

function asItCame(id: string): string {
  return id;
}

function readBlockStart(
  state: StreamState,
  event: RawEvent,
  nameCall: (id: string) => string,
): { state: StreamState; live?: StreamDelta } {
  const index = numberIn(event, "index");
  if (index === undefined) return { state: malformed(state, "a block began without an index") };
  if (state.blocks.some((block) => block.index === index)) {
    return { state: malformed(state, `block ${index} began twice`) };
  }
  const fields = fieldsOf(event.content_block);
  const content = startBlock(fields, nameCall);
  if (content === undefined) return { state: malformed(state, `block ${index} is a call without an id or a name`) };
  const next = { ...state, blocks: [...state.blocks, { ...content, index, isStopped: false }] };
  if (content.kind === "ignored") {
    const note = `A block of the unknown type "${textIn(fields, "type") ?? ""}" was left out.`;
    return { state: { ...next, notes: [...state.notes, note] } };
  }
  return { state: next, live: { kind: "block", index: livePosition(next, index), block: liveBlock(content) } };
}

/** @returns `undefined` for a call that can't be answered. Some gateways send text or arguments in the start itself. */
function startBlock(
  fields: Readonly<Record<string, unknown>>,
  nameCall: (id: string) => string,
): BlockContent | undefined {
  switch (fields.type) {
    case "text":
      return { kind: "text", text: textIn(fields, "text") ?? "" };
    case "thinking":
      return { kind: "thinking", text: textIn(fields, "thinking") ?? "", signature: textIn(fields, "signature") ?? "" };
    case "redacted_thinking":
      return { kind: "redacted", data: textIn(fields, "data") ?? "" };
    case "tool_use": {
      const [callId, name] = [textIn(fields, "id"), textIn(fields, "name")];
      if (callId === undefined || name === undefined) return undefined;
      const input = fieldsOf(fields.input);
      const argumentsText = Object.keys(input).length === 0 ? "" : JSON.stringify(input);
      return { kind: "tool", callId: nameCall(callId), name, argumentsText, cut: false };
    }
    default:
      return { kind: "ignored" };
  }
}

function readDelta(state: StreamState, event: RawEvent): { state: StreamState; live?: StreamDelta } {
  const index = numberIn(event, "index");
  const position = state.blocks.findIndex((block) => block.index === index);
  const block = state.blocks[position];
  if (block === undefined)
    return { state: malformed(state, `a delta came for block ${index ?? "?"}, which never began`) };
  if (block.isStopped) return { state: malformed(state, `a delta came for block ${index}, which had ended`) };
  const grown = grow(block, fieldsOf(event.delta));
  if (grown === "unknown") return { state };
  if (grown === "misfit") return { state: malformed(state, `a delta of block ${index} does not fit its type`) };
  const next = { ...state, blocks: state.blocks.with(position, { ...block, ...grown.content }) };
  if (grown.shown === "") return { state: next };
  return { state: next, live: { kind: "delta", index: livePosition(next, block.index), text: grown.shown } };
}

type Grown = { readonly content: BlockContent; readonly shown: string } | "unknown" | "misfit";

function grow(block: BlockContent, delta: Readonly<Record<string, unknown>>): Grown {
  if (block.kind === "ignored") return "unknown";
  switch (delta.type) {
    case "text_delta": {
      const added = textIn(delta, "text");
      if (block.kind !== "text" || added === undefined) return "misfit";
      return { content: { ...block, text: block.text + added }, shown: added };
    }
    case "thinking_delta": {
      const added = textIn(delta, "thinking");
      if (block.kind !== "thinking" || added === undefined) return "misfit";
      return { content: { ...block, text: block.text + added }, shown: added };
    }
    case "signature_delta": {
      const signature = textIn(delta, "signature");
      if (block.kind !== "thinking" || signature === undefined) return "misfit";
      return { content: { ...block, signature }, shown: "" };
    }
    case "input_json_delta": {
      const added = textIn(delta, "partial_json");
      if (block.kind !== "tool" || added === undefined) return "misfit";
      return { content: { ...block, argumentsText: block.argumentsText + added }, shown: added };
    }
    default:
      return "unknown";
  }
}

function readBlockStop(state: StreamState, event: RawEvent): StreamState {
  const index = numberIn(event, "index");
  const position = state.blocks.findIndex((block) => block.index === index);
  const block = state.blocks[position];
  if (block === undefined) return malformed(state, `block ${index ?? "?"} ended, which never began`);
  if (block.isStopped) return malformed(state, `block ${index} ended twice`);
  return { ...state, blocks: state.blocks.with(position, { ...block, isStopped: true }) };
}

function readEnd(state: StreamState): StreamState {
  const open = state.blocks.find((block) => !block.isStopped);
  if (open !== undefined) return malformed(state, `the response ended inside block ${open.index}`);
  if (state.stopReason === undefined) return malformed(state, "the response ended without a stop reason");
  return { ...state, phase: "ended" };
}

/** Counts replace the earlier ones: they are totals, not increments. */
function readUsage(before: Usage, value: unknown): Usage {
  const fields = fieldsOf(value);
  return {
    fresh: numberIn(fields, "input_tokens") ?? before.fresh,
    read: numberIn(fields, "cache_read_input_tokens") ?? before.read,
    written: numberIn(fields, "cache_creation_input_tokens") ?? before.written,
    output: numberIn(fields, "output_tokens") ?? before.output,
  };
}

function apiFailure(event: RawEvent): StreamFailure {
  const error = fieldsOf(event.error);
  return { kind: "api", type: textIn(error, "type") ?? "api_error", message: textIn(error, "message") ?? "" };
}

function malformed(state: StreamState, message: string): StreamState {
  return failed(state, { kind: "malformed", message });
}

function failed(state: StreamState, failure: StreamFailure): StreamState {
  return { ...state, phase: "failed", failure };
}

/** The live tail has no place for blocks that are left out. */
function livePosition(state: StreamState, index: number): number {
  return state.blocks.filter((block) => block.kind !== "ignored").findIndex((block) => block.index === index);
}

function liveBlock(content: StepBlock): LiveBlock {
  switch (content.kind) {
    case "text":
    case "thinking":
      return { kind: content.kind, text: content.text };
    case "redacted":
      return { kind: "thinking", text: "" };
    case "tool":
      return { kind: "tool", callId: content.callId, name: content.name, argumentsText: content.argumentsText };
  }
}

/** The reasons after which the last call may be half a call, though its JSON may look whole. */
const truncating = new Set(["max_tokens", "model_context_window_exceeded"]);

/** A refusal forbids every call; a truncated response only its last block. */
function toStepBlocks(blocks: readonly OpenBlock[], stopReason: string): readonly StepBlock[] {
  return blocks.flatMap((block, position): readonly StepBlock[] => {
    if (block.kind === "ignored") return [];
    const { index: _, isStopped: __, ...content } = block;
    if (content.kind !== "tool") return [content];
    const isLast = position === blocks.length - 1;
    return [{ ...content, cut: stopReason === "refusal" || (isLast && truncating.has(stopReason)) }];
  });
}
