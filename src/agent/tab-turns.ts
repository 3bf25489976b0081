/** The turns of a tab: the last one, the line that stands under each that has ended, and what its requests have left behind. */
import type { TurnSummary } from "../chunks/protocol";
import { type CacheMemory, emptyCache, noteCache } from "../models/cache-truth";
import type { PriceOverrides, Used } from "../models/cost";
import type { RequestRecord, Store, TurnRecord } from "../store/types";
import { isSide } from "./side";
import { addRequest, noRequests, summarise, type Tally } from "./summaries";

export type TabTurns = {
  /** The turn that the newest row belongs to, or one that has begun since. */
  readonly last: () => TurnRecord | undefined;
  /** Absent while the turn has not ended. */
  readonly summaryOf: (id: string) => TurnSummary | undefined;
  readonly begin: (turn: TurnRecord) => void;
  /** Takes back a turn that could not begin: the one before it is the last one again. */
  readonly takeBack: (turn: TurnRecord, previous: TurnRecord | undefined) => void;
  /** Counts a request of the last turn. */
  readonly count: (request: RequestRecord) => void;
  /** Takes over what another window has written of a turn. @returns its summary when it has ended. */
  readonly follow: (turn: TurnRecord) => TurnSummary | undefined;
  /** @returns the summary of the last turn, which has ended. */
  readonly end: (turn: TurnRecord) => TurnSummary | undefined;
  /** What the requests of the last turn have used so far, in order. */
  readonly used: () => readonly Used[];
  /** The last request of the tab that went well. */
  readonly lastRequest: () => RequestRecord | undefined;
  /** The same of those with this key and model. */
  readonly lastRequestTo: (keyId: string, model: string) => RequestRecord | undefined;
};

type Ended = { readonly turn: TurnRecord; readonly tally: Tally };

/**
 * Reads the records of all turns once; from then on each request is counted when it is recorded.
 * @param prices asked at each summary, so that a change of the settings counts from the next one.
 */
export async function readTurns(tabId: string, store: Store, prices: () => PriceOverrides): Promise<TabTurns> {
  const records = await store.turns(tabId);
  const requests = createRequests();
  const tallies = new Map<string, Tally>();
  const read = await store.requests(tabId);
  for (const request of read) tallies.set(request.turnId, requests.add(tallies.get(request.turnId), request));
  const ended = new Map<string, Ended>();
  for (const turn of records) ended.set(turn.id, { turn, tally: tallies.get(turn.id) ?? noRequests });
  let last = await lastTurn(tabId, store, records);
  let tally = tallies.get(last?.id ?? "") ?? noRequests;
  /** The requests in `tally`: whoever follows another window may be told of one that was read already. */
  let counted = new Set(read.filter((request) => request.turnId === last?.id).map((request) => request.id));

  const summaryOf = (id: string): TurnSummary | undefined => {
    const one = ended.get(id);
    return one === undefined ? undefined : summarise(one.turn, one.tally, prices());
  };

  const begin = (turn: TurnRecord): void => {
    last = turn;
    tally = noRequests;
    counted = new Set();
  };

  const end = (turn: TurnRecord): TurnSummary | undefined => {
    last = turn;
    ended.set(turn.id, { turn, tally });
    return summaryOf(turn.id);
  };

  return {
    last: () => last,
    summaryOf,
    begin,
    takeBack(turn, previous) {
      if (last?.id !== turn.id) return;
      last = previous;
      tally = ended.get(previous?.id ?? "")?.tally ?? noRequests;
    },
    count(request) {
      if (request.turnId !== last?.id || counted.has(request.id)) return;
      counted.add(request.id);
      tally = requests.add(tally, request);
    },
    follow(turn) {
      if (turn.id !== last?.id) begin(turn);
      return end(turn);
    },
    end,
    used: () => tally.used,
    lastRequest: requests.last,
    lastRequestTo: requests.lastTo,
  };
}

/** The fold over all requests of a tab in their order: what is in the cache, and the last one of each choice. */
function createRequests() {
  let memory: CacheMemory = emptyCache;
  let last: RequestRecord | undefined;
  const byChoice = new Map<string, RequestRecord>();
  const choice = (keyId: string, model: string): string => `${keyId}\n${model}`;
  return {
    add(tally: Tally | undefined, request: RequestRecord): Tally {
      if (isSide(request)) return addRequest(tally ?? noRequests, request, false);
      const noted = noteCache(memory, request);
      memory = noted.memory;
      if (request.outcome === "ok") {
        last = request;
        byChoice.set(choice(request.keyId, request.model), request);
      }
      return addRequest(tally ?? noRequests, request, noted.note.kind === "missed");
    },
    last: () => last,
    lastTo: (keyId: string, model: string) => byChoice.get(choice(keyId, model)),
  };
}

/** By the newest row: start times are no order, since a clock can be set back. */
async function lastTurn(tabId: string, store: Store, records: readonly TurnRecord[]): Promise<TurnRecord | undefined> {
  const [newest] = await store.rowsBefore(tabId, (await store.lastSeq(tabId)) + 1, 1);
  return records.find((turn) => turn.id === newest?.turnId) ?? records.at(-1);
}
