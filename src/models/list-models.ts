/** A server's list of its models, in Anthropic's shape or in OpenAI's, with what each server adds to it. */
import { hostOf } from "./base-url";
import { aborted, connectionFailure, noKey, refusal, stalled } from "./errors";
import { profileOf } from "./profiles";
import { redactFailure } from "./redact";
import { headersFor } from "./request-headers";
import { efforts, type Failure, type KeyConfig, type ModelInfo } from "./types";

export type ListOptions = {
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole list. Default: 10,000. */
  readonly timeoutMs?: number;
};

/** A list that never ends is a fault of the server's; the longest known has some hundred models. */
const mostPages = 50;
const mostBytes = 16 * 1024 * 1024;

/**
 * @param secret "" where the server needs none.
 * @returns the models in the server's order, those that are no language models left out; or why there is no list. Never
 *   rejects. The key goes to the key's own server only: redirects are not followed.
 */
export async function listModels(
  key: KeyConfig,
  secret: string,
  options: ListOptions = {},
): Promise<readonly ModelInfo[] | Failure> {
  const { models: path } = profileOf(key);
  if (path === undefined) return noList(key);
  if (secret === "" && profileOf(key).secret === "needed") return noKey(key);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const found = await allPages(key, new URL(path, `${key.baseUrl}/`), secret, signal);
    return "code" in found ? redactFailure(found, secret) : found;
  } catch (error) {
    if (options.signal?.aborted === true) return aborted();
    const choice = { key, model: "" };
    return redactFailure(timeout.aborted ? stalled(choice) : connectionFailure(error, choice), secret);
  }
}

async function allPages(
  key: KeyConfig,
  address: URL,
  secret: string,
  signal: AbortSignal,
): Promise<readonly ModelInfo[] | Failure> {
  const headers = headersFor(key, secret, { accept: "application/json" });
  const found = new Map<string, ModelInfo>();
  for (let page = 0; page < mostPages; page++) {
    const response = await fetch(address, { headers, signal, redirect: "manual" });
    const text = await bounded(response);
    if (response.status === 401 && secret === "") return { ...noKey(key), statusCode: 401 };
    if (!response.ok) return refused(key, response, text);
    const body = parsePage(text);
    if (body === undefined) return noList(key);
    const before = found.size;
    for (const model of body.models) if (!found.has(model.id)) found.set(model.id, model);
    if (body.next === undefined || found.size === before) break;
    address.searchParams.set("after_id", body.next);
  }
  return [...found.values()];
}

function refused(key: KeyConfig, response: Response, text: string): Failure {
  const { status, headers } = response;
  if (status === 404 || status === 405 || status === 501 || (status >= 300 && status < 400)) return noList(key, status);
  return refusal({ status, headers, text }, { key, model: "any model" }, Date.now());
}

function noList(key: KeyConfig, statusCode?: number): Failure {
  return {
    code: "not-an-api",
    message: `${hostOf(key.baseUrl)} has no list of its models${statusCode === undefined ? "" : ` (status ${statusCode})`}.`,
    advice: "Write the name of a model in dispatch.models in the settings.",
    action: "open-settings",
    act: "give-up",
    ...(statusCode === undefined ? {} : { statusCode }),
  };
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    if (bytes > mostBytes) break;
  }
  return text;
}

// ---- what is in a page -----------------------------------------------------------------------------------------

type Fields = Readonly<Record<string, unknown>>;

function parsePage(text: string): { readonly models: readonly ModelInfo[]; readonly next?: string } | undefined {
  const body = parseJson(text);
  const list = Array.isArray(body) ? body : isFields(body) ? (body.data ?? body.models) : undefined;
  if (!Array.isArray(list)) return undefined;
  const models = list.flatMap((item: unknown) => toModel(item) ?? []);
  const hasMore = isFields(body) && body.has_more === true && typeof body.last_id === "string";
  return { models, ...(hasMore ? { next: String(body.last_id) } : {}) };
}

/**
 * Sizes by the names that servers give them: Anthropic `max_input_tokens`, `max_tokens`; OpenRouter `context_length`,
 * `top_provider`; Vercel `context_window`; vLLM `max_model_len`; LM Studio `max_context_length`; llama.cpp `meta.n_ctx`.
 */
function toModel(item: unknown): ModelInfo | undefined {
  if (!isFields(item)) return undefined;
  const id = [item.id, item.model, item.name].find((value) => typeof value === "string" && value !== "");
  if (typeof id !== "string" || isOfAnotherKind(item.type)) return undefined;
  const top = fieldsOf(item.top_provider);
  const label = [item.display_name, item.name].find((value) => typeof value === "string" && value !== id);
  const context = [
    item.max_input_tokens,
    top.context_length,
    item.context_length,
    item.context_window,
    item.max_model_len,
    item.max_context_length,
    fieldsOf(item.meta).n_ctx,
  ].find(isCount);
  const output = [item.max_tokens, top.max_completion_tokens, item.max_output_tokens].find(isCount);
  const levels = effortsIn(fieldsOf(item.capabilities).effort);
  const retires = typeof item.retires_at === "string" ? Date.parse(item.retires_at) : Number.NaN;
  return {
    id,
    ...(typeof label === "string" ? { label } : {}),
    ...(context === undefined ? {} : { contextTokens: context }),
    ...(output === undefined ? {} : { maxOutputTokens: output }),
    ...(levels === undefined ? {} : { efforts: levels }),
    ...(Number.isNaN(retires) ? {} : { retiresAt: retires }),
  };
}

function isOfAnotherKind(type: unknown): boolean {
  return typeof type === "string" && /embed|image|video|audio|speech|transcription|rerank/i.test(type);
}

function effortsIn(value: unknown): ModelInfo["efforts"] | undefined {
  if (!isFields(value)) return undefined;
  return efforts.filter((level) => value.supported === true && fieldsOf(value[level]).supported === true);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
