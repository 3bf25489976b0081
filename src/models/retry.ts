/** When a failed request is sent again. Pure: the waiting is the loop's. */
import type { Failure } from "./types";

/** A server that asks for more than this gets no wait: the turn ends and says how long it would be. */
export const longestWaitMs = 10 * 60_000;

const firstWaitMs = 500;
const longestBackoffMs = 30_000;

/**
 * @param attempt how many attempts of this request have failed before this one, from 0.
 * @param random a number from 0 to 1; takes off up to a quarter, so that many tabs don't come back at once.
 * @returns milliseconds: 0.5 s · 2ⁿ, 30 s at most, less the jitter.
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(firstWaitMs * 2 ** attempt, longestBackoffMs);
  return Math.round(full * (1 - random / 4));
}

/**
 * @param attempt and `random` as for `backoffMs`.
 * @returns milliseconds until the same request may go out again, or undefined to give up. The server's own wish is
 *   never undercut.
 */
export function retryDelay(failure: Failure, attempt: number, random: number): number | undefined {
  if (failure.act !== "retry" || attempt >= attemptsFor(failure) - 1) return undefined;
  return Math.max(failure.retryAfterMs ?? 0, backoffMs(attempt, random));
}

/** A host that can't be reached is usually a wrong address or no network: the person should hear of it soon. */
function attemptsFor(failure: Failure): number {
  return failure.code === "unreachable" ? 4 : 10;
}
