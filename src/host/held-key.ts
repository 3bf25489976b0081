/** A key that is bound to *Approve Once* and held down answers one question, not all that come after it. */

/** Editors tell nobody that a key repeats itself; it does so within this time, ms. */
const repeatMs = 600;

/**
 * @param now ms, of a clock that only goes forward.
 * @returns whether a press counts for a question of this turn: there was none for the same turn just before.
 */
export function createHeldKey(now: () => number): (turn: string) => boolean {
  let last = { turn: "", at: Number.NEGATIVE_INFINITY };
  return (turn) => {
    const isHeld = last.turn === turn && now() - last.at < repeatMs;
    last = { turn, at: now() };
    return !isHeld;
  };
}
