/** One POST /v1/messages or count_tokens, from its bytes to its answer, with everything it goes through on the way. */
import type { ServerResponse } from "node:http";
import type { Cache, CachePlan } from "./cache";
import type { Diagnostics } from "./diagnostics";
import { alterReply, alterStream, type Refusal, refusalOf } from "./faults";
import type { RateLimits } from "./limits";
import { findModel, type Model } from "./models";
import { contentJson, render, type SentMessage } from "./reply";
import type { MutableRequest, RequestLog } from "./requests";
import { applies, type Choice, chooseReply, type FaultRule, type Scenario } from "./scenario";
import { type Layout, layOut } from "./segments";
import { canonical, type Signer } from "./signatures";
import { localModel, type Skin } from "./skins";
import { eventsOf, pause, play } from "./sse";
import {
  badRequest,
  type Clock,
  type Fields,
  isFields,
  type Problem,
  type SentUsage,
  textOf,
  type Usage,
} from "./types";
import { checkBetas, checkHeaders, checkTools, checkTopLevel, type Endpoint, keyOf } from "./validate";
import { checkMarkers, checkMessages } from "./validate-messages";

/** What all requests share. */
export type World = {
  readonly clock: Clock;
  readonly skin: Skin;
  readonly scenario: () => Scenario;
  readonly faults: readonly FaultRule[];
  readonly pace: number;
  readonly cache: Cache;
  readonly signer: Signer;
  readonly limits: RateLimits;
  readonly diagnostics: Diagnostics;
  readonly log: RequestLog;
  readonly accepts: (key: string) => boolean;
  readonly accountOf: (key: string) => string;
  /** Contents that went out with pause_turn and may therefore end a request. */
  readonly paused: Set<string>;
  readonly modelsPerPage: number;
  /** Numbers the requests to /v1/messages. */
  readonly nextRequest: () => number;
};

type Accepted = {
  readonly body: Fields;
  readonly model: Model;
  readonly layout: Layout;
  readonly dropped: readonly Fields[];
};

/** Answers and never throws; the record tells the end. */
export async function exchange(
  world: World,
  record: MutableRequest,
  endpoint: Endpoint,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const key = keyOf(record.headers);
  const account = world.accountOf(key);
  const accepted = accept(world, record, endpoint, account);
  if ("problem" in accepted) return refuse(world, record, response, accepted.problem);
  const { body, layout, model } = accepted;
  if (endpoint === "count_tokens") {
    const tokens = layout.segments.reduce((sum, segment) => sum + segment.tokens, 0);
    return respond(record, response, 200, {}, JSON.stringify({ input_tokens: tokens }));
  }
  world.log.place(record, layout, body);
  // Before anything is waited for: lifetimes count from the start of the request, and parallel ones must not see each other.
  const plan = world.cache.plan(layout, body, model, account);
  const circumstances = { key, attempt: record.attempt, request: world.nextRequest() };
  const chosen = await choose(world, body, circumstances);
  if ("problem" in chosen) return refuse(world, record, response, chosen.problem);
  const scope = `${account} ${model.id}`;
  const limited = world.limits.take(scope, plan.total - plan.read);
  for (const [name, value] of Object.entries(world.limits.headers(scope))) response.setHeader(name, value);
  if (limited !== undefined) return refuse(world, record, response, limited);
  const refusal = chosen.fault === undefined ? undefined : refusalOf(chosen.fault, world.clock);
  if (refusal !== undefined) return refuse(world, record, response, refusal);
  await answer(world, record, accepted, plan, account, chosen, response, signal);
  world.limits.spend(scope, record.usage?.output_tokens ?? 0);
}

/** Sends an error in the shape of the skin, and notes it. */
export function refuse(world: World, record: MutableRequest, response: ServerResponse, refusal: Refusal): void {
  const { status, type, message, headers } = refusal;
  record.error = { type, message };
  record.outcome = "refused";
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  record.status = status;
  if (refusal.html !== undefined) {
    response.writeHead(status, { "content-type": "text/html" }).end(refusal.html);
    return;
  }
  const whole = { api: apiError, text: textError, openai: openaiError }[world.skin.errors](refusal, record.requestId);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(whole));
}

function apiError({ type, message, details }: Refusal, requestId: string): Fields {
  const error = { type, message, ...(details === undefined ? {} : { details }) };
  return { type: "error", error, request_id: requestId };
}

function textError({ message }: Refusal): Fields {
  return { error: message };
}

function openaiError({ status, message }: Refusal): Fields {
  return { error: { message, type: "BadRequestError", param: null, code: status } };
}

export function respond(
  record: MutableRequest,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  record.status = status;
  record.outcome = "complete";
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
}

function accept(
  world: World,
  record: MutableRequest,
  endpoint: Endpoint,
  account: string,
): Accepted | { readonly problem: Refusal } {
  const body = parse(record.body);
  if (typeof body === "string") return { problem: badRequest(body) };
  const version = textOf(record.headers["anthropic-version"]);
  const early = first(checkRequest(world, record, body, endpoint, version));
  if (early !== undefined) return { problem: early };
  const model = findModel(textOf(body.model)) ?? localModel(textOf(body.model));
  const layout = layOut(record.body, body);
  if (world.skin.local) {
    const problem = world.skin.strictContext ? first(checkContext(body, layout, model, world.skin)) : undefined;
    return problem === undefined ? { body, model, layout, dropped: [] } : { problem };
  }
  const markers = first(checkMarkers(layout));
  if (markers !== undefined) return { problem: markers };
  const signatures = world.signer.check(body, model, account);
  if (signatures.problem !== undefined) {
    const { message, pattern } = signatures.problem;
    const headers = pattern === undefined ? {} : { "anthropic-thinking-prefix-mismatch": pattern };
    return { problem: { ...badRequest(message), headers } };
  }
  const overflow = first(checkContext(body, layout, model, world.skin));
  return overflow === undefined ? { body, model, layout, dropped: signatures.dropped } : { problem: overflow };
}

function* checkRequest(
  world: World,
  record: MutableRequest,
  body: Fields,
  endpoint: Endpoint,
  version: string,
): Generator<Problem> {
  yield* checkHeaders(record.headers, world.skin, world.accepts);
  if (!world.skin.local) {
    yield* checkTopLevel(body, endpoint, version);
    yield* checkBetas(record.headers, body);
  }
  yield* world.skin.check(body);
  if (world.skin.local) return;
  yield* checkTools(body);
  yield* checkMessages(body, (content) => world.paused.has(canonical(content)));
}

function* checkContext(body: Fields, layout: Layout, model: Model, skin: Skin): Generator<Problem> {
  const total = layout.segments.reduce((sum, segment) => sum + segment.tokens, 0);
  const limit = model.contextTokens;
  const max = typeof body.max_tokens === "number" ? body.max_tokens : 0;
  if (skin.strictContext && total + max > limit) {
    yield `input length and \`max_tokens\` exceed context limit: ${total} + ${max} > ${limit}, decrease input length or \`max_tokens\` and try again`;
  }
  if (total > limit) yield `prompt is too long: ${total} tokens > ${limit} maximum`;
}

async function choose(
  world: World,
  body: Fields,
  circumstances: { readonly key: string; readonly attempt: number; readonly request: number },
): Promise<Choice | { readonly problem: Refusal }> {
  try {
    const chosen = await chooseReply(world.scenario(), body, circumstances);
    if ("missing" in chosen) return { problem: badRequest(`simulator: ${chosen.missing}`) };
    const { request, reply } = chosen;
    const fault = world.faults.find((rule) => applies(rule, request))?.fault ?? chosen.fault;
    return { request, fault, reply: fault === undefined ? reply : alterReply(reply, fault) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: { status: 500, type: "api_error", message: `simulator: the scenario threw: ${message}` } };
  }
}

async function answer(
  world: World,
  record: MutableRequest,
  accepted: Accepted,
  plan: CachePlan,
  account: string,
  chosen: Choice,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { body, model, layout } = accepted;
  const { fault } = chosen;
  const seed = `${layout.segments.at(-1)?.digest} ${record.index} ${record.at}`;
  const rendered = render(chosen.reply, {
    body,
    model,
    account,
    signer: world.signer,
    seed,
    signed: !world.skin.local,
  });
  const message = limit(rendered, body, model, plan);
  if (message.stopReason === "pause_turn") world.paused.add(canonical(JSON.parse(contentJson(message))));
  const usage = usageOf(plan, message);
  const diagnostics = world.diagnostics.compare(body, layout);
  const start: Fields = {
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(accepted.dropped.length === 0 ? {} : { input_transformations: accepted.dropped }),
  };
  if (fault?.kind === "late") await pause(fault.ms, signal);
  if (fault?.kind === "reset" && fault.at === "before-headers") {
    record.outcome = "broken";
    response.socket?.resetAndDestroy();
    return;
  }
  if (signal.aborted) {
    record.outcome = "client-gone";
    return;
  }
  record.usage = usage;
  plan.commit();
  world.diagnostics.keep(message.id, body, layout);
  if (body.stream === true) {
    await stream(world, record, message, usage, start, chosen, response, signal);
  } else {
    record.billed = usage;
    respond(record, response, 200, {}, messageJson(message, usage, start, world.skin));
  }
}

async function stream(
  world: World,
  record: MutableRequest,
  message: SentMessage,
  usage: Usage,
  start: Fields,
  chosen: Choice,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { reply, fault } = chosen;
  const mode = reply.fragment ?? "default";
  const details = stopDetails(message);
  const whole = eventsOf(message, visibleUsage(usage, world.skin), mode, {
    start,
    ...(details === undefined ? {} : { stopDetails: details }),
  });
  const actions = fault === undefined ? whole : alterStream(whole, fault);
  record.status = 200;
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  response.flushHeaders();
  await play(actions, response, {
    mode,
    pace: reply.pace ?? world.pace,
    bytesPerSecond: fault?.kind === "drip" ? fault.bytesPerSecond : undefined,
    hold: reply.hold,
    signal,
    onSent: (data) => {
      const told = usageIn(JSON.parse(data));
      if (told !== undefined) record.billed = { ...record.billed, ...told };
    },
  });
  const broken = actions.some((action) => action.do !== "send");
  record.outcome = broken ? "broken" : signal.aborted && !response.writableFinished ? "client-gone" : "complete";
}

/** The counts that an event tells, so far or in the end. */
function usageIn(event: unknown): SentUsage | undefined {
  const fields = isFields(event) ? event : {};
  const message = isFields(fields.message) ? fields.message : fields;
  const usage = isFields(message.usage) ? message.usage : {};
  const count = (name: string) => (typeof usage[name] === "number" ? { [name]: usage[name] } : {});
  if (typeof usage.input_tokens !== "number" || typeof usage.output_tokens !== "number") return undefined;
  return {
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    ...count("cache_read_input_tokens"),
    ...count("cache_creation_input_tokens"),
  };
}

/** max_tokens 0 only fills the cache; an answer that does not fit into the context stops there. */
function limit(message: SentMessage, body: Fields, model: Model, plan: CachePlan): SentMessage {
  if (body.max_tokens === 0) {
    return {
      ...message,
      blocks: [],
      stopReason: "max_tokens",
      outputTokens: 0,
      thinkingTokens: 0,
      searches: 0,
      foundTokens: 0,
    };
  }
  const full = plan.total + message.outputTokens > model.contextTokens;
  return full ? { ...message, stopReason: "model_context_window_exceeded" } : message;
}

function usageOf(plan: CachePlan, message: SentMessage): Usage {
  return {
    input_tokens: plan.input + message.foundTokens,
    cache_creation_input_tokens: plan.write5m + plan.write1h,
    cache_read_input_tokens: plan.read,
    cache_creation: { ephemeral_5m_input_tokens: plan.write5m, ephemeral_1h_input_tokens: plan.write1h },
    output_tokens: message.outputTokens,
    output_tokens_details: { thinking_tokens: message.thinkingTokens },
    ...(message.searches === 0
      ? {}
      : { server_tool_use: { web_search_requests: message.searches, web_fetch_requests: 0 } }),
    service_tier: "standard",
  };
}

/** A local server counts everything as plain input and has no more to say. */
function visibleUsage(usage: Usage, skin: Skin): SentUsage {
  if (!skin.local) return usage;
  return { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens };
}

function messageJson(message: SentMessage, usage: Usage, start: Fields, skin: Skin): string {
  const details = stopDetails(message);
  const rest = {
    model: message.model,
    stop_reason: message.stopReason,
    stop_sequence: message.stopSequence,
    ...(details === undefined ? {} : { stop_details: details }),
    usage: visibleUsage(usage, skin),
    ...start,
  };
  const head = { id: message.id, type: "message", role: "assistant" };
  return `${JSON.stringify(head).slice(0, -1)},"content":${contentJson(message)},${JSON.stringify(rest).slice(1)}`;
}

function stopDetails(message: SentMessage): Fields | undefined {
  if (message.stopReason !== "refusal") return undefined;
  return { type: "refusal", category: "cyber", explanation: "This request was declined by a safety policy." };
}

/** The body's fields, or a sentence that says why there are none. */
function parse(bytes: Buffer): Fields | string {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return isFields(value) ? value : "Input should be a valid dictionary";
  } catch (error) {
    return `The request body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function first(problems: Generator<Problem>): Refusal | undefined {
  const { value, done } = problems.next();
  if (done === true || value === undefined) return undefined;
  return typeof value === "string" ? badRequest(value) : value;
}
