/** Rate limits as token buckets that refill all the time, on the injected clock. Cache reads don't count as input. */
import type { ApiError, Clock } from "./types";

export type Limits = {
  readonly requestsPerMinute: number;
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
};

export type RateLimits = {
  /** Takes one request and its uncached input; the error when a bucket does not hold that much. */
  readonly take: (scope: string, inputTokens: number) => ApiError | undefined;
  readonly spend: (scope: string, outputTokens: number) => void;
  /** The 12 anthropic-ratelimit-* headers. */
  readonly headers: (scope: string) => Readonly<Record<string, string>>;
};

type Bucket = { level: number; at: number };
type Kind = keyof Limits;

export const plentiful: Limits = {
  requestsPerMinute: 100_000,
  inputTokensPerMinute: 1_000_000_000,
  outputTokensPerMinute: 100_000_000,
};

export function createRateLimits(clock: Clock, limits: Limits): RateLimits {
  const buckets = new Map<string, Bucket>();
  return { take, spend, headers };

  function take(scope: string, inputTokens: number): ApiError | undefined {
    const wants: readonly (readonly [Kind, number, string])[] = [
      ["requestsPerMinute", 1, "requests"],
      ["inputTokensPerMinute", inputTokens, "input tokens"],
      ["outputTokensPerMinute", 1, "output tokens"],
    ];
    for (const [kind, amount, name] of wants) {
      const lack = amount - bucket(scope, kind).level;
      if (lack <= 0) continue;
      const seconds = Math.max(1, Math.ceil((lack / limits[kind]) * 60));
      return {
        status: 429,
        type: "rate_limit_error",
        message: `This request would exceed your organization's rate limit of ${limits[kind]} ${name} per minute.`,
        headers: { "retry-after": String(seconds) },
      };
    }
    bucket(scope, "requestsPerMinute").level -= 1;
    bucket(scope, "inputTokensPerMinute").level -= inputTokens;
    return undefined;
  }

  function spend(scope: string, outputTokens: number): void {
    bucket(scope, "outputTokensPerMinute").level -= outputTokens;
  }

  function headers(scope: string): Readonly<Record<string, string>> {
    const input = state(scope, "inputTokensPerMinute");
    const output = state(scope, "outputTokensPerMinute");
    const both = {
      limit: input.limit + output.limit,
      remaining: input.remaining + output.remaining,
      reset: Math.max(input.reset, output.reset),
    };
    return Object.fromEntries(
      Object.entries({
        requests: state(scope, "requestsPerMinute"),
        tokens: both,
        "input-tokens": input,
        "output-tokens": output,
      }).flatMap(([name, { limit, remaining, reset }]) => [
        [`anthropic-ratelimit-${name}-limit`, String(limit)],
        [`anthropic-ratelimit-${name}-remaining`, String(remaining)],
        [`anthropic-ratelimit-${name}-reset`, new Date(reset).toISOString().replace(/\.\d+Z$/, "Z")],
      ]),
    );
  }

  function state(scope: string, kind: Kind) {
    const limit = limits[kind];
    const { level } = bucket(scope, kind);
    return {
      limit,
      remaining: Math.max(0, Math.floor(level)),
      reset: clock.now() + Math.ceil(((limit - level) / limit) * 60_000),
    };
  }

  function bucket(scope: string, kind: Kind): Bucket {
    const key = `${scope} ${kind}`;
    const now = clock.now();
    const limit = limits[kind];
    const found = buckets.get(key) ?? { level: limit, at: now };
    found.level = Math.min(limit, found.level + ((now - found.at) / 60_000) * limit);
    found.at = now;
    buckets.set(key, found);
    return found;
  }
}
