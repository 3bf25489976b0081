/** What a session costs beside the least that it could cost: the figure of `npm run bench -- cost`, over fewer steps. */
import assert from "node:assert/strict";
import { costInIdeals, costSessions } from "../support/cost-sessions";

describe("the input of a session", () => {
  for (const { name, run } of costSessions) {
    it(`costs no more than it must: ${name}`, async () => {
      const requests = await run(12);
      assert.deepEqual(
        [requests.filter(({ outcome }) => outcome === "complete").length, costInIdeals(requests).toFixed(4)],
        [12, "1.0000"],
      );
    });
  }

  it("is found to cost more when a prefix is written twice, not cached, or asked for again", () => {
    const body = Buffer.from(`{"model":"claude-sonnet-5-5"}`);
    const request = (fresh: number, read: number, written: number, outcome: "complete" | "broken" = "complete") => ({
      body,
      outcome,
      billed: {
        input_tokens: fresh,
        cache_read_input_tokens: read,
        cache_creation_input_tokens: written,
        output_tokens: 1,
      },
    });
    const first = request(0, 0, 1000);
    const found = [
      [first, request(0, 1000, 100)],
      [first, request(0, 0, 1100)],
      [first, request(1100, 0, 0)],
      [first, request(0, 1000, 100, "broken"), request(0, 1100, 0)],
    ].map((requests) => costInIdeals(requests).toFixed(2));
    // A token costs 2.5 to write, 0.1 to read, 2 without a cache; so the least is 2,850.
    assert.deepEqual(found, ["1.00", "1.84", "1.65", "1.04"]);
  });
});
