/** Questions of the agent to the person: asked once, answered once, by a choice, by a message, by nobody. */
import assert from "node:assert/strict";
import type { Ask, AskAnswer } from "../../src/chunks/ask";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";
import { assertWire, said } from "../support/jobs";
import { call } from "../support/script";

const question = {
  question: "Which database?",
  choices: [{ label: "Postgres", description: "As in production." }, { label: "SQLite" }, { label: "None" }],
};
const asking = (more: object = {}) => ({ blocks: [call("ask_user", { ...question, ...more })] });
const scenario: Scenario = { turns: [{ steps: [asking(), said("Done.")] }, { steps: [said("Next.")] }] };

const asks = (agent: Agent): readonly Ask[] => agent.state().tabs[0]?.asks ?? [];
const asked = (agent: Agent, count = 1) => agent.until(() => asks(agent).length === count);
const reply = (agent: Agent, answer: AskAnswer, place = 0) =>
  agent.say({ type: "answer", tab: agent.tab(), id: asks(agent)[place]?.id ?? "", answer });

async function results(agent: Agent): Promise<readonly (readonly unknown[])[]> {
  return (await agent.rows()).flatMap((row) =>
    row.type === "tool_result" ? [[row.data.outcome, row.data.text, row.data.summary]] : [],
  );
}

describe("a question of the agent", () => {
  it("waits for the person, who chooses; the answer is the result of the call", async () => {
    await withAgent(scenario, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await asked(agent);
      const { id: _, callId, ...shown } = asks(agent)[0] ?? assert.fail();
      assert.deepEqual(shown, { ...question, several: false });
      assert.equal(agent.state().views.get(agent.tab())?.live?.tools[0]?.callId, callId);
      assert.deepEqual([agent.state().tabs[0]?.status, agent.session.summary().needApproval], ["needs-approval", 1]);
      // None of these answers it.
      reply(agent, { kind: "answer", choices: [] });
      reply(agent, { kind: "answer", choices: [], text: " " });
      reply(agent, { kind: "answer", choices: [3] });
      reply(agent, { kind: "answer", choices: [0, 1] });
      agent.say({ type: "answer", tab: agent.tab(), id: "other", answer: { kind: "skip" } });
      reply(agent, { kind: "answer", choices: [0], text: "but version 15" });
      reply(agent, { kind: "skip" }); // too late
      assert.equal((await end).endReason, "done");
      assert.deepEqual(await results(agent), [
        ["done", "The person chose: Postgres\nand said: but version 15", "Postgres; but version 15"],
      ]);
      assert.deepEqual(asks(agent), []);
      assertWire(simulator);
    });
  });

  it("is answered by a message that is sent meanwhile, the first one first, and by leaving it to the agent", async () => {
    const two = { blocks: [...asking().blocks, ...asking({ question: "And the tests?", several: true }).blocks] };
    await withAgent({ steps: [two, said("Done.")] }, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await asked(agent, 2);
      agent.say({ type: "send", tab: agent.tab(), text: "MySQL, please" });
      await asked(agent, 1);
      assert.deepEqual([agent.state().tabs[0]?.queue, agent.state().tabs[0]?.draft], [[], ""]);
      reply(agent, { kind: "answer", choices: [0, 2] });
      await end;
      assert.deepEqual((await results(agent)).map(([, text]) => text).toSorted(), [
        "The person answered: MySQL, please",
        "The person chose: Postgres; None",
      ]);
      assert.equal((await agent.rows()).filter((row) => row.type === "text" && row.role === "user").length, 2);
      assertWire(simulator);
    });
    await withAgent(scenario, {}, async (agent) => {
      const end = agent.send("go");
      await asked(agent);
      reply(agent, { kind: "skip" });
      await end;
      assert.match(String((await results(agent))[0]?.[1]), /^The person leaves the decision to you\./);
    });
  });

  it("ends with Stop", async () => {
    await withAgent(scenario, {}, async (agent) => {
      const end = agent.send("go");
      await asked(agent);
      agent.say({ type: "stop", tab: agent.tab() });
      assert.equal((await end).endReason, "cancelled");
      assert.deepEqual(
        [await results(agent), asks(agent)],
        [[["cancelled", "The person did not answer.\n[stopped by the person]", "no answer"]], []],
      );
    });
  });

  for (const how of ["closed", "killed"] as const) {
    it(`is asked anew on Resume after Dispatch was ${how}`, async () => {
      const folders = tempFolders();
      const simulator = await startSimulator({ scenario });
      const first = await startAgent({ simulator, ...folders });
      void first.send("go");
      await asked(first);
      const old = asks(first)[0]?.id ?? "";
      if (how === "closed") await first.close();
      else await first.store.close(); // nothing is written any more
      const second = await startAgent({ simulator, ...folders });
      assert.deepEqual([asks(second), second.state().tabs[0]?.resumable], [[], true]);
      const end = second.resume();
      await asked(second);
      second.say({ type: "answer", tab: second.tab(), id: old, answer: { kind: "skip" } });
      reply(second, { kind: "answer", choices: [1] });
      assert.equal((await end).endReason, "done");
      assert.deepEqual(await results(second), [["done", "The person chose: SQLite", "SQLite"]]);
      assertWire(simulator);
      await second.close();
      if (how === "killed") await first.session.dispose().catch(() => undefined);
      await simulator.close();
      folders.remove();
    });
  }

  it("that nobody answered before they went on with something else is closed for the model", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario });
    const first = await startAgent({ simulator, ...folders });
    void first.send("go");
    await asked(first);
    await first.close();
    const second = await startAgent({ simulator, ...folders });
    await second.send("something else");
    assert.deepEqual(await results(second), [
      ["cancelled", "Not run: the person went on without answering.", undefined],
    ]);
    assertWire(simulator);
    await second.close();
    await simulator.close();
    folders.remove();
  });
});
