/** A message as server-sent events, and the events as bytes on the wire, cut up as badly as the real ones may be. */
import type { ServerResponse } from "node:http";
import { setImmediate as nextTick, setTimeout as sleep } from "node:timers/promises";
import { itemsOf, scan } from "./json";
import type { FragmentMode, SentBlock, SentMessage } from "./reply";
import { type Fields, isFields, type SentUsage } from "./types";

export type Action =
  | { readonly do: "send"; readonly event: string; readonly data: string }
  | { readonly do: "reset" }
  | { readonly do: "end" }
  | { readonly do: "stall"; readonly pingEveryMs?: number };

export type Extras = { readonly start?: Fields; readonly stopDetails?: Fields };

/** The events of a whole answer, in order. `usage` is the final one. */
export function eventsOf(
  message: SentMessage,
  usage: SentUsage,
  mode: FragmentMode,
  extras: Extras = {},
): readonly Action[] {
  const start = {
    type: "message_start",
    message: {
      id: message.id,
      type: "message",
      role: "assistant",
      model: message.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: begunUsage(usage, message.foundTokens),
      ...extras.start,
    },
  };
  const blocks = message.blocks.flatMap((block, index) => blockEvents(block, index, mode));
  const ping = send({ type: "ping" });
  const delta = {
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    ...(extras.stopDetails === undefined ? {} : { stop_details: extras.stopDetails }),
  };
  return [
    send(start),
    ...blocks.slice(0, 1),
    ping,
    ...blocks.slice(1),
    send({ type: "message_delta", delta, usage }),
    send({ type: "message_stop" }),
  ];
}

export type PlayOptions = {
  readonly mode: FragmentMode;
  readonly pace: number;
  readonly bytesPerSecond: number | undefined;
  readonly hold?: ((sent: string) => Promise<unknown>) | undefined;
  readonly signal: AbortSignal;
  /** Told of each event's data once its bytes are on their way. */
  readonly onSent?: (data: string) => void;
};

/** Plays the actions; resolves when the answer is complete, broken off by a fault, or the client has gone. */
export async function play(actions: readonly Action[], response: ServerResponse, options: PlayOptions): Promise<void> {
  const { mode, pace, signal } = options;
  const writeBytes = writer(response, options);
  const held: Buffer[] = [];
  const untold: string[] = [];
  const write = async (bytes: Buffer): Promise<void> => {
    await writeBytes(bytes);
    for (const data of untold.splice(0)) if (!signal.aborted) options.onSent?.(data);
  };
  const gone = aborted(signal);
  let sent = "";
  for (const action of actions) {
    if (options.hold !== undefined) {
      await Promise.race([options.hold(sent), gone]);
      sent += textIn(action);
    }
    if (signal.aborted) return;
    switch (action.do) {
      case "send": {
        untold.push(action.data);
        held.push(encode(action.event, action.data, mode === "crlf" ? "\r\n" : "\n"));
        if (mode === "batched" && held.length < 4) continue;
        await write(Buffer.concat(held.splice(0)));
        if (pace > 0) await pause(pace, signal);
        break;
      }
      case "reset":
        await write(Buffer.concat(held.splice(0)));
        // Lets what was written reach the client first, so that the reset comes in the middle and not instead.
        await pause(20, signal);
        response.socket?.resetAndDestroy();
        return;
      case "end":
        await write(Buffer.concat(held.splice(0)));
        response.end();
        return;
      case "stall":
        await write(Buffer.concat(held.splice(0)));
        await stall(action.pingEveryMs, write, signal);
        return;
    }
  }
  await write(Buffer.concat(held));
  response.end();
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: true }).catch(() => undefined);
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) =>
    signal.aborted ? resolve(undefined) : signal.addEventListener("abort", resolve, { once: true }),
  );
}

/** What an event adds to the answer's text. */
function textIn(action: Action): string {
  const data: unknown = action.do === "send" ? JSON.parse(action.data) : undefined;
  const delta = isFields(data) ? data.delta : undefined;
  return isFields(delta) && typeof delta.text === "string" ? delta.text : "";
}

async function stall(
  pingEveryMs: number | undefined,
  write: (bytes: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(pingEveryMs ?? 60_000, signal);
    if (pingEveryMs !== undefined && !signal.aborted) await write(encode("ping", '{"type":"ping"}', "\n"));
  }
}

function writer(response: ServerResponse, options: PlayOptions): (bytes: Buffer) => Promise<void> {
  const { mode, bytesPerSecond, signal } = options;
  const random = randomFrom(7);
  return async (bytes) => {
    if (bytes.length === 0) return;
    if (bytesPerSecond !== undefined) {
      for (let at = 0; at < bytes.length && !signal.aborted; at++) {
        response.write(bytes.subarray(at, at + 1));
        await pause(1000 / bytesPerSecond, signal);
      }
      return;
    }
    if (mode !== "bytes" && mode !== "crlf") {
      if (!response.write(bytes)) await drained(response, signal);
      return;
    }
    for (let at = 0; at < bytes.length && !signal.aborted; ) {
      const size = 1 + random(mode === "bytes" ? 5 : 40);
      response.write(bytes.subarray(at, at + size));
      at += size;
      await nextTick();
    }
  };
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  while (response.writableNeedDrain && !signal.aborted) await pause(1, signal);
}

function encode(event: string, data: string, newline: string): Buffer {
  return Buffer.from(`event: ${event}${newline}data: ${data}${newline}${newline}`);
}

function blockEvents(block: SentBlock, index: number, mode: FragmentMode): readonly Action[] {
  const delta = (fields: Fields) => send({ type: "content_block_delta", index, delta: fields });
  const stop = send({ type: "content_block_stop", index });
  const start = (fields: Fields) => send({ type: "content_block_start", index, content_block: fields });
  switch (block.type) {
    case "text":
      return [
        start({ type: "text", text: "" }),
        ...pieces(block.text, mode).map((text) => delta({ type: "text_delta", text })),
        stop,
      ];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...pieces(block.thinking, mode).map((thinking) => delta({ type: "thinking_delta", thinking })),
        ...(block.signature === "" ? [] : [delta({ type: "signature_delta", signature: block.signature })]),
        stop,
      ];
    case "redacted_thinking":
      return [start({ type: "redacted_thinking", data: block.data }), stop];
    case "tool_use":
      return [
        start({ type: "tool_use", id: block.id, name: block.name, input: {} }),
        ...jsonPieces(block, mode).map((partial_json) => delta({ type: "input_json_delta", partial_json })),
        stop,
      ];
    case "server_tool_use":
      return [
        start({ type: "server_tool_use", id: block.id, name: block.name, input: {} }),
        ...["", ...memberPieces(block.json)].map((partial_json) => delta({ type: "input_json_delta", partial_json })),
        stop,
      ];
    case "web_search_tool_result":
      return [start(block), stop];
  }
}

/** About a token each; never inside a code point, as JSON could not carry that. */
function pieces(value: string, mode: FragmentMode): readonly string[] {
  if (mode === "fine") return value.match(/[\s\S]{1,2}/gu) ?? [];
  return value.match(/\s?\S{1,6}|\s+/gu) ?? [];
}

function jsonPieces(block: Extract<SentBlock, { type: "tool_use" }>, mode: FragmentMode): readonly string[] {
  if (block.fragments !== undefined) return block.fragments;
  if (mode === "fine") return ["", ...(block.json.match(/[\s\S]{1,3}/gu) ?? [])];
  return ["", ...memberPieces(block.json)];
}

/** One key and value at a time; text that is not a whole object in pieces of 16. */
function memberPieces(json: string): readonly string[] {
  const bytes = Buffer.from(json);
  const ends = memberEnds(json, bytes);
  if (ends === undefined) return json.match(/[\s\S]{1,16}/gu) ?? [];
  const cuts = [0, ...ends, bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index] ?? 0, end).toString("utf8"));
}

function memberEnds(json: string, bytes: Buffer): readonly number[] | undefined {
  try {
    if (!isFields(JSON.parse(json))) return undefined;
  } catch {
    return undefined;
  }
  const node = scan(bytes);
  return node.kind === "object" ? node.members.map((member) => member.end) : itemsOf(node).map((item) => item.end);
}

function send(data: { readonly type: string } & Fields): Action {
  return { do: "send", event: data.type, data: JSON.stringify(data) };
}

/** What message_start can know: everything but the output and what a search has found. */
function begunUsage(usage: SentUsage, found: number): SentUsage {
  const input_tokens = usage.input_tokens - found;
  const begun = { ...usage, input_tokens, output_tokens: Math.min(1, usage.output_tokens) };
  return "output_tokens_details" in usage ? { ...begun, output_tokens_details: { thinking_tokens: 0 } } : begun;
}

/** A small deterministic generator: integers from 0 up to `below`. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}
