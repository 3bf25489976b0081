/** How the loop reaches a model, and what it learns when that fails. */
import type { ErrorAction } from "../chunks/rows";

/** A key as the settings name it. The secret is fetched when a request goes out and is never part of this. */
export type KeyConfig = {
  readonly id: string;
  readonly provider: "anthropic";
  readonly baseUrl: string;
  /** Name of the environment variable that holds the secret, when it is not in SecretStorage. */
  readonly env?: string;
};

export type ModelChoice = { readonly key: KeyConfig; readonly model: string; readonly effort?: Effort };

export type Effort = "low" | "medium" | "high" | "xhigh" | "max";

/** A failure as data: what happened, what to do, and what the loop may do about it by itself. */
export type Failure = {
  readonly code: FailureCode;
  readonly message: string;
  readonly advice?: string;
  readonly action?: ErrorAction;
  /** `retry`: the same request may be sent again after `retryAfterMs` (or a backoff). */
  readonly act: "retry" | "give-up";
  readonly retryAfterMs?: number;
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
  | { readonly ok: true; readonly requestId?: string; readonly events: AsyncIterable<WireEvent> }
  | { readonly ok: false; readonly failure: Failure };

/** Sends the body text as it is. Never throws: failures before the stream are data; those within it throw from `events`. */
export type SendRequest = (body: string, choice: ModelChoice, signal: AbortSignal) => Promise<Reply>;
