/** Everything that can go wrong between a client and the real API, as data that a scenario can ask for. */
import type { Reply, ReplyBlock, StopReason } from "./reply";
import type { Action } from "./sse";
import { type ApiError, badRequest, type Clock } from "./types";

export type Fault = {
  /** How many attempts at the same point of the conversation it hits, from the first; default 1. */
  readonly times?: number;
} & (
  | { readonly kind: "rate-limit"; readonly retryAfter?: "seconds" | "date" | "ms"; readonly seconds?: number }
  | { readonly kind: "spend-limit" | "no-credit" | "billing" | "bad-key" | "forbidden" | "not-found" | "too-large" }
  | { readonly kind: "server-error" | "bad-gateway" | "unavailable" | "timeout" }
  /** `seconds`: its retry-after. */
  | { readonly kind: "overloaded"; readonly shouldRetry?: boolean; readonly seconds?: number }
  | { readonly kind: "error"; readonly status: number; readonly type: string; readonly message: string }
  /** `event: error` after so many events; default: half of them. */
  | { readonly kind: "error-event"; readonly after?: number; readonly type?: string; readonly message?: string }
  | {
      readonly kind: "reset";
      readonly at: "before-headers" | "after-headers" | "in-tool-json" | "after-events";
      readonly after?: number;
    }
  /** A clean end of the body without message_stop. */
  | { readonly kind: "cut"; readonly after?: number }
  /** Sends nothing more and keeps the connection, or only pings. */
  | { readonly kind: "stall"; readonly after?: number; readonly pingEveryMs?: number }
  | { readonly kind: "drip"; readonly bytesPerSecond: number }
  | { readonly kind: "late"; readonly ms: number }
  | { readonly kind: "unknown-event" | "unknown-delta" | "empty" | "duplicate-ids" }
  | { readonly kind: "invalid-tool-json" }
  /** Ends inside the last call's input (default max_tokens), or after the text when there is no call. */
  | { readonly kind: "stop"; readonly reason: StopReason }
);

export type FaultKind = Fault["kind"];

export const faultKinds: readonly FaultKind[] = [
  ...(["rate-limit", "spend-limit", "no-credit", "billing", "bad-key", "forbidden", "not-found", "too-large"] as const),
  ...([
    "server-error",
    "bad-gateway",
    "unavailable",
    "timeout",
    "overloaded",
    "error",
    "error-event",
    "reset",
  ] as const),
  ...(["cut", "stall", "drip", "late", "unknown-event", "unknown-delta", "empty", "duplicate-ids"] as const),
  ...(["invalid-tool-json", "stop"] as const),
];

/** An answer instead of the reply: an API error, or a page that is not even JSON. */
export type Refusal = ApiError & { readonly html?: string };

/** The refusal that this fault stands for, if it is one. */
export function refusalOf(fault: Fault, clock: Clock): Refusal | undefined {
  switch (fault.kind) {
    case "rate-limit":
      return {
        status: 429,
        type: "rate_limit_error",
        message: "This request would exceed your organization's rate limit.",
        headers: retryAfter(fault.retryAfter ?? "seconds", fault.seconds ?? 1, clock),
      };
    case "spend-limit":
      return {
        status: 429,
        type: "rate_limit_error",
        message: "You have reached your API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
        details: { error_code: "enforced_spend_limit_reached" },
      };
    case "no-credit":
      return badRequest(
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
      );
    case "billing":
      return { status: 402, type: "billing_error", message: "Your account has a billing problem." };
    case "bad-key":
      return { status: 401, type: "authentication_error", message: "invalid x-api-key" };
    case "forbidden":
      return { status: 403, type: "permission_error", message: "Your API key has no permission for this resource." };
    case "not-found":
      return { status: 404, type: "not_found_error", message: "model: this-model-does-not-exist" };
    case "too-large":
      return {
        status: 413,
        type: "request_too_large",
        message: "Request exceeds the maximum allowed number of bytes.",
      };
    case "server-error":
      return { status: 500, type: "api_error", message: "Internal server error" };
    case "bad-gateway":
      return {
        status: 502,
        type: "api_error",
        message: "Bad gateway",
        html: "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
      };
    case "unavailable":
      return { status: 503, type: "api_error", message: "Service unavailable" };
    case "timeout":
      return { status: 504, type: "timeout_error", message: "The request timed out." };
    case "overloaded":
      return {
        status: 529,
        type: "overloaded_error",
        message: "Overloaded",
        headers: {
          ...(fault.shouldRetry === undefined ? {} : { "x-should-retry": String(fault.shouldRetry) }),
          ...(fault.seconds === undefined ? {} : { "retry-after": String(fault.seconds) }),
        },
      };
    case "error":
      return { status: fault.status, type: fault.type, message: fault.message };
    default:
      return undefined;
  }
}

/** The reply with the fault in it, for faults that concern what the model says. */
export function alterReply(reply: Reply, fault: Fault): Reply {
  switch (fault.kind) {
    case "empty":
      return { ...reply, blocks: [], stopReason: "end_turn" };
    case "duplicate-ids":
      return { ...reply, blocks: reply.blocks.map((b) => (b.type === "tool_use" ? { ...b, id: "call_0" } : b)) };
    case "invalid-tool-json":
      return { ...reply, blocks: cutCall(reply.blocks), stopReason: "tool_use" };
    case "stop": {
      const whole = fault.reason === "end_turn" || fault.reason === "tool_use" || fault.reason === "pause_turn";
      const altered = { ...reply, blocks: whole ? reply.blocks : cutCall(reply.blocks), stopReason: fault.reason };
      return fault.reason === "stop_sequence" ? { ...altered, stopSequence: reply.stopSequence ?? "STOP" } : altered;
    }
    default:
      return reply;
  }
}

/** The stream with the fault in it, for faults that concern the way. */
export function alterStream(actions: readonly Action[], fault: Fault): readonly Action[] {
  const half = Math.ceil(actions.length / 2);
  switch (fault.kind) {
    case "error-event":
      return [
        ...actions.slice(0, fault.after ?? half),
        send("error", {
          type: "error",
          error: { type: fault.type ?? "overloaded_error", message: fault.message ?? "Overloaded" },
        }),
        { do: "end" },
      ];
    case "reset":
      return [...actions.slice(0, resetPoint(actions, fault, half)), { do: "reset" }];
    case "cut":
      return [...actions.slice(0, Math.min(fault.after ?? half, actions.length - 1)), { do: "end" }];
    case "stall":
      return [
        ...actions.slice(0, fault.after ?? half),
        { do: "stall", ...(fault.pingEveryMs === undefined ? {} : { pingEveryMs: fault.pingEveryMs }) },
      ];
    case "unknown-event":
      return [...actions.slice(0, 2), send("novelty", { type: "novelty", anything: { goes: 1 } }), ...actions.slice(2)];
    case "unknown-delta":
      return [
        ...actions.slice(0, 2),
        send("content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "novel_delta", new: 1 } }),
        ...actions.slice(2),
      ];
    default:
      return actions;
  }
}

function resetPoint(actions: readonly Action[], fault: Extract<Fault, { kind: "reset" }>, half: number): number {
  switch (fault.at) {
    case "before-headers":
    case "after-headers":
      return 0;
    case "after-events":
      return fault.after ?? half;
    case "in-tool-json": {
      const json = actions.flatMap((a, index) =>
        a.do === "send" && a.data.includes("input_json_delta") ? [index] : [],
      );
      return (json[Math.ceil(json.length / 2)] ?? half) + 1;
    }
  }
}

/** Breaks the input of the last call off in the middle; what follows that call is lost. */
function cutCall(blocks: readonly ReplyBlock[]): readonly ReplyBlock[] {
  const last = blocks.findLastIndex((block) => block.type === "tool_use");
  const block = blocks[last];
  if (block?.type !== "tool_use") return blocks;
  const json =
    typeof block.json === "string" ? block.json : (block.json?.join("") ?? JSON.stringify(block.input ?? {}));
  return [...blocks.slice(0, last), { ...block, json: json.slice(0, Math.max(1, Math.floor(json.length * 0.6))) }];
}

function retryAfter(form: "seconds" | "date" | "ms", seconds: number, clock: Clock): Readonly<Record<string, string>> {
  switch (form) {
    case "seconds":
      return { "retry-after": String(seconds) };
    case "date":
      return { "retry-after": new Date(clock.now() + seconds * 1000).toUTCString() };
    case "ms":
      return { "retry-after-ms": String(Math.round(seconds * 1000)), "retry-after": String(Math.ceil(seconds)) };
  }
}

function send(event: string, data: object): Action {
  return { do: "send", event, data: JSON.stringify(data) };
}
