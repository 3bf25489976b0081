/**
 * Everything that can go wrong between the loop and a model, as data: what happened, what to do, whether to try again.
 * Decided on status and type; the server's words are a hint where the API itself uses one type for several causes.
 */
import { hostOf } from "./base-url";
import { codeOfVendor, statusOfCode } from "./error-codes";
import { accessFrom, causesOf, parseError, retryAfterMs, type Said, usedUpUntil } from "./error-shapes";
import { longestWaitMs } from "./retry";
import type { Failure, FailureCode, KeyConfig, ModelChoice } from "./types";

/** A server's refusal as it came: an HTTP answer other than 2xx, or an `error` event inside a stream (no status). */
export type Refusal = {
  readonly status?: number;
  readonly headers: Headers;
  /** The body, or the data of the event. Anything from nothing to a web page. */
  readonly text: string;
};

/** @param now milliseconds since 1970, to turn a `retry-after` date into a wait. */
export function refusal(answer: Refusal, choice: ModelChoice, now: number): Failure {
  const said = parseError(answer.text);
  const code = codeOf(answer.status, said, choice);
  const requestId = answer.headers.get("request-id") ?? said.requestId;
  const resetAt = code === "spend-limit" ? accessFrom(said.message ?? "") : undefined;
  return {
    ...wordsFor(code, choice, answer),
    ...actFor(code, answer, waitMs(code, answer.headers, now)),
    ...(resetAt === undefined ? {} : { resetAt }),
    ...(answer.status === undefined ? {} : { statusCode: answer.status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...quoted(said.message ?? answer.text),
  };
}

/** An answer of 200 that is no event stream: a web page, an answer in one piece, another API, an error after all. */
export function notAStream(answer: Refusal, choice: ModelChoice, now: number): Failure {
  const { headers, text } = answer;
  if (parseError(text).isError) return refusal({ headers, text }, choice, now);
  const type = headers.get("content-type") ?? "";
  const what = type.includes("html")
    ? "a web page instead of"
    : type.includes("json")
      ? "plain JSON instead of"
      : "something other than";
  return {
    code: "not-an-api",
    message: `${endpoint(choice)} answers with ${what} the Messages API's stream of events.`,
    ...checkBaseUrl(choice),
    act: "give-up",
    statusCode: answer.status ?? 200,
    ...quoted(text),
  };
}

/** No answer at all: what the network said, from the chain of causes of the error that `fetch` threw. */
export function connectionFailure(error: unknown, choice: ModelChoice): Failure {
  const causes = causesOf(error);
  const codes = causes.map((cause) => cause.code);
  const host = hostOf(choice.key.baseUrl);
  const telling = causes.filter((cause) => cause.code !== "");
  const details = quoted((telling.length > 0 ? telling : causes).map((cause) => cause.text).join("; "));
  const unreachable = { code: "unreachable", action: "open-settings", act: "retry", ...details } as const;
  const addressAdvice = `Check the network, and the baseUrl of key "${choice.key.id}" in the settings.`;
  if (codes.some((code) => /^(?:ENOTFOUND|EAI_|ENODATA)/.test(code))) {
    return { ...unreachable, message: `There is no server by the name ${host}, or no network.`, advice: addressAdvice };
  }
  if (codes.includes("ECONNREFUSED")) {
    const advice = `Start the server, or correct the baseUrl of key "${choice.key.id}" in the settings.`;
    return { ...unreachable, message: `Nothing answers at ${host}: the connection was refused.`, advice };
  }
  if (codes.some((code) => /CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL|^EPROTO$|UNABLE_TO/.test(code))) {
    const message = `No secure connection to ${host} could be made.`;
    const advice =
      "Check that the baseUrl is right, and that this machine trusts the certificate of the server or proxy.";
    return { ...unreachable, act: "give-up", message, advice };
  }
  if (codes.some((code) => /^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/.test(code))) return { ...stalled(choice), ...details };
  if (codes.some((code) => /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(code)))
    return { ...cutOff(choice), ...details };
  return { ...unreachable, message: `${host} could not be reached.`, advice: addressAdvice };
}

/** The answer ended before it was complete, or became unreadable. */
export function cutOff(choice: ModelChoice, details = ""): Failure {
  return {
    code: "cut-off",
    message: `The connection to ${hostOf(choice.key.baseUrl)} broke off before the answer was complete.`,
    advice: "Continue asks for the answer again; nothing before it is lost.",
    action: "resume",
    act: "retry",
    ...quoted(details),
  };
}

export function stalled(choice: ModelChoice): Failure {
  return {
    code: "stalled",
    message: `${hostOf(choice.key.baseUrl)} stopped answering in the middle of a request.`,
    advice: "Continue asks for the answer again; nothing before it is lost.",
    action: "resume",
    act: "retry",
  };
}

export function aborted(): Failure {
  return { code: "aborted", message: "The request was stopped.", act: "give-up" };
}

export function noKey(key: KeyConfig): Failure {
  const env = key.env === undefined ? "" : `, and the environment variable ${key.env} is not set`;
  return {
    code: "no-key",
    message: `No API key is set for "${key.id}" at ${hostOf(key.baseUrl)}${env}.`,
    advice: "Set the API key, then continue.",
    action: "set-api-key",
    act: "give-up",
  };
}

/** The editor's own models outside the editor. */
export function noEditor(choice: ModelChoice): Failure {
  return {
    code: "unreachable",
    message: `${choice.model === "" ? "These models belong" : `The model "${choice.model}" belongs`} to VS Code and can only be used inside VS Code.`,
    advice: "Choose a model of another key in dispatch.models, then continue.",
    action: "open-settings",
    act: "give-up",
  };
}

/** The secret can't be sent in a header, so it was pasted wrong. Nothing was sent. */
export function unusableKey(key: KeyConfig): Failure {
  return {
    code: "bad-key",
    message: `The API key for "${key.id}" has a space, a line break or another character that no key has.`,
    advice: "Set the API key again.",
    action: "set-api-key",
    act: "give-up",
  };
}

export function unreadableKey(key: KeyConfig, error: unknown): Failure {
  return {
    code: "no-key",
    message: `The API key for "${key.id}" could not be read from the secret storage.`,
    advice: "Unlock the system's keyring or set the API key again, then continue.",
    action: "set-api-key",
    act: "give-up",
    ...quoted(error instanceof Error ? error.message : String(error)),
  };
}

// ---- which cause it is -----------------------------------------------------------------------------------------

const spendCodes = /^(?:enforced|contract|linked_organization)_spend_limit_reached$/;

function codeOf(given: number | undefined, said: Said, { key, model }: ModelChoice): FailureCode {
  const hint = said.message?.toLowerCase() ?? "";
  const status = given ?? statusOfCode(said.code);
  const own = codeOfVendor(said, key.provider);
  if (own !== undefined) return own;
  if (said.errorCode !== undefined && spendCodes.test(said.errorCode)) return "spend-limit";
  switch (status ?? statusOfType(said.type)) {
    case 400:
    case 422:
      if (!said.isJson) return "not-an-api";
      if (hint.includes("credit balance")) return "no-credit";
      if (hint.includes("usage limits")) return "spend-limit";
      if (/prompt is too long|context (?:window|limit|length|size)/.test(hint)) return "context-full";
      if (/\bimage\b|image_/i.test(said.message ?? "")) return "image-refused";
      return /`signature` in `thinking`|`thinking` or `redacted_thinking` blocks/.test(said.message ?? "")
        ? "thinking-refused"
        : "bad-request";
    case 401:
      return "bad-key";
    case 402:
      return "no-credit";
    case 403:
      return said.isJson ? "bad-key" : "not-an-api";
    case 404:
      return said.isJson && (hint.includes("model") || hint.includes(model.toLowerCase()))
        ? "unknown-model"
        : "not-an-api";
    case 407:
      return "unreachable";
    case 413:
      return "too-large";
    case 429:
      return hint.includes("usage limits") ? "spend-limit" : "rate-limit";
    case 501:
      return "not-an-api";
    case 529:
      return "overloaded";
    default:
      return codeOfRest(status, said);
  }
}

function codeOfRest(status: number | undefined, said: Said): FailureCode {
  if (said.type === "overloaded_error") return "overloaded";
  if (status === undefined || status >= 500 || status === 408 || status === 409) return "server-error";
  return status >= 400 && status !== 405 && said.isJson ? "bad-request" : "not-an-api";
}

/** The status that goes with a type, for errors inside a stream, which have none. Unknown types count as 500. */
function statusOfType(type: string | undefined): number {
  switch (type) {
    case "invalid_request_error":
      return 400;
    case "authentication_error":
      return 401;
    case "billing_error":
      return 402;
    case "permission_error":
      return 403;
    case "not_found_error":
      return 404;
    case "request_too_large":
      return 413;
    case "rate_limit_error":
      return 429;
    case "overloaded_error":
      return 529;
    default:
      return 500;
  }
}

// ---- what to say -----------------------------------------------------------------------------------------------

type Words = Pick<Failure, "code" | "message" | "advice" | "action">;

function wordsFor(code: FailureCode, choice: ModelChoice, answer: Refusal): Words {
  const host = hostOf(choice.key.baseUrl);
  const key = `"${choice.key.id}"`;
  switch (code) {
    case "bad-key":
      return answer.status === 403
        ? words(
            code,
            `The API key ${key} is not allowed to do this at ${host}.`,
            "Set a key that may use this model, then continue.",
            "set-api-key",
          )
        : words(
            code,
            `${host} does not accept the API key ${key}.`,
            "Set the API key again, then continue.",
            "set-api-key",
          );
    case "no-credit":
      return words(
        code,
        `The account behind the API key ${key} has no credit left, or a problem with its billing.`,
        "Add credit with the provider, or set another key, then continue.",
        "set-api-key",
      );
    case "spend-limit":
      return words(
        code,
        `The account behind the API key ${key} has reached its spending limit.`,
        "Raise the limit with the provider, or set another key, then continue.",
        "set-api-key",
      );
    case "rate-limit":
      return words(
        code,
        `The rate limit of the API key ${key} is used up for the moment.`,
        "Wait a little, then continue.",
        "resume",
      );
    case "overloaded":
      return words(code, `${host} is overloaded at the moment.`, "Wait a little, then continue.", "resume");
    case "server-error":
      return words(
        code,
        `${host} failed to answer${statusIn(answer)}.`,
        "This is a fault on the server's side; wait a little, then continue.",
        "resume",
      );
    case "unknown-model":
      return words(
        code,
        `${host} does not know the model "${choice.model}", or the key ${key} may not use it.`,
        "Correct the model in dispatch.models in the settings, then continue.",
        "open-settings",
      );
    case "bad-request":
    case "image-refused":
    case "thinking-refused":
      return words(
        code,
        `${host} refused the request as invalid${statusIn(answer)}.`,
        "The details say what it objects to; the log has the request's id.",
        "show-log",
      );
    case "too-large":
      return words(
        code,
        `The conversation is larger than ${host} accepts in one request.`,
        "Start a new tab and say in one message what matters from this one.",
      );
    case "context-full":
      return words(
        code,
        "The conversation has filled the model's context window.",
        "Start a new tab and say in one message what matters from this one.",
      );
    case "unreachable":
      return words(
        code,
        `A proxy on the way to ${host} asks for a login.`,
        "Set the proxy and its login in the editor's settings (http.proxy).",
        "open-settings",
      );
    default:
      return { code: "not-an-api", message: notAnApi(choice, answer), ...checkBaseUrl(choice) };
  }
}

function words(code: FailureCode, message: string, advice: string, action?: NonNullable<Failure["action"]>): Words {
  return { code, message, advice, ...(action === undefined ? {} : { action }) };
}

function notAnApi(choice: ModelChoice, answer: Refusal): string {
  const target = answer.headers.get("location");
  const from = endpoint(choice);
  if (answer.status !== undefined && answer.status >= 300 && answer.status < 400 && target !== null) {
    const host = URL.canParse(target, from) ? new URL(target, from).host : "another address";
    return `${from} redirects to ${host}, which is not followed because the API key would go along.`;
  }
  return `There is no Messages API at ${from}${statusIn(answer)}.`;
}

function checkBaseUrl(choice: ModelChoice) {
  return { advice: `Check the baseUrl of key "${choice.key.id}" in the settings.`, action: "open-settings" } as const;
}

function endpoint(choice: ModelChoice): string {
  return `${choice.key.baseUrl}/v1/messages`;
}

function statusIn(answer: Refusal): string {
  return answer.status === undefined ? "" : ` (status ${answer.status})`;
}

// ---- whether to try again --------------------------------------------------------------------------------------

/** A time that has passed is none: a server that named it again and again would be asked without any pause. */
function waitMs(code: FailureCode, headers: Headers, now: number): number | undefined {
  const asked = retryAfterMs(headers, now);
  const full = asked === undefined && code === "rate-limit" ? usedUpUntil(headers) : undefined;
  const wait = full === undefined ? asked : full - now;
  return wait === undefined || wait <= 0 ? undefined : wait;
}

type Act = Pick<Failure, "act" | "retryAfterMs" | "advice">;

/** `x-should-retry: false` ends what would be tried again; `true` is not obeyed for what trying can't mend. */
function actFor(code: FailureCode, answer: Refusal, wait: number | undefined): Partial<Act> & Pick<Act, "act"> {
  const transient = code === "rate-limit" || code === "overloaded" || code === "server-error";
  if (!transient || answer.headers.get("x-should-retry") === "false") return { act: "give-up" };
  if (wait === undefined) return { act: "retry" };
  if (wait <= longestWaitMs) return { act: "retry", retryAfterMs: wait };
  return { act: "give-up", retryAfterMs: wait, advice: `It asks to wait ${inWords(wait)}; continue after that.` };
}

/** A wait as a sentence says it. */
export function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 90) return `${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.ceil(hours / 24)} days`;
}

function quoted(text: string): { readonly details?: string } {
  const trimmed = text.trim();
  return trimmed === "" ? {} : { details: trimmed };
}
