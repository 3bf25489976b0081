/** The turns of a tab: the last one, and the line that stands under each that has ended. */
import type { TurnSummary } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { RequestRecord, Store, TurnRecord } from "../store/types";
import { addRequest, noRequests, summarise, type Tally } from "./summaries";

export type TabTurns = {
  /** The turn that the newest row belongs to, or one that has begun since. */
  readonly last: () => TurnRecord | undefined;
  /** The summaries of the turns that have a row among these, in order. */
  readonly summariesOf: (rows: readonly Row[]) => readonly TurnSummary[];
  readonly begin: (turn: TurnRecord) => void;
  /** Takes back a turn that could not begin: the one before it is the last one again. */
  readonly takeBack: (turn: TurnRecord, previous: TurnRecord | undefined) => void;
  /** Counts a request of the last turn. */
  readonly count: (request: RequestRecord) => void;
  /** Takes over what another window has written of a turn. @returns its summary when it has ended. */
  readonly follow: (turn: TurnRecord) => TurnSummary | undefined;
  /** @returns the summary of the last turn, which has ended. */
  readonly end: (turn: TurnRecord) => TurnSummary | undefined;
};

/** Reads the records of all turns once; from then on each request is counted when it is recorded. */
export async function readTurns(tabId: string, store: Store): Promise<TabTurns> {
  const summaries = new Map<string, TurnSummary>();
  const records = await store.turns(tabId);
  const requests = await store.requests(tabId);
  const tallies = tallyByTurn(requests);
  for (const turn of records) {
    const summary = summarise(turn, tallies.get(turn.id) ?? noRequests);
    if (summary !== undefined) summaries.set(turn.id, summary);
  }
  let last = await lastTurn(tabId, store, records);
  let tally = tallies.get(last?.id ?? "") ?? noRequests;
  /** The requests in `tally`: whoever follows another window may be told of one that was read already. */
  let counted = new Set(requests.filter((request) => request.turnId === last?.id).map((request) => request.id));

  const begin = (turn: TurnRecord): void => {
    last = turn;
    tally = noRequests;
    counted = new Set();
  };

  const end = (turn: TurnRecord): TurnSummary | undefined => {
    last = turn;
    const summary = summarise(turn, tally);
    if (summary !== undefined) summaries.set(turn.id, summary);
    return summary;
  };

  return {
    last: () => last,
    summariesOf(rows) {
      const ids = new Set(rows.map((row) => row.turnId));
      return [...ids].flatMap((id) => summaries.get(id) ?? []);
    },
    begin,
    takeBack(turn, previous) {
      if (last?.id !== turn.id) return;
      last = previous;
      tally = summaries.get(previous?.id ?? "") ?? noRequests;
    },
    count(request) {
      if (request.turnId !== last?.id || counted.has(request.id)) return;
      counted.add(request.id);
      tally = addRequest(tally, request);
    },
    follow(turn) {
      if (turn.id !== last?.id) begin(turn);
      return end(turn);
    },
    end,
  };
}

function tallyByTurn(requests: readonly RequestRecord[]): ReadonlyMap<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const request of requests)
    tallies.set(request.turnId, addRequest(tallies.get(request.turnId) ?? noRequests, request));
  return tallies;
}

/** By the newest row: start times are no order, since a clock can be set back. */
async function lastTurn(tabId: string, store: Store, records: readonly TurnRecord[]): Promise<TurnRecord | undefined> {
  const [newest] = await store.rowsBefore(tabId, (await store.lastSeq(tabId)) + 1, 1);
  return records.find((turn) => turn.id === newest?.turnId) ?? records.at(-1);
}
