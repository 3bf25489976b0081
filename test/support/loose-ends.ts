/** For the top of a test file: no promise of ours may be rejected with nobody there to see it. */
import assert from "node:assert/strict";

export function noUnhandledRejections(): void {
  const seen: unknown[] = [];
  const onRejection = (reason: unknown): void => void seen.push(reason);
  before(() => process.on("unhandledRejection", onRejection));
  after(() => {
    process.off("unhandledRejection", onRejection);
    assert.deepEqual(seen, []);
  });
}
