/** One attempt: a request, the stream of its answer, and the record that the log keeps of it. */
import { accountOfKey } from "../models/base-url";
import { cutOff } from "../models/errors";
import type { Pass } from "../models/key-ring";
import { failureOf } from "../models/send";
import type { Failure, ModelChoice } from "../models/types";
import type { RequestRecord } from "../store/types";
import { RENDERER_VERSION } from "../wire/render";
import { endOfStream, readEvent, type StreamResult, type StreamState, startOfStream } from "../wire/stream";
import type { BuiltRequest } from "./tab-wire";
import type { Turn } from "./turn-context";

export type Sent = {
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

/** Sends the request and reads the answer to its end. `pass` learns how it went. */
export async function sendOnce(turn: Turn, choice: ModelChoice, pass: Pass, request: BuiltRequest): Promise<Sent> {
  const sent = await readAnswer(turn, choice, pass, request);
  const { failure } = sent;
  if (failure !== undefined && !turn.signal.aborted) pass.failed(failure);
  return sent;
}

async function readAnswer(turn: Turn, choice: ModelChoice, pass: Pass, request: BuiltRequest): Promise<Sent> {
  const { now, send } = turn.surroundings;
  const startedAt = now();
  const reply = await send(request.body, choice, turn.signal);
  const nameCall = turn.wire.newCallIds();
  let state = startOfStream;
  if (!reply.ok) return { startedAt, endedAt: now(), state, failure: reply.failure };
  pass.accepted(reply);
  const known = {
    account: reply.account ?? accountOfKey(choice.key),
    ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
  };
  let firstTokenMs: number | undefined;
  const soFar = (): Omit<Sent, "result" | "failure"> => ({
    startedAt,
    endedAt: now(),
    ...known,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    state,
  });
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
    return { ...soFar(), failure: failureOf(error) };
  }
  const result = endOfStream(state);
  for (const note of result.ok ? result.notes : []) turn.surroundings.log("warn", note);
  const failure = result.ok
    ? {}
    : { failure: cutOff(choice, result.failure.kind === "malformed" ? result.failure.message : "") };
  return { ...soFar(), result, ...failure };
}

/** What the log keeps of the attempt. */
export function requestRecord(
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
