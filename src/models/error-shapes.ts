/** Reads what servers and the network say when something goes wrong, whatever its shape. No judgement, no sentences. */

export type Said = {
  /** The API's error type, e.g. `rate_limit_error`; absent when the answer is not in its shape. */
  readonly type?: string;
  readonly errorCode?: string;
  /** A code of the server's own (`1305`), or a status where there is no other. */
  readonly code?: string;
  readonly message?: string;
  readonly requestId?: string;
  /** It says itself that it is an error, in whatever shape. */
  readonly isError: boolean;
  /** JSON of any shape; an edge or a proxy answers with HTML or nothing. */
  readonly isJson: boolean;
};

export type Cause = { readonly code: string; readonly text: string };

/**
 * The API's own shape, `{error: "text"}` (Ollama), `{error: {code, message, metadata}}` (OpenRouter), `{code, msg}` (Z.ai),
 * `{message}`, `{detail}`, a web page, nothing: whatever is there is taken.
 */
export function parseError(text: string): Said {
  const body = parseJson(text);
  if (!isFields(body)) return { isJson: body !== undefined, isError: false };
  const inner = isFields(body.error) ? body.error : body;
  const extra = isFields(inner.details) ? inner.details : {};
  const texts = [inner.message, body.error, body.message, body.msg, body.detail];
  const message = texts.find((value) => typeof value === "string");
  const code = typeof inner.code === "number" || typeof inner.code === "string" ? String(inner.code) : undefined;
  const behind = isFields(inner.metadata) && typeof inner.metadata.raw === "string" ? `: ${inner.metadata.raw}` : "";
  return {
    isJson: true,
    isError: isFields(body.error) || typeof body.error === "string" || body.success === false,
    ...(code === undefined ? {} : { code }),
    ...(inner !== body && typeof inner.type === "string" ? { type: inner.type } : {}),
    ...(typeof extra.error_code === "string" ? { errorCode: extra.error_code } : {}),
    ...(typeof message === "string" ? { message: message + behind } : {}),
    ...(typeof body.request_id === "string" ? { requestId: body.request_id } : {}),
  };
}

/** @returns milliseconds from `retry-after-ms`, else `retry-after` (seconds or an HTTP date); undefined when neither helps. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const exact = number(headers.get("retry-after-ms"));
  if (exact !== undefined) return Math.round(exact);
  const after = headers.get("retry-after");
  const seconds = number(after);
  if (seconds !== undefined) return Math.round(seconds * 1000);
  const date = after === null ? Number.NaN : Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * @returns when the limits that are used up are full again, from the `anthropic-ratelimit-*` headers, in milliseconds
 *   since 1970; undefined when none is used up.
 */
export function usedUpUntil(headers: Headers): number | undefined {
  const resets = [...headers].flatMap(([name, value]) => {
    const limit = /^(anthropic-ratelimit-.+)-remaining$/.exec(name)?.[1];
    if (limit === undefined || value.trim() !== "0") return [];
    const reset = Date.parse(headers.get(`${limit}-reset`) ?? "");
    return Number.isNaN(reset) ? [] : [reset];
  });
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** "You will regain access on 2026-12-01 at 00:00 UTC." @returns milliseconds since 1970. */
export function accessFrom(message: string): number | undefined {
  const found = /regain access on (\d{4}-\d{2}-\d{2})(?: at (\d{2}:\d{2}))?/i.exec(message);
  const time = found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2] ?? "00:00"}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Outermost first. `AggregateError` (one address of several) counts by its members. */
export function causesOf(error: unknown, depth = 0): readonly Cause[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const members = error instanceof AggregateError ? error.errors : [];
  const inner = [error.cause, ...members].flatMap((cause) => causesOf(cause, depth + 1));
  return [{ code, text: error.message || code }, ...inner];
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
