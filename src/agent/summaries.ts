/** The line under a finished turn: what its requests have cost, counted as they are recorded. */
import type { TurnSummary, Usage } from "../chunks/protocol";
import { type PriceOverrides, totalOf, type Used } from "../models/cost";
import type { RequestRecord, TurnRecord } from "../store/types";
import { isSide, searchesOf } from "./side";

/** What the requests of one turn come to. */
export type Tally = {
  readonly steps: number;
  readonly usage: Usage;
  /** Each request that the server had begun to answer, for its price. */
  readonly used: readonly Used[];
  /** Requests that did not find in the cache what they should have. */
  readonly missed: number;
};

const nothing: Usage = { fresh: 0, read: 0, written: 0, output: 0 };

export const noRequests: Tally = { steps: 0, usage: nothing, used: [], missed: 0 };

/** Failed attempts count too, as far as the server said what they cost. A step has one request that went well. */
export function addRequest(tally: Tally, request: RequestRecord, missed: boolean): Tally {
  const { provider, model, inputTokens } = request;
  const usage = usageOf(request);
  const side = isSide(request) ? ({ side: true } as const) : {};
  const used: Used = { ...(provider === undefined ? {} : { provider }), model, usage, ...searchesOf(request), ...side };
  return {
    steps: tally.steps + (request.outcome === "ok" && !isSide(request) ? 1 : 0),
    usage: addUsage(tally.usage, usage),
    used: inputTokens === undefined ? tally.used : [...tally.used, used],
    missed: tally.missed + (missed ? 1 : 0),
  };
}

/** @returns nothing while the turn has not ended. */
export function summarise(turn: TurnRecord, tally: Tally, prices: PriceOverrides): TurnSummary | undefined {
  const { id, startedAt, endedAt, endReason } = turn;
  const { steps, usage, used, missed } = tally;
  if (endedAt === undefined || endReason === undefined) return undefined;
  const cost = used.length === 0 ? undefined : totalOf(used, prices);
  return {
    turnId: id,
    steps,
    startedAt,
    endedAt,
    endReason,
    usage,
    ...(cost === undefined ? {} : { cost }),
    ...(missed === 0 ? {} : { missed }),
  };
}

export function usageOf(request: RequestRecord): Usage {
  const {
    inputTokens: fresh = 0,
    cacheReadTokens: read = 0,
    cacheWriteTokens: written = 0,
    outputTokens: output = 0,
  } = request;
  return { fresh, read, written, output };
}

function addUsage(sum: Usage, { fresh, read, written, output }: Usage): Usage {
  return {
    fresh: sum.fresh + fresh,
    read: sum.read + read,
    written: sum.written + written,
    output: sum.output + output,
  };
}
