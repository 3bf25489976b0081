/**
 * The live tail of a tab on its way to the views. Deltas cross as deltas, joined so that a view gets at most one
 * message per frame and tab; every other event goes out at once, after what was held back.
 */
import { lastPart } from "../chunks/live";
import type { LiveEvent } from "../chunks/protocol";

/** One frame at 60 Hz, in ms. */
const FRAME_MS = 16;

export type LiveOut = {
  readonly push: (event: LiveEvent) => void;
  /** Sends what is held back now: before rows go out, so that the order stays. */
  readonly flush: () => void;
  readonly dispose: () => void;
};

export function createLiveOut(send: (event: LiveEvent) => void): LiveOut {
  let held: Extract<LiveEvent, { kind: "delta" | "output" }> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    const event = held;
    held = undefined;
    send(event);
  };
  return {
    push(event) {
      if (event.kind !== "delta" && event.kind !== "output") {
        flush();
        send(event);
        return;
      }
      const joined = held === undefined ? undefined : join(held, event);
      if (joined === undefined) {
        flush();
        held = event.kind === "output" ? { ...event, text: lastPart(event.text) } : event;
      } else {
        held = joined;
      }
      timer ??= setTimeout(flush, FRAME_MS);
    },
    flush,
    dispose() {
      clearTimeout(timer);
      held = undefined;
    },
  };
}

type Joinable = Extract<LiveEvent, { kind: "delta" | "output" }>;

function join(a: Joinable, b: Joinable): Joinable | undefined {
  if (a.kind === "delta" && b.kind === "delta" && a.index === b.index) return { ...a, text: a.text + b.text };
  // No view keeps more of it: what a command prints by the megabyte need not cross.
  if (a.kind === "output" && b.kind === "output" && a.callId === b.callId)
    return { ...a, text: lastPart(a.text + b.text) };
  return undefined;
}
