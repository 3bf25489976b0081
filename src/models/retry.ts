/** How long to wait before a failed request is sent again. Pure: whether it is, src/models/fallback.ts decides. */

/** A server that asks for more than this is not waited for, unless it is a rate limit. */
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
