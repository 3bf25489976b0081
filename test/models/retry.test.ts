import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs, retryDelay } from "../../src/models/retry";
import type { Failure } from "../../src/models/types";

const overloaded: Failure = { code: "overloaded", message: "", act: "retry" };

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

  it("never undercuts what the server asks for", () => {
    const waits = [0, 7000].map((retryAfterMs) => retryDelay({ ...overloaded, retryAfterMs }, 0, 0));
    assert.deepEqual(waits, [500, 7000]);
  });

  it("gives up after ten attempts, sooner where nothing answers, at once where trying again can't help", () => {
    const attempts = (failure: Failure) => [...Array(20).keys()].filter((n) => retryDelay(failure, n, 0) !== undefined);
    const failures: readonly Failure[] = [
      overloaded,
      { ...overloaded, code: "unreachable" },
      { ...overloaded, act: "give-up" },
    ];
    assert.deepEqual(
      failures.map((failure) => attempts(failure).length + 1),
      [10, 4, 1],
    );
  });
});
