/** The questions of one tab's agent that wait for the person. Each is answered once: the first answer wins, over all views. */
import { type Ask, type AskAnswer, fitsAsk } from "../chunks/ask";

export type AskEnd = AskAnswer | { readonly kind: "stopped" };

export type Asks = {
  /** Resolves with the first answer that fits, or with `stopped` when the signal aborts. */
  readonly ask: (ask: Ask, signal: AbortSignal) => Promise<AskEnd>;
  /** @returns false when nothing has happened: no such question waits, or the answer does not fit it. */
  readonly answer: (id: string, answer: AskAnswer) => boolean;
  /** In the order in which they were asked. */
  readonly waiting: () => readonly Ask[];
};

export function createAsks(onChange: () => void): Asks {
  const open = new Map<string, { readonly ask: Ask; readonly settle: (end: AskEnd) => void }>();
  return {
    ask(ask, signal) {
      if (signal.aborted) return Promise.resolve({ kind: "stopped" });
      return new Promise((resolve) => {
        const onAbort = (): void => settle({ kind: "stopped" });
        const settle = (end: AskEnd): void => {
          signal.removeEventListener("abort", onAbort);
          open.delete(ask.id);
          onChange();
          resolve(end);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        open.set(ask.id, { ask, settle });
        onChange();
      });
    },
    answer(id, answer) {
      const found = open.get(id);
      if (found === undefined || !fitsAsk(found.ask, answer)) return false;
      found.settle(answer);
      return true;
    },
    waiting: () => [...open.values()].map(({ ask }) => ask),
  };
}
