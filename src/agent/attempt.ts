/**
 * One step's answer: a request, its stream, and as many attempts as it takes. A failed attempt leaves no row behind,
 * only its request record. The rows of the answer are sealed once, when the response has ended with `message_stop`.
 */
import { explode, resultDraft, type StepBlock } from "../chunks/explode";
import type { Draft, ErrorData, ToolCall } from "../chunks/rows";
import { accountOfKey } from "../models/base-url";
import { aborted, cutOff } from "../models/errors";
import type { Tried } from "../models/fallback";
import { headFor } from "../models/head";
import { profileOf } from "../models/profiles";
import type { Failure, ModelChoice } from "../models/types";
import type { RequestRecord } from "../store/types";
import type { BodyOptions } from "../wire/assemble";
import { endOfStream, type StreamResult, type StreamState } from "../wire/stream";
import { isClosing } from "./closing";
import type { Limits } from "./limits";
import { modelChanged, whyFirst } from "./model-changed";
import { findWay, type Way } from "./route";
import { requestRecord, sendOnce } from "./send-once";
import { type AskedModel, askedBy, type BuiltRequest } from "./tab-wire";
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
  /** The next request would pass the limit on the cost. */
  | { readonly kind: "over"; readonly error: ErrorData }
  /** The person stopped it; what was complete is sealed. */
  | { readonly kind: "stopped" };

type Go = Extract<Way, { kind: "go" }>;

/**
 * @param paused the step before ended with `pause_turn`: its answer is sent back as it is.
 * @param overCost asked before each request, when it is known whom it asks: why the person is asked instead.
 */
export async function attemptStep(
  turn: Turn,
  step: number,
  paused: boolean,
  overCost: Limits["passesCost"],
): Promise<StepReply> {
  const tried: Tried[] = [];
  for (;;) {
    const attempt = tried.length + 1;
    const way = await findWay(turn, tried);
    if (way.kind !== "go") return way;
    try {
      const over = overCost(way.choice);
      if (over !== undefined) return { kind: "over", error: over };
      const outcome = await attemptOnce(turn, { step, attempt, paused }, way);
      if (outcome.kind === "again") tried.push({ choice: way.choice, failure: outcome.failure });
      else if (outcome.kind !== "held") return outcome;
    } finally {
      way.pass.done();
    }
  }
}

type Attempt = { readonly step: number; readonly attempt: number; readonly paused: boolean };

type Outcome =
  | StepReply
  | { readonly kind: "again"; readonly failure: Failure }
  /** Nothing went out: another chat has learnt meanwhile that the key can't be used. */
  | { readonly kind: "held" };

async function attemptOnce(turn: Turn, { step, attempt, paused }: Attempt, way: Go): Promise<Outcome> {
  const { choice, pass } = way;
  const request = await buildRequest(turn, { step, paused }, way);
  if (!pass.holds()) return { kind: "held" };
  turn.activity({ kind: "waiting" });
  turn.live({ kind: "begin", turnId: turn.turnId, step, startedAt: turn.surroundings.now() });
  const sent = await sendOnce(turn, choice, pass, request);
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
  if (failure.code === "thinking-refused") turn.wire.dropThinking();
  if (failure.code === "image-refused") turn.wire.dropImages();
  return { kind: "again", failure };
}

/** The body for this choice. That it is another one than before is in the log before the request goes out. */
async function buildRequest(
  turn: Turn,
  { step, paused }: Pick<Attempt, "step" | "paused">,
  { choice, why }: Go,
): Promise<BuiltRequest> {
  const { catalog, keys } = turn.surroundings;
  await catalog.learn(choice, turn.signal);
  const headOf = (one: ModelChoice): string => headFor(one, catalog.info(one));
  const asked = (one: ModelChoice): AskedModel => askedBy({ keyId: one.key.id, model: one.model, head: headOf(one) });
  const after = asked(choice);
  // A chat that has asked nobody yet was to ask the first of its list.
  const before = (await turn.wire.lastAsked()) ?? (why === undefined ? after : asked(turn.settings().models[0]));
  const note = modelChanged(step, before, after, why ?? whyFirst(turn, choice));
  if (note !== undefined) await turn.append([note]);
  const profile = profileOf(choice.key);
  const account = profile.accountHeaders ? keys.account(choice.key) : accountOfKey(choice.key);
  const options = { paused, marks: profile.cacheMarks, ...comparedWith(turn, choice) };
  return turn.wire.request({ choice, head: headOf(choice), account, images: profile.images }, options);
}

/** Servers that can say why a cache was missed are told which answer to compare with. */
function comparedWith(turn: Turn, { key, model }: ModelChoice): BodyOptions {
  if (!profileOf(key).diagnostics) return {};
  return { previousMessageId: turn.lastRequestTo(key.id, model)?.messageId ?? null };
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
