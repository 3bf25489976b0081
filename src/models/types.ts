/** How the loop reaches a model, and what it learns when that fails. */
import type { ErrorAction } from "../chunks/rows";

/** The kinds of servers that have a profile, as the settings name them. */
export const providerIds = [
  "anthropic",
  "ollama",
  "llama.cpp",
  "lm-studio",
  "vllm",
  "litellm",
  "openrouter",
  "vercel",
  "deepseek",
  "moonshot",
  "zai",
  "minimax",
  "custom",
  "vscode",
] as const;

export type ProviderId = (typeof providerIds)[number];

/** A key as the settings name it. The secret is fetched when a request goes out and is never part of this. */
export type KeyConfig = {
  readonly id: string;
  readonly provider: ProviderId;
  /** Where its requests go; for VS Code's own models a made-up address that nothing is sent to. */
  readonly baseUrl: string;
  /** Name of the environment variable that holds the secret, when it is not in SecretStorage. */
  readonly env?: string;
  readonly profile?: ProfileOverrides;
};

/** What a server accepts. Only what its profile knows is sent to it. */
export type Profile = {
  /** Its name in sentences and lists. */
  readonly label: string;
  /** Where it usually is; absent where only the settings can say it. */
  readonly baseUrl?: string;
  /** Whether it asks for a key. `optional`: one is sent where there is one. */
  readonly secret: "needed" | "optional" | "none";
  /** The header that carries the secret; never both. */
  readonly auth: "bearer" | "x-api-key";
  /** The `anthropic-version` header. */
  readonly apiVersion: "2026-10-21" | "2023-06-01" | "none";
  /** Whether marks in the body decide what it caches. */
  readonly cacheMarks: boolean;
  /** `claude`: adaptive, for the models that take it. */
  readonly thinking: "claude" | "none";
  /** The levels that may be asked for: `claude` follows the model's name. */
  readonly effort: "claude" | readonly Effort[];
  /** Tokens of one answer at most; absent: as the model's own limit allows. */
  readonly maxTokens?: number;
  /** Whether it searches the web by a tool of its own. */
  readonly webSearch: boolean;
  /** Whether it has `/v1/messages/count_tokens`. */
  readonly countTokens: boolean;
  /** Its list of models, as an address relative to the base URL; absent where none is known. */
  readonly models?: string;
  /** Whether it says why a cache was missed (`diagnostics`). */
  readonly diagnostics: boolean;
  /** Whether its models take images in tool results. */
  readonly images: boolean;
  /** Whether its answers name the organisation and the workspace of the key. */
  readonly accountHeaders: boolean;
  /** Whether it gets the headers by which the SDK describes itself and this machine. */
  readonly sdkHeaders: boolean;
  /** Milliseconds without a word from it, before an answer or within one, after which it counts as stalled. */
  readonly patienceMs: number;
  /** A model that it serves, for examples, and where the settings name none. */
  readonly exampleModel: string;
};

/** What the settings may say otherwise, for a server that differs from its profile. */
export type ProfileOverrides = Partial<
  Pick<Profile, "auth" | "apiVersion" | "cacheMarks" | "thinking" | "maxTokens" | "diagnostics" | "images"> & {
    readonly effort: readonly Effort[];
  }
>;

/** A model as a server's list names it; absent is what the list does not say. */
export type ModelInfo = {
  readonly id: string;
  readonly label?: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly efforts?: readonly Effort[];
  /** Milliseconds since 1970. */
  readonly retiresAt?: number;
};

export type ModelChoice = { readonly key: KeyConfig; readonly model: string; readonly effort?: Effort };

export const efforts = ["low", "medium", "high", "xhigh", "max"] as const;

export type Effort = (typeof efforts)[number];

/** A failure as data: what happened, what to do, and what the loop may do about it by itself. */
export type Failure = {
  readonly code: FailureCode;
  readonly message: string;
  readonly advice?: string;
  readonly action?: ErrorAction;
  /** `retry`: the same request may be sent again after `retryAfterMs` (or a backoff). */
  readonly act: "retry" | "give-up";
  readonly retryAfterMs?: number;
  /** When the server says that a spending limit ends, in milliseconds since 1970. */
  readonly resetAt?: number;
  readonly statusCode?: number;
  readonly requestId?: string;
  readonly details?: string;
};

export type FailureCode =
  | "no-key"
  | "bad-key"
  | "no-credit"
  | "spend-limit"
  | "rate-limit"
  | "overloaded"
  | "server-error"
  | "unknown-model"
  | "bad-request"
  | "thinking-refused"
  | "image-refused"
  | "too-large"
  | "context-full"
  | "unreachable"
  | "not-an-api"
  | "cut-off"
  | "stalled"
  | "aborted";

/** One server-sent event of the Messages API, parsed but not interpreted. */
export type WireEvent = Readonly<Record<string, unknown>> & { readonly type: string };

export type Reply =
  | {
      readonly ok: true;
      readonly requestId?: string;
      /** Organisation and workspace, where the server names them. */
      readonly account?: string;
      /** The answer is the last one before this time, in milliseconds since 1970: a rate limit is used up with it. */
      readonly limitedUntil?: number;
      readonly events: AsyncIterable<WireEvent>;
    }
  | { readonly ok: false; readonly failure: Failure };

/** Sends the body text as it is. Never throws: failures before the stream are data; those within it throw from `events`. */
export type SendRequest = (body: string, choice: ModelChoice, signal: AbortSignal) => Promise<Reply>;
