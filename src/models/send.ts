/** Sends a request body as it is, and tells apart every way in which that can fail. The one runtime use of the SDK. */
import { BaseAnthropic } from "@anthropic-ai/sdk/client";
import { hostOf } from "./base-url";
import { usedUpUntil } from "./error-shapes";
import type { Refusal } from "./errors";
import {
  aborted,
  connectionFailure,
  noEditor,
  noKey,
  notAStream,
  refusal,
  stalled,
  unreadableKey,
  unusableKey,
} from "./errors";
import { type Lifeline, openLifeline } from "./lifeline";
import { needsSecret, profileOf } from "./profiles";
import { redact, redactFailure } from "./redact";
import { headersFor } from "./request-headers";
import { readEvents } from "./stream";
import type { Failure, KeyConfig, ModelChoice, Reply, SendRequest } from "./types";

export { failureOf } from "./stream";

export type SenderOptions = {
  /** Asked for each request; undefined or empty when none is set. */
  readonly secret: (key: KeyConfig) => Promise<string | undefined>;
  /** Milliseconds from sending to the head of the answer, an error's body included. Default: as the server's profile says. */
  readonly headTimeoutMs?: number;
  /** Milliseconds without any event, pings included, after which a stream counts as stalled. Default: the same. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds with nothing but pings after which a stream counts as stalled. Default: 600,000. */
  readonly pingOnlyTimeoutMs?: number;
  /** Who sends what goes over no wire: the editor has its own models. Absent: they are not to be had here. */
  readonly others?: { readonly vscode?: SendRequest };
  /** For the output channel. Gets no secret and nothing of the conversation. */
  readonly log?: (level: "info" | "warn", message: string) => void;
};

/**
 * @returns a function that sends one request, once: what is tried again, and when, is the loop's to decide.
 *   Headers are those of the server's profile. The key goes to the key's own base URL only: redirects are not followed, nothing is taken from the environment.
 */
export function createSender(options: SenderOptions): SendRequest {
  return async (body, choice, signal) => {
    if (choice.key.provider === "vscode") {
      const editor = options.others?.vscode;
      return editor === undefined ? { ok: false, failure: noEditor(choice) } : editor(body, choice, signal);
    }
    const started = performance.now();
    const life = openLifeline(signal);
    const secret = await readSecret(options, choice.key, life);
    const reply =
      typeof secret === "string"
        ? await send(body, choice, secret, life, options)
        : ({ ok: false, failure: secret } as const);
    if (!reply.ok) life.close();
    options.log?.(reply.ok ? "info" : "warn", logLine(choice, reply, performance.now() - started));
    return reply;
  };
}

/** @returns "" where the server needs none and none is set. */
async function readSecret(options: SenderOptions, key: KeyConfig, life: Lifeline): Promise<string | Failure> {
  try {
    // A locked keyring asks the person, for as long as they like: Stop must not wait for that.
    const secret = (await Promise.race([options.secret(key), whenCut(life)]))?.trim();
    if (life.cause() !== undefined) return aborted();
    if (secret === undefined || secret === "") return needsSecret(key) ? noKey(key) : "";
    return /^[\x21-\x7e]+$/.test(secret) ? secret : unusableKey(key);
  } catch (error) {
    return unreadableKey(key, error);
  }
}

function whenCut(life: Lifeline): Promise<undefined> {
  const { signal } = life.controller;
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));
}

async function send(
  body: string,
  choice: ModelChoice,
  secret: string,
  life: Lifeline,
  options: SenderOptions,
): Promise<Reply> {
  const failed = (failure: Failure): Reply => ({ ok: false, failure: redactFailure(failure, secret) });
  const { patienceMs } = profileOf(choice.key);
  life.expect(options.headTimeoutMs ?? patienceMs);
  const answer = await post(body, choice, secret, life);
  life.relax();
  switch (life.cause()) {
    case "aborted":
      return failed(aborted());
    case "stalled":
      return failed(stalled(choice));
    case undefined:
      break;
  }
  switch (answer.kind) {
    case "stream": {
      const { headers } = answer.response;
      const requestId = headers.get("request-id");
      const account = profileOf(choice.key).accountHeaders ? accountOf(headers, secret) : undefined;
      const limitedUntil = usedUpUntil(headers);
      const limits = {
        idleMs: options.idleTimeoutMs ?? patienceMs,
        pingOnlyMs: options.pingOnlyTimeoutMs ?? 600_000,
      };
      const events = readEvents(answer.response, choice, life, limits, (failure) => redactFailure(failure, secret));
      return {
        ok: true,
        ...(requestId === null ? {} : { requestId }),
        ...(account === undefined ? {} : { account }),
        ...(limitedUntil === undefined ? {} : { limitedUntil }),
        events,
      };
    }
    case "refused":
      if (answer.status === 401 && secret === "") return failed({ ...noKey(choice.key), statusCode: 401 });
      return failed(answer.ok ? notAStream(answer, choice, Date.now()) : refusal(answer, choice, Date.now()));
    case "unanswered":
      return failed(connectionFailure(answer.error, choice));
  }
}

// ---- the request -----------------------------------------------------------------------------------------------

type Answer =
  | { readonly kind: "stream"; readonly response: Response }
  | ({ readonly kind: "refused"; readonly ok: boolean } & Refusal)
  | { readonly kind: "unanswered"; readonly error: unknown };

async function post(body: string, choice: ModelChoice, secret: string, life: Lifeline): Promise<Answer> {
  let refused: Answer | undefined;
  const client = new BaseAnthropic({
    apiKey: "never sent", // headersFor has the last word; without one the SDK would look in the environment
    baseURL: choice.key.baseUrl,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
    fetch: async (url, init) => {
      const headers = headersFor(choice.key, secret, init?.headers);
      const response = await fetch(url, { ...init, headers, redirect: "manual" });
      if (isEventStream(response)) return response;
      const { ok, status } = response;
      refused = { kind: "refused", ok, status, headers: response.headers, text: await headOf(response) };
      throw new Error("The answer is not an event stream.");
    },
  });
  try {
    const response = await client
      .post("/v1/messages", {
        body,
        headers: { "content-type": "application/json" },
        stream: true,
        signal: life.controller.signal,
      })
      .asResponse();
    return { kind: "stream", response };
  } catch (error) {
    return refused ?? { kind: "unanswered", error };
  }
}

/** What is no plausible id, or holds the key that a server has sent back, is left out: it would go into the log. */
function accountOf(headers: Headers, secret: string): string | undefined {
  const [organisation, workspace] = ["anthropic-organization-id", "anthropic-workspace-id"].map((name) => {
    const value = headers.get(name);
    return value !== null && /^[\w.:-]{1,100}$/.test(value) && redact(value, secret) === value ? value : undefined;
  });
  if (organisation === undefined) return undefined;
  return workspace === undefined ? organisation : `${organisation}/${workspace}`;
}

/** A server that names no type gets the benefit of the doubt. */
function isEventStream(response: Response): boolean {
  const type = response.headers.get("content-type");
  return response.ok && response.body !== null && (type === null || type.includes("text/event-stream"));
}

/** The first 64 KiB of a body; an error page may be of any size. */
async function headOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      bytes += chunk.length;
      if (bytes >= 65_536) break;
    }
  } catch {
    // The status says more than the reason why the rest of the page is missing.
  }
  return text;
}

function logLine(choice: ModelChoice, reply: Reply, ms: number): string {
  const head = `${choice.model} at ${hostOf(choice.key.baseUrl)}, ${Math.round(ms)} ms`;
  if (reply.ok) return `${head}: streaming, request ${reply.requestId ?? "without id"}`;
  const { code, statusCode, requestId, message } = reply.failure;
  return `${head}: ${[code, statusCode, requestId, message].filter((part) => part !== undefined).join(", ")}`;
}
