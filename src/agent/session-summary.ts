/** Who wants to know how many chats run or wait: the status bar, the badge, whoever waits for the end of all turns. */
import { messageOf } from "./error-text";
import type { SessionSummary } from "./types";

export type Summaries = {
  readonly listen: (listener: (summary: SessionSummary) => void) => () => void;
  readonly tell: () => void;
};

/** A listener that throws must not end up in the turn whose change it was told. */
export function createSummaries(summary: () => SessionSummary, log: (message: string) => void): Summaries {
  const listeners = new Set<(summary: SessionSummary) => void>();
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell() {
      const now = summary();
      for (const listener of listeners) {
        try {
          listener(now);
        } catch (error) {
          log(`a summary could not be told: ${messageOf(error)}`);
        }
      }
    },
  };
}
