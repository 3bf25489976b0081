/** The events of one answer, up to `message_stop`; every other end is a failure. */
import { Stream } from "@anthropic-ai/sdk/streaming";
import { parseError } from "./error-shapes";
import { aborted, connectionFailure, cutOff, notAStream, refusal, stalled } from "./errors";
import type { Lifeline } from "./lifeline";
import type { Failure, ModelChoice, WireEvent } from "./types";

export type StreamLimits = { readonly idleMs: number; readonly pingOnlyMs: number };

/**
 * @param error what iterating over the events of a reply has thrown.
 * @returns the failure that it carries.
 * @throws the error itself when it did not come from the stream: then it is a bug, and not ours to explain away.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof StreamFailure) return error.failure;
  throw error;
}

/** What a stream of events throws to end with this failure. */
export function streamFailure(failure: Failure): Error {
  return new StreamFailure(failure);
}

/**
 * Reads with `Stream.rawEvents` rather than the SDK's own iteration, which hides pings (signs of life), drops records
 * without an `event:` line, and ends without a word on an abort.
 * Pings are not passed on. After `message_stop` the connection is read to its end, so that it can be used again.
 * @throws what `failureOf` understands, when the answer ends in any other way.
 */
export async function* readEvents(
  response: Response,
  choice: ModelChoice,
  life: Lifeline,
  limits: StreamLimits,
  redact: (failure: Failure) => Failure,
): AsyncGenerator<WireEvent, void, undefined> {
  const records = Stream.rawEvents(response, life.controller);
  let complete = false;
  let foreign = "";
  let began = false;
  let lastContentAt = performance.now();
  try {
    while (!complete) {
      life.expect(limits.idleMs);
      const record = await nextRecord(records, choice, life);
      life.relax();
      if (record.kind === "failed") throw new StreamFailure(redact(record.failure));
      if (record.kind === "end") {
        const answer = { headers: response.headers, text: foreign };
        const failure = began || foreign === "" ? cutOff(choice) : notAStream(answer, choice, Date.now());
        throw new StreamFailure(redact(failure));
      }
      const event = parse(record.name, record.data);
      switch (event.kind) {
        case "ping":
          if (performance.now() - lastContentAt > limits.pingOnlyMs) throw new StreamFailure(redact(stalled(choice)));
          break;
        case "error": {
          const answer = { headers: response.headers, text: record.data };
          throw new StreamFailure(redact(refusal(answer, choice, Date.now())));
        }
        case "garbled":
          throw new StreamFailure(redact(cutOff(choice, `Unreadable event: ${record.data}`)));
        case "foreign":
          foreign ||= record.data;
          break;
        case "event":
          began = true;
          lastContentAt = performance.now();
          complete = event.event.type === "message_stop";
          if (complete) void drain(records, life);
          yield event.event;
          break;
      }
    }
  } finally {
    if (!complete) life.cut("aborted");
  }
}

/** How a failure travels out of an iteration. */
class StreamFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

type Records = ReturnType<typeof Stream.rawEvents>;

type Next =
  | { readonly kind: "record"; readonly name: string | null; readonly data: string }
  | { readonly kind: "end" }
  | { readonly kind: "failed"; readonly failure: Failure };

async function nextRecord(records: Records, choice: ModelChoice, life: Lifeline): Promise<Next> {
  let error: unknown;
  let next: Awaited<ReturnType<Records["next"]>> | undefined;
  try {
    next = await records.next();
  } catch (thrown) {
    error = thrown;
  }
  // Our own cut first: it looks like an error, like an end, or leaves records that had already arrived.
  const cause = life.cause();
  if (cause !== undefined) return { kind: "failed", failure: cause === "aborted" ? aborted() : stalled(choice) };
  if (next === undefined) return { kind: "failed", failure: broken(error, choice) };
  return next.done === true ? { kind: "end" } : { kind: "record", name: next.value.event, data: next.value.data };
}

/** Within an answer every network error means the same: it broke off. Only a time-out of the network layer is a stall. */
function broken(error: unknown, choice: ModelChoice): Failure {
  const failure = connectionFailure(error, choice);
  return failure.code === "stalled" ? failure : cutOff(choice, failure.details);
}

type Parsed =
  | { readonly kind: "event"; readonly event: WireEvent }
  | { readonly kind: "ping" | "error" | "garbled" | "foreign" };

/** The type counts as the data has it; servers that leave out the `event:` line are understood too. */
function parse(name: string | null, data: string): Parsed {
  if (name === "ping") return { kind: "ping" };
  if (name === "error") return { kind: "error" };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { kind: name === null ? "foreign" : "garbled" };
  }
  // Some gateways leave out the names of events, and of errors too.
  if (!isEvent(value)) return { kind: parseError(data).isError ? "error" : "foreign" };
  if (value.type === "ping" || value.type === "error") return { kind: value.type };
  return { kind: "event", event: value };
}

function isEvent(value: unknown): value is WireEvent {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Reads what is left, usually nothing, so that the connection is free for the next request; not for long. */
async function drain(records: Records, life: Lifeline): Promise<void> {
  life.expect(500);
  try {
    while ((await records.next()).done !== true);
  } catch {
    // The answer is complete: how the connection ends no longer matters.
  }
  life.close();
}
