/**
 * One step's answer: a request, its stream, and as many attempts as it takes. A failed attempt leaves no row behind,
 * only its request record. The rows of the answer are sealed once, when the response has ended with `message_stop`.
 */
import { explode, resultDraft, type StepBlock } from "../chunks/explode";
import type { Draft, ErrorData, ToolCall } from "../chunks/rows";
import { accountOfKey } from "../models/base-url";
import { aborted, cutOff } from "../models/errors";
import { headFor } from "../models/head";
import { profileOf } from "../models/profiles";
import { retryDelay } from "../models/retry";
import { failureOf } from "../models/send";
import type { Failure, ModelChoice } from "../models/types";
import type { RequestRecord } from "../store/types";
import type { BodyOptions } from "../wire/assemble";
import { RENDERER_VERSION } from "../wire/render";
import { endOfStream, readEvent, type StreamResult, type StreamState, startOfStream } from "../wire/stream";
import { isClosing } from "./closing";
import { contextFull, fromFailure } from "./endings";
import type { BuiltRequest } from "./tab-wire";
import type { Turn } from "./turn-context";

export type StepReply =
  | {
      readonly kind: "sealed";
      readonly stopReason: string;
      /** Complete calls: each must get a result. */
      readonly calls: readonly ToolCall[];
      /** Name of the call that the output limit has cut off. It left no row and never runs. */
      readonly cutCall?: string;
      /** The answer had no block at all. */
      readonly empty: boolean;
    }
  | { readonly kind: "failed"; readonly error: ErrorData }
  /** The person stopped it; what was complete is sealed. */
  | { readonly kind: "stopped" };

/** @param paused the step before ended with `pause_turn`: its answer is sent back as it is. */
export async function attemptStep(turn: Turn, step: number, paused: boolean): Promise<StepReply> {
  for (let attempt = 1; ; attempt++) {
    if (turn.signal.aborted) return { kind: "stopped" };
    const choice = turn.settings().models[0];
    const { catalog } = turn.surroundings;
    await catalog.learn(choice, turn.signal);
    const request = await turn.wire.request(headFor(choice, catalog.info(choice)), {
      paused,
      marks: profileOf(choice.key).cacheMarks,
      ...comparedWith(turn, choice),
    });
    turn.activity({ kind: "waiting" });
    turn.live({ kind: "begin", turnId: turn.turnId, step, startedAt: turn.surroundings.now() });
    const sent = await sendOnce(turn, choice, request);
    const record = (outcome: RequestRecord["outcome"], failure?: Failure): RequestRecord =>
      requestRecord(turn, {
        step,
        attempt,
        choice,
        request,
        sent,
        outcome,
        ...(failure === undefined ? {} : { failure }),
      });

    if (turn.signal.aborted) {
      // A turn that can be continued asks for the whole answer again, so nothing of this one is kept.
      const kept = isClosing(turn.signal) ? [] : stoppedDrafts(step, sent.state);
      await turn.append(kept, [{ op: "request", request: record("aborted", aborted()) }]);
      turn.live({ kind: "discard" });
      return { kind: "stopped" };
    }
    if (sent.result?.ok === true) return seal(turn, step, sent.result, record("ok"));

    const failure = sent.failure ?? cutOff(choice);
    turn.live({ kind: "discard" });
    await turn.append([], [{ op: "request", request: record("error", failure) }]);
    turn.surroundings.log("info", `step ${step}, attempt ${attempt}: ${failure.code}: ${failure.message}`);
    const delay = retryDelay(failure, attempt - 1, Math.random());
    if (delay === undefined)
      return { kind: "failed", error: failure.code === "context-full" ? contextFull() : fromFailure(failure) };
    turn.activity({ kind: "retrying", until: turn.surroundings.now() + delay, attempt, reason: failure.message });
    await pause(delay, turn.signal);
  }
}

/** Servers that can say why a cache was missed are told which answer to compare with. */
function comparedWith(turn: Turn, { key, model }: ModelChoice): BodyOptions {
  if (!profileOf(key).diagnostics) return {};
  return { previousMessageId: turn.lastRequestTo(key.id, model)?.messageId ?? null };
}

// ---- one attempt -----------------------------------------------------------------------------------------------

type Sent = {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly firstTokenMs?: number;
  readonly requestId?: string;
  /** Who pays for the answer that has begun. */
  readonly account?: string;
  readonly state: StreamState;
  /** Present when the server ended the stream. */
  readonly result?: StreamResult;
  readonly failure?: Failure;
};

async function sendOnce(turn: Turn, choice: ModelChoice, request: BuiltRequest): Promise<Sent> {
  const { now, send } = turn.surroundings;
  const startedAt = now();
  const reply = await send(request.body, choice, turn.signal);
  const nameCall = turn.wire.newCallIds();
  let state = startOfStream;
  if (!reply.ok) return { startedAt, endedAt: now(), state, failure: reply.failure };
  const known = {
    account: reply.account ?? accountOfKey(choice.key),
    ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
  };
  let firstTokenMs: number | undefined;
  try {
    for await (const event of reply.events) {
      const next = readEvent(state, event, nameCall);
      state = next.state;
      if (state.phase === "failed") break; // nothing that follows can mend it, and it may follow for ever
      if (next.live === undefined) continue;
      if (firstTokenMs === undefined) {
        firstTokenMs = now() - startedAt;
        turn.activity({ kind: "streaming" });
      }
      turn.live(next.live);
    }
  } catch (error) {
    return {
      startedAt,
      endedAt: now(),
      ...known,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      state,
      failure: failureOf(error),
    };
  }
  const result = endOfStream(state);
  for (const note of result.ok ? result.notes : []) turn.surroundings.log("warn", note);
  const failure = result.ok
    ? {}
    : { failure: cutOff(choice, result.failure.kind === "malformed" ? result.failure.message : "") };
  return {
    startedAt,
    endedAt: now(),
    ...known,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    state,
    result,
    ...failure,
  };
}

async function seal(
  turn: Turn,
  step: number,
  result: StreamResult & { readonly ok: true },
  record: RequestRecord,
): Promise<StepReply> {
  const drafts = explode(step, result.blocks);
  await turn.append(drafts, [{ op: "request", request: record }]);
  const cut = result.blocks.find((block) => block.kind === "tool" && block.cut);
  return {
    kind: "sealed",
    stopReason: result.stopReason,
    calls: callsOf(drafts),
    empty: drafts.length === 0,
    ...(cut?.kind === "tool" ? { cutCall: cut.name } : {}),
  };
}

/**
 * What a person who presses Stop keeps: complete blocks, and the text that they were reading. Calls that had arrived
 * whole get a result at once; thinking that nothing follows is dropped, as the API refuses it at the end.
 */
function stoppedDrafts(step: number, state: StreamState): readonly Draft[] {
  const open = state.blocks.find((block) => !block.isStopped && block.kind === "text");
  const partial: readonly StepBlock[] =
    open?.kind === "text" && open.text.trim() !== "" ? [{ kind: "text", text: open.text }] : [];
  const blocks = [...endOfStream(state).blocks, ...partial];
  if (blocks.every((block) => block.kind === "thinking" || block.kind === "redacted")) return [];
  const drafts = explode(step, blocks);
  const text = "Not run: the person stopped the turn before this call began.";
  return [
    ...drafts,
    ...callsOf(drafts).map(({ callId, name }) =>
      resultDraft(step, { callId, name, text, isError: true, outcome: "cancelled" }),
    ),
  ];
}

function callsOf(drafts: readonly Draft[]): readonly ToolCall[] {
  return drafts.flatMap((draft) => (draft.type === "tool_call" ? [draft.data] : []));
}

function requestRecord(
  turn: Turn,
  of: {
    readonly step: number;
    readonly attempt: number;
    readonly choice: ModelChoice;
    readonly request: BuiltRequest;
    readonly sent: Sent;
    readonly outcome: RequestRecord["outcome"];
    readonly failure?: Failure;
  },
): RequestRecord {
  const { choice, request, sent, failure } = of;
  const { usage, stopReason, messageId, cacheMissReason } = sent.state;
  const requestId = sent.requestId ?? failure?.requestId;
  return {
    id: turn.surroundings.newId(),
    tabId: turn.tabId,
    turnId: turn.turnId,
    step: of.step,
    attempt: of.attempt,
    keyId: choice.key.id,
    provider: choice.key.provider,
    model: choice.model,
    promptHash: request.promptHash,
    firstSeq: request.firstSeq,
    lastSeq: request.lastSeq,
    head: request.head,
    renderer: RENDERER_VERSION,
    bodySha256: request.bodySha256,
    startedAt: sent.startedAt,
    durationMs: sent.endedAt - sent.startedAt,
    outcome: of.outcome,
    ...(sent.firstTokenMs === undefined ? {} : { firstTokenMs: sent.firstTokenMs }),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(request.options === undefined ? {} : { options: request.options }),
    ...(sent.account === undefined ? {} : { account: sent.account }),
    ...(messageId === "" ? {} : { messageId }),
    ...(cacheMissReason === undefined ? {} : { cacheMissReason }),
    ...(failure === undefined ? {} : { errorCode: failure.code }),
    ...(failure?.statusCode === undefined ? {} : { statusCode: failure.statusCode }),
    ...(sent.state.phase === "waiting"
      ? {}
      : {
          inputTokens: usage.fresh,
          outputTokens: usage.output,
          cacheReadTokens: usage.read,
          cacheWriteTokens: usage.written,
        }),
  };
}

/** Waits; an abort ends the wait at once. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
