/**
 * The ways to end a running turn early: a person stops it (it is over: *cancelled*), also to send a message at once, or
 * Dispatch is closed under it (it is *interrupted* and can be continued, as after a crash). All abort the turn's signal;
 * its reason tells them apart.
 */
import type { Draft } from "../chunks/rows";
import type { Store, StoreState } from "../store/types";

/** How long a closing session waits for a disk that refuses, in ms: the editor gives it 5 s in all. */
const REFUSAL_GRACE_MS = 2_000;

export const closing = new DOMException("Dispatch is being closed.", "AbortError");

export const superseding = new DOMException("A message is sent at once.", "AbortError");

export function isClosing(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === closing;
}

/** The row that says where a turn was cut. */
export function interruptedDraft(step: number): Draft {
  const text = "Dispatch was closed or stopped in the middle of this turn. What was done until then is kept.";
  return { role: "system", type: "system", step, data: { kind: "interrupted", text } };
}

/** The row that says where a person ended a turn. */
export function cancelledDraft(step: number, signal: AbortSignal): Draft {
  const text = signal.reason === superseding ? "Stopped to send your message." : "Stopped.";
  return { role: "system", type: "system", step, data: { kind: "cancelled", text } };
}

/** Resolves when the disk has refused for a while: whoever closes then can't wait for rows to become durable. */
export function whenRefusing(store: Store): { readonly refused: Promise<void>; readonly dispose: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let off = (): void => undefined;
  const refused = new Promise<void>((resolve) => {
    const look = (state: StoreState): void => {
      clearTimeout(timer);
      if (state.kind === "blocked") timer = setTimeout(resolve, REFUSAL_GRACE_MS);
    };
    off = store.onState(look);
    look(store.state);
  });
  return {
    refused,
    dispose() {
      clearTimeout(timer);
      off();
    },
  };
}
