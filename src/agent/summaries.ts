/** The line under a finished turn: what its requests have cost, counted as they are recorded. */
import type { TurnSummary, Usage } from "../chunks/protocol";
import type { RequestRecord, TurnRecord } from "../store/types";

/** What the requests of one turn come to. */
export type Tally = Pick<TurnSummary, "steps" | "usage">;

export const noRequests: Tally = { steps: 0, usage: { fresh: 0, read: 0, written: 0, output: 0 } };

/** Failed attempts count too, as far as the server said what they cost. A step has one request that went well. */
export function addRequest(tally: Tally, request: RequestRecord): Tally {
  return { steps: tally.steps + (request.outcome === "ok" ? 1 : 0), usage: addUsage(tally.usage, request) };
}

/** @returns nothing while the turn has not ended. */
export function summarise(turn: TurnRecord, { steps, usage }: Tally): TurnSummary | undefined {
  const { id, startedAt, endedAt, endReason } = turn;
  if (endedAt === undefined || endReason === undefined) return undefined;
  return { turnId: id, steps, startedAt, endedAt, endReason, usage };
}

function addUsage(sum: Usage, request: RequestRecord): Usage {
  return {
    fresh: sum.fresh + (request.inputTokens ?? 0),
    read: sum.read + (request.cacheReadTokens ?? 0),
    written: sum.written + (request.cacheWriteTokens ?? 0),
    output: sum.output + (request.outputTokens ?? 0),
  };
}
