/** The agent's task list: written by its calls, shown while it says something, found again wherever it stands. */
import assert from "node:assert/strict";
import type { TodoItem } from "../../src/chunks/todo";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";
import { assertWire, said } from "../support/jobs";
import { call } from "../support/script";

const list = (...items: readonly (readonly [string, TodoItem["status"]])[]) => ({
  blocks: [call("todo", { items: items.map(([text, status]) => ({ text, status })) })],
});
const shown = (agent: Agent) => agent.state().tabs[0]?.todo;

describe("the task list of a chat", () => {
  it("follows the calls, needs no question, and goes when all is done and the next turn begins", async () => {
    const scenario: Scenario = {
      turns: [
        {
          steps: [
            list(["read", "in_progress"], ["mend", "pending"]),
            { blocks: [call("todo", { items: [{ text: "no status" }] })] },
            list(["read", "done"], ["mend", "done"]),
            said("Done."),
          ],
        },
        { steps: [said("Yes.")] },
      ],
    };
    await withAgent(scenario, {}, async (agent, simulator) => {
      await agent.send("go");
      assert.deepEqual(shown(agent), [
        { text: "read", status: "done" },
        { text: "mend", status: "done" },
      ]);
      const results = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
      assert.deepEqual(
        results.map(({ text, summary, decision }) => [text.split("\n", 1)[0], summary, decision]),
        [
          [
            "The person sees the list: 0 of 2 done. Now: read",
            "0 of 2 done",
            { by: "rule", rule: "no-effect", effect: "allow", from: "built-in" },
          ],
          ["The arguments do not fit the schema of the tool:", undefined, undefined],
          [
            "The person sees the list: 2 of 2 done. All is done.",
            "2 of 2 done",
            { by: "rule", rule: "no-effect", effect: "allow", from: "built-in" },
          ],
        ],
      );
      await agent.send("thanks");
      assert.equal(shown(agent), undefined);
      assertWire(simulator);
    });
  });

  it("is there again after a restart, also when it stands far above what a view loads", async () => {
    const reads = Array.from({ length: 40 }, () => ({ blocks: [call("read_file", { path: "README.md" })] }));
    const scenario: Scenario = { steps: [list(["one", "done"], ["two", "in_progress"]), ...reads, said("Half.")] };
    const folders = tempFolders({ "README.md": "# Sample\n" });
    const simulator = await startSimulator({ scenario });
    const options = { simulator, ...folders, settings: { "dispatch.rowsInView": 100 } };
    const first = await startAgent(options);
    await first.send("go");
    const before = shown(first);
    await first.close();
    const second = await startAgent(options);
    await second.until((state) => state.tabs[0]?.todo !== undefined);
    assert.deepEqual(
      [before, shown(second)],
      Array.from({ length: 2 }, () => [
        { text: "one", status: "done" },
        { text: "two", status: "in_progress" },
      ]),
    );
    assert.equal(second.state().views.get(second.tab())?.hasOlder, true);
    await second.close();
    await simulator.close();
    folders.remove();
  });
});
