/** Fifty chats against servers that limit, break and refuse: each ends well or with a reason, and nothing happens twice or too early. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ToView } from "../../src/chunks/protocol";
import type { ModelCatalog } from "../../src/models/catalog";
import { nameOfKey } from "../../src/models/key-states";
import type { SendRequest } from "../../src/models/types";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { createGate, type Gate } from "../support/gate";
import { noUnhandledRejections } from "../support/loose-ends";
import { text } from "../support/script";
import { answered, assertCalm, CANARY, COUNT, filesIn, secretOf, storms } from "../support/storm";

noUnhandledRejections();

/** Notes each request that goes out with a key before the time is over that the last answer has asked for. */
function watchLimits(tooEarly: string[]) {
  const until = new Map<string, number>();
  return (send: SendRequest): SendRequest =>
    async (body, choice, signal) => {
      const name = nameOfKey(choice.key);
      const left = (until.get(name) ?? 0) - Date.now();
      if (left > 0) tooEarly.push(`${name}, ${left} ms too early`);
      const reply = await send(body, choice, signal);
      if (!reply.ok && reply.failure.code === "rate-limit") {
        until.set(name, Math.max(until.get(name) ?? 0, Date.now() + (reply.failure.retryAfterMs ?? 0)));
      }
      return reply;
    };
}

/** Runs a turn in each of the tabs, all at once, to its end; every command may run. @returns the tabs and all that views got. */
async function runAll(agent: Agent): Promise<{ readonly tabs: readonly string[]; readonly got: readonly ToView[] }> {
  for (let count = 2; count <= COUNT; count += 1) {
    agent.say({ type: "newTab" });
    await agent.until(({ tabs }) => tabs.length === count);
  }
  const tabs = agent.state().tabs.map(({ id }) => id);
  const got: ToView[] = [];
  const runOne = (tab: string, text: string): Promise<void> =>
    new Promise((resolve) => {
      const view = agent.session.attach(
        (message) => {
          got.push(message);
          if (message.type === "turn") resolve();
          for (const { id } of message.type === "approvals" ? message.cards : [])
            queueMicrotask(() => view.receive({ type: "decide", tab, id, answer: { kind: "allow_once" } }));
        },
        { tab },
      );
      view.receive({ type: "ready" });
      view.receive({ type: "send", tab, text });
    });
  await Promise.all(tabs.map((tab, index) => runOne(tab, `task ${index}`)));
  await agent.session.idle();
  return { tabs, got };
}

/** How each tab's turn has ended. */
async function endsOf({ store }: Agent, tabs: readonly string[]): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const tab of tabs) {
    const rows = await store.rows(tab, 1, await store.lastSeq(tab));
    const codes = rows.flatMap((row) => (row.type === "error" ? [row.data.code] : []));
    ends.push([...(await store.turns(tab)).map((turn) => turn.endReason), ...codes].join(" "));
  }
  return ends;
}

describe("a storm", () => {
  for (const storm of storms) {
    const { name, fault } = storm;
    it(`of ${name} over ${COUNT} chats: every turn ends, no command runs twice, no key is asked while it is limited, no secret gets out`, async () => {
      const folders = tempFolders();
      const simulator = await startSimulator({
        scenario: answered(fault),
      });
      const tooEarly: string[] = [];
      const agent = await startAgent({
        simulator,
        ...folders,
        secret: (key) => secretOf(key.id),
        settings: {
          "dispatch.keys": ["k1", "k2"].map((id) => ({ id, provider: "anthropic", baseUrl: simulator.url })),
          "dispatch.models": [
            { key: "k1", model: "claude-sonnet-5-5" },
            { key: "k2", model: "claude-opus-5-5" },
          ],
        },
        watch: watchLimits(tooEarly),
      });
      try {
        const { tabs, got } = await runAll(agent);
        const ended = await endsOf(agent, tabs);
        assert.deepEqual(tooEarly, []);
        assertCalm(storm, ended, simulator, folders.root);
        const seen = [JSON.stringify(got), agent.logged.join("\n")];
        await agent.store.checkpoint();
        const kept = filesIn(folders.storage).map((file) => readFileSync(file, "latin1"));
        assert.ok(kept.length > 0 && ![...seen, ...kept].some((one) => one.includes(CANARY)));
      } finally {
        await agent.close();
        await simulator.close();
        folders.remove();
      }
    }).timeout(180_000);
  }

  it("sends nothing that was being built while another chat has learnt of a limit", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: ({ userText, attempt }) => ({
        blocks: [text("Done.")],
        ...(userText === "limited" && attempt === 0
          ? { fault: { kind: "rate-limit", retryAfter: "ms", seconds: 1 } }
          : {}),
      }),
    });
    const tooEarly: string[] = [];
    const isKnown = createGate();
    const agent = await startAgent({
      simulator,
      ...folders,
      watch: watchLimits(tooEarly),
      surroundings: (own) => ({
        ...own,
        catalog: { ...own.catalog, learn: firstWaitsFor(isKnown, own.catalog.learn) },
      }),
    });
    try {
      agent.say({ type: "send", tab: agent.tab(), text: "built" });
      agent.say({ type: "newTab" });
      await agent.until(({ tabs }) => tabs.length === 2);
      const other = agent.state().tabs.at(-1)?.id ?? "";
      agent.say({ type: "send", tab: other, text: "limited" });
      await agent.until(({ tabs }) => tabs.some(({ activity }) => activity.kind === "retrying"));
      isKnown.open();
      await agent.session.idle();
      const ids = agent.state().tabs.map(({ id }) => id);
      assert.deepEqual([tooEarly, await endsOf(agent, ids)], [[], ["done", "done"]]);
    } finally {
      await agent.close();
      await simulator.close();
      folders.remove();
    }
  });
});

/** The first call begins when the gate is open. */
function firstWaitsFor(gate: Gate, learn: ModelCatalog["learn"]): ModelCatalog["learn"] {
  let calls = 0;
  return async (choice, signal) => {
    calls += 1;
    if (calls === 1) await gate.opened();
    await learn(choice, signal);
  };
}
