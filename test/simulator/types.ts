/** Small shared types of the simulator. It imports nothing from src/, so that it can judge what src/ sends. */

export type Fields = Readonly<Record<string, unknown>>;

/** What the simulator takes for the time: cache lifetimes, rate limits, HTTP dates. Pacing uses real timers. */
export type Clock = { readonly now: () => number };

export type ManualClock = Clock & { readonly advance: (ms: number) => void };

export type ApiError = {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly details?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A failed check: a text alone means 400 invalid_request_error. */
export type Problem = string | ApiError;

export type Usage = {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation: { readonly ephemeral_5m_input_tokens: number; readonly ephemeral_1h_input_tokens: number };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number };
  readonly server_tool_use?: { readonly web_search_requests: number; readonly web_fetch_requests: number };
  readonly service_tier: "standard";
};

/** Local servers know the two plain counters only. */
export type SentUsage = Usage | Pick<Usage, "input_tokens" | "output_tokens">;

/** A clock that stands still until it is told to move. `start` is in milliseconds since 1970. */
export function manualClock(start = Date.UTC(2026, 10, 22)): ManualClock {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function badRequest(message: string): ApiError {
  return { status: 400, type: "invalid_request_error", message };
}
