import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "../../src/models/retry";

describe("retrying", () => {
  it("waits twice as long each time, 30 seconds at most", () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 500].map((attempt) => backoffMs(attempt, 0)),
      [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
    );
  });

  it("takes at most a quarter off", () => {
    const attempt = fc.nat(100);
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(attempt, random, (n, r) => {
        const full = backoffMs(n, 0);
        const wait = backoffMs(n, r);
        return wait <= full && wait >= full * 0.75;
      }),
    );
  });
});
