/** What the log keeps of a request, and that it is enough to make the same bytes again. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rebuild } from "../../src/wire/assemble";
import { withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

describe("the record of a request", () => {
  it("names provider, account and answer, and holds all that the body was made of", async () => {
    const scenario = steps(
      { blocks: [call("list_files", {})] },
      { blocks: [text("wait")], stopReason: "pause_turn" },
      { blocks: [text("done")] },
    );
    await withAgent(scenario, {}, async (agent, simulator) => {
      await agent.send("Go");
      const requests = await agent.store.requests(agent.tab());
      assert.deepEqual(
        requests.map(({ provider, account, options, messageId }) => ({
          provider,
          account,
          options,
          named: messageId?.startsWith("msg_"),
        })),
        [undefined, undefined, { paused: true }].map((options) => ({
          provider: "anthropic",
          account: "org_simulator/wrkspc_simulator",
          options,
          named: true,
        })),
      );
      for (const [index, request] of requests.entries()) {
        const rows = await agent.store.rows(agent.tab(), request.firstSeq, request.lastSeq);
        const prompt = (await agent.store.prompt(request.promptHash)) ?? "";
        const body = rebuild({ ...request, ...request.options, prompt, rows }) ?? "";
        assert.equal(body, simulator.messages()[index]?.body.toString());
        assert.equal(createHash("sha256").update(body).digest("hex"), request.bodySha256);
      }
    });
  });
});
