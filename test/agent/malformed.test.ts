/**
 * Whatever arrives in the place of a message: no throw, nothing written, nothing shown, one line in the log that says what
 * was wrong. 10,000 of them, made from the protocol's own messages, over a real session and store with a question open.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Agent, withAgent } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { harmless, malformed } from "../support/malformed";
import { call, steps, text } from "../support/script";

noUnhandledRejections();

const COUNT = 10_000;

describe("malformed messages", () => {
  it(`are dropped, each with a line in the log, and have no effect: ${COUNT} of them`, () =>
    withAgent(
      steps(
        { blocks: [call("run_shell", { command: "touch one" })] },
        { blocks: [call("run_shell", { command: "touch two" })] },
        { blocks: [text("ok")] },
      ),
      {},
      async (agent, simulator) => {
        const cards = () => agent.state().views.get(agent.tab())?.approvals ?? [];
        const end = agent.send("go");
        await agent.until(() => cards().length === 1);
        const used = cards()[0]?.id ?? "";
        const decide = (id: string) =>
          agent.say({ type: "decide", tab: agent.tab(), id, answer: { kind: "allow_once" } });
        decide(used);
        await agent.until(() => cards().length === 1 && cards()[0]?.id !== used);
        const before = await everything(agent, simulator);
        const told = agent.logged.length;

        const known = { tab: agent.tab(), used };
        const any = fc.oneof({ weight: 2, arbitrary: malformed(known.tab) }, harmless(known));
        const [wrong] = fc.sample(fc.array(any, { minLength: COUNT, maxLength: COUNT }), 1);
        for (const message of wrong ?? []) agent.view.receive(message);
        await agent.session.idle();

        assert.deepEqual(await everything(agent, simulator), before);
        const lines = new Set(agent.logged.slice(told).map((line) => line.replace(/: (\w+) .*| ".*?"/s, "")));
        assert.deepEqual(
          [...lines].filter((line) => line.startsWith("error")),
          [],
        );
        assert.ok(agent.logged.length - told > COUNT / 2, "what is dropped is said");
        assert.ok(
          agent.logged.every((line) => line.length < 400),
          "and in a few words",
        );

        decide(cards()[0]?.id ?? "");
        assert.equal((await end).endReason, "done");
      },
    ));
});

/** The rows, the tabs and all else in the store, what views show, and what went out. */
async function everything(agent: Agent, simulator: { readonly requests: readonly unknown[] }) {
  const { store, session } = agent;
  return {
    rows: await agent.rows(),
    tabs: await store.tabs(),
    settings: await store.settings(),
    history: await session.history({ limit: 50 }),
    shown: agent.messages.length,
    state: agent.state(),
    requests: simulator.requests.length,
  };
}
