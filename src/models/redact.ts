/** Keeps secrets out of what people, logs and rows get to see: servers do echo headers in their error pages. */
import type { Failure } from "./types";

const longestDetails = 2_000;
/** Below this a secret is a placeholder (`ollama`), and taking it out would only damage the text. */
const shortestSecret = 8;

/** @returns the same failure with every trace of the secret replaced, and details of at most 2,000 characters. */
export function redactFailure(failure: Failure, secret: string): Failure {
  const { advice, requestId, details } = failure;
  return {
    ...failure,
    message: redact(failure.message, secret),
    ...(advice === undefined ? {} : { advice: redact(advice, secret) }),
    ...(requestId === undefined ? {} : { requestId: redact(requestId, secret).slice(0, 200) }),
    ...(details === undefined ? {} : { details: clip(redact(details, secret)) }),
  };
}

/** @returns the text with every trace of a secret replaced. */
export function redact(text: string, secret: string): string {
  const known = secret.length < shortestSecret ? text : text.replaceAll(secret, "[secret]");
  // Other keys than the one that was sent: a gateway may show its own.
  return known.replace(/\bsk-[A-Za-z0-9_-]{8,}/g, "[secret]").replace(/\bBearer\s+[^\s"'<,;]+/gi, "Bearer [secret]");
}

function clip(text: string): string {
  return text.length <= longestDetails ? text : `${text.slice(0, longestDetails - 1)}…`;
}
