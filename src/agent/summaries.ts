/** The line under a finished turn, from its records. */
import type { TurnSummary, Usage } from "../chunks/protocol";
import type { RequestRecord, TurnRecord } from "../store/types";

/** @returns nothing while the turn has not ended. */
export function summarise(turn: TurnRecord, requests: readonly RequestRecord[]): TurnSummary | undefined {
  if (turn.endedAt === undefined || turn.endReason === undefined) return undefined;
  const own = requests.filter((request) => request.turnId === turn.id);
  return {
    turnId: turn.id,
    steps: new Set(own.filter((request) => request.outcome === "ok").map((request) => request.step)).size,
    startedAt: turn.startedAt,
    endedAt: turn.endedAt,
    endReason: turn.endReason,
    usage: own.reduce(addUsage, { fresh: 0, read: 0, written: 0, output: 0 }),
  };
}

/** Failed attempts count too, as far as the server said what they cost. */
function addUsage(sum: Usage, request: RequestRecord): Usage {
  return {
    fresh: sum.fresh + (request.inputTokens ?? 0),
    read: sum.read + (request.cacheReadTokens ?? 0),
    written: sum.written + (request.cacheWriteTokens ?? 0),
    output: sum.output + (request.outputTokens ?? 0),
  };
}
