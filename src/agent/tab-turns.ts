/** The turns of a tab, as their records say, and the line that stands under each that has ended. */
import type { TurnSummary } from "../chunks/protocol";
import type { Store, TurnRecord } from "../store/types";
import { summarise } from "./summaries";

export type TabTurns = {
  readonly last: () => TurnRecord | undefined;
  readonly summaries: () => readonly TurnSummary[];
  /** Adds a turn, or replaces the record that it has. */
  readonly put: (turn: TurnRecord) => void;
  /** The same for a turn that has ended: its requests are in the log. @returns its summary. */
  readonly end: (turn: TurnRecord) => Promise<TurnSummary | undefined>;
};

export async function readTurns(tabId: string, store: Store): Promise<TabTurns> {
  const requests = await store.requests(tabId);
  const turns = new Map((await store.turns(tabId)).map((turn) => [turn.id, turn]));
  const summaries = new Map<string, TurnSummary>();
  for (const turn of turns.values()) {
    const summary = summarise(turn, requests);
    if (summary !== undefined) summaries.set(turn.id, summary);
  }
  return {
    last: () => [...turns.values()].at(-1),
    summaries: () => [...summaries.values()],
    put: (turn) => turns.set(turn.id, turn),
    async end(turn) {
      turns.set(turn.id, turn);
      const summary = summarise(turn, await store.requests(tabId));
      if (summary !== undefined) summaries.set(turn.id, summary);
      return summary;
    },
  };
}
