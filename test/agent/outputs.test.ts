import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Row, ToolResult } from "../../src/chunks/rows";
import { allTools } from "../../src/tools";
import { call } from "../simulator/reply";
import type { ScenarioRequest } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";

const print = "seq 1 3000; head -c 30000 /dev/zero | tr '\\0' x";
const allow = () => ({ kind: "allow_once" }) as const;

/** The first turn prints. Each reads on once, exactly as the notice says, and ends. */
function readsOn({ step, turn, body }: ScenarioRequest) {
  const [, id, offset] = /read_output with id .?"([0-9a-f]+).?" and offset (\d+)/.exec(JSON.stringify(body)) ?? [];
  if (turn === 0 && step === 0) return { blocks: [call("run_shell", { command: print })] };
  if (step === (turn === 0 ? 2 : 1)) return { blocks: [{ type: "text", text: "Done." }] as const };
  return { blocks: [call("read_output", { id, offset: Number(offset), limit: 2 })] };
}

const resultsOf = (rows: readonly Row[]): readonly ToolResult[] =>
  rows.flatMap((row) => (row.type === "tool_result" ? [row.data] : []));

describe("a long output", () => {
  it("can be read on as its notice says, also after a restart, and opened whole in the editor", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: readsOn });
    const opened: string[] = [];
    const start = () =>
      startAgent({
        simulator,
        ...folders,
        answer: allow,
        surroundings: (own) => ({ ...own, editor: { ...own.editor, openText: ({ text }) => opened.push(text) } }),
      });
    let agent: Agent = await start();
    try {
      await agent.send("print");
      const [printed, page] = resultsOf(await agent.rows());
      assert.ok(printed?.blob);
      const id = printed.blob.slice(0, 12);
      const notice = /\[\.\.\. .* characters left out here: .* of \d+\. (.*) \.\.\.\]/.exec(printed.text);
      const offset = Number(/offset (\d+)/.exec(notice?.[1] ?? "")?.[1]);
      assert.equal(notice?.[1], `To read it use read_output with id "${id}" and offset ${offset}.`);
      assert.equal(
        page?.text,
        `[output ${id}: lines ${offset}-${offset + 1} of 3,002; go on with offset ${offset + 2}]\n${offset}\t${offset}\n${offset + 1}\t${offset + 1}`,
      );
      await agent.close();

      agent = await start();
      await agent.send("again");
      const results = resultsOf(await agent.rows());
      assert.deepEqual([results.length, results[2]?.text], [3, page.text]);

      agent.say({ type: "openOutput", tab: agent.tab(), callId: printed.callId });
      while (opened.length === 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(
        createHash("sha256")
          .update(opened[0] ?? "")
          .digest("hex"),
        printed.blob,
      );
    } finally {
      await agent.close();
      await simulator.close();
      folders.remove();
    }
  });

  it("names no tool that the chat does not know", async () => {
    const tools = allTools.filter(({ name }) => name !== "read_output");
    const scenario = {
      steps: [
        { blocks: [call("run_shell", { command: print })] },
        { blocks: [{ type: "text", text: "Done." }] as const },
      ],
    };
    await withAgent(scenario, { tools, answer: allow }, async (agent) => {
      await agent.send("print");
      const [printed] = resultsOf(await agent.rows());
      assert.match(printed?.text ?? "", /To see more, ask for less at a time/);
      assert.doesNotMatch(printed?.text ?? "", /read_output/);
    });
  });

  it("that is none of the chat is not given", async () => {
    const ids = ["0123456789ab", "zzzzzzzzzzzz", "../../journa"];
    const scenario = ({ steps, results }: ScenarioRequest) =>
      steps === 0
        ? { blocks: ids.map((id) => call("read_output", { id })) }
        : { blocks: [{ type: "text", text: String(results.length) }] as const };
    await withAgent(scenario, {}, async (agent) => {
      await agent.send("read");
      assert.deepEqual(
        new Set(resultsOf(await agent.rows()).map(({ text, isError }) => `${text.slice(0, 44)} ${isError}`)),
        new Set(ids.map((id) => `This chat has no kept output "${id}". true`)),
      );
    });
  });
});
