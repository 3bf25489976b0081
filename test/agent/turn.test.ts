import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import type { Reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { type Agent, rowLines, withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

const allow = (): ApprovalAnswer => ({ kind: "allow_once" });

describe("a turn", () => {
  it("runs steps with parallel calls, an approval, a denial with a reason and a command, each block a row", async () => {
    const scenario = steps(
      {
        blocks: [
          { type: "thinking", thinking: "Look first." },
          text("I look."),
          call("read_file", { path: "src/a.js" }, "toolu_1"),
          call("list_files", {}, "toolu_2"),
        ],
      },
      {
        blocks: [call("edit_file", { path: "src/a.js", edits: [{ old_text: "a = 1", new_text: "a = 2" }] }, "toolu_3")],
      },
      {
        blocks: [
          call("write_file", { path: "src/b.js", content: "b\n" }, "toolu_4"),
          call("run_shell", { command: "env cat src/a.js" }, "toolu_5"),
        ],
      },
      { blocks: [text("Done.")] },
    );
    const cards: ApprovalCard[] = [];
    const answer = (card: ApprovalCard): ApprovalAnswer => {
      cards.push(card);
      return card.tool === "write_file" ? { kind: "deny", reason: "no new files please" } : { kind: "allow_once" };
    };
    await withAgent(scenario, { answer }, async (agent, simulator) => {
      const turn = await agent.send("Make a two");
      assert.equal(turn.endReason, "done");
      assert.equal(turn.steps, 4);
      assert.equal(readFileSync(path.join(agent.root, "src/a.js"), "utf8"), "export const a = 2;\n");
      assert.equal(existsSync(path.join(agent.root, "src/b.js")), false);
      assert.deepEqual(cards.map((card) => [card.tool, card.title, card.tabScope]).sort(), [
        ["edit_file", "Edit this file?", "All further edits to this file"],
        ["run_shell", "Run this command?", "Exactly this command, in this folder"],
        ["write_file", "Create this file?", "All further edits to this file"],
      ]);
      const lines = rowLines(await agent.rows())
        .split("\n")
        .map((line) => line.replace(/^\d+ /, ""));
      assert.deepEqual(lines.slice(0, 6), [
        "0 user/text (context)",
        '0 user/text "Make a two"',
        '1 assistant/thinking "Look first."',
        '1 assistant/text "I look."',
        '1 assistant/tool_call read_file {"path":"src/a.js"}',
        "1 assistant/tool_call list_files {}",
      ]);
      const results = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
      assert.deepEqual(
        results
          .map(({ name, outcome, decision }) => ({ name, outcome, decision }))
          .sort((a, b) => a.name.localeCompare(b.name)),
        [
          { name: "edit_file", outcome: "done", decision: { by: "person", effect: "allow_once" } },
          {
            name: "list_files",
            outcome: "done",
            decision: { by: "rule", rule: "read-inside-workspace", effect: "allow", from: "built-in" },
          },
          {
            name: "read_file",
            outcome: "done",
            decision: { by: "rule", rule: "read-inside-workspace", effect: "allow", from: "built-in" },
          },
          { name: "run_shell", outcome: "done", decision: { by: "person", effect: "allow_once" } },
          {
            name: "write_file",
            outcome: "denied",
            decision: { by: "person", effect: "deny", reason: "no new files please" },
          },
        ],
      );
      assert.equal((await agent.store.approvals(agent.tab())).length, 5);
      assert.deepEqual(
        simulator.messages().map((request) => request.status),
        [200, 200, 200, 200],
      );
      const denied = JSON.stringify(JSON.parse(simulator.messages()[3]?.body.toString() ?? ""));
      assert.match(denied, /no new files please/);
    });
  });

  it("answers several pending cards in any order, and runs the calls in call order", async () => {
    const scenario = steps(
      {
        blocks: [
          call("run_shell", { command: "echo first >> log.txt" }, "toolu_1"),
          call("run_shell", { command: "echo second >> log.txt" }, "toolu_2"),
          call("run_shell", { command: "echo third >> log.txt" }, "toolu_3"),
        ],
      },
      { blocks: [text("ok")] },
    );
    await withAgent(scenario, {}, async (agent) => {
      const end = agent.send("go");
      await agent.until((state) => state.views.get(agent.tab())?.approvals.length === 3);
      const cards = agent.state().views.get(agent.tab())?.approvals ?? [];
      for (const card of cards.toReversed())
        agent.say({ type: "decide", tab: agent.tab(), id: card.id, answer: allow() });
      assert.equal((await end).endReason, "done");
      assert.equal(readFileSync(path.join(agent.root, "log.txt"), "utf8"), "first\nsecond\nthird\n");
    });
  });

  it("asks once when a command is allowed in this tab, and again in another tab", async () => {
    const run = { blocks: [call("run_shell", { command: "env echo hi" })] };
    const scenario: Scenario = { turns: [{ match: /go/, steps: [run, run, { blocks: [text("ok")] }] }] };
    const asked: string[] = [];
    const answer = (card: ApprovalCard): ApprovalAnswer => {
      asked.push(card.tab);
      return { kind: "allow_tab" };
    };
    await withAgent(scenario, { answer }, async (agent) => {
      await agent.send("go");
      const first = agent.tab();
      agent.say({ type: "newTab" });
      await agent.until((state) => state.active !== first && state.views.has(state.active));
      await agent.send("go");
      assert.deepEqual(asked, [first, agent.tab()]);
    });
  });

  it("shows the second edit of one file as a change of what the first one left", async () => {
    const edit = (from: string, to: string) =>
      call("edit_file", { path: "src/a.js", edits: [{ old_text: from, new_text: to }] });
    const scenario = steps({ blocks: [edit("a = 1", "a = 2"), edit("a = 2", "a = 3")] }, { blocks: [text("ok")] });
    await withAgent(scenario, { answer: allow }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(readFileSync(path.join(agent.root, "src/a.js"), "utf8"), "export const a = 3;\n");
    });
  });
});

describe("every way in which a step can end", () => {
  const results = async (agent: Agent) =>
    (await agent.rows()).flatMap((row) =>
      row.type === "tool_result" ? [`${row.data.outcome}: ${row.data.text}`] : [],
    );

  it("tells the model of an unknown tool, arguments that do not fit, and a tool that throws", async () => {
    const scenario = steps(
      {
        blocks: [
          call("fly", { to: "moon" }),
          call("read_file", { file: "a" }),
          { type: "tool_use", name: "read_file", json: '{"path": 7}' },
          call("read_file", { path: "missing.txt" }),
          call("explode", {}),
        ],
      },
      { blocks: [text("ok")] },
    );
    const { allTools } = await import("../../src/tools");
    const explode = {
      name: "explode",
      description: "Throws.",
      schema: { type: "object", properties: {} },
      readOnly: true,
      about: () => "",
      prepare: async () => {
        throw new Error("boom");
      },
    };
    await withAgent(scenario, { tools: [...allTools, explode] }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const texts = (await results(agent)).sort();
      assert.equal(texts.length, 5);
      assert.ok(
        texts.every((one) => one.startsWith("error: ")),
        texts.join("\n"),
      );
      for (const words of [/no tool named fly/, /path/, /missing\.txt/, /failed inside Dispatch: boom/]) {
        assert.ok(
          texts.some((one) => words.test(one)),
          `${words} in ${texts.join("\n")}`,
        );
      }
    });
  });

  const endings: readonly { name: string; replies: readonly Reply[]; ends: string; code?: string; requests: number }[] =
    [
      {
        name: "a refusal",
        replies: [{ blocks: [text("I can't")], stopReason: "refusal" }],
        ends: "refusal",
        code: "refusal",
        requests: 1,
      },
      {
        name: "an answer cut at the output limit",
        replies: [{ blocks: [text("half")], stopReason: "max_tokens" }],
        ends: "max_tokens",
        code: "max-tokens",
        requests: 1,
      },
      {
        name: "a full context window",
        replies: [{ blocks: [text("half")], stopReason: "model_context_window_exceeded" }],
        ends: "error",
        code: "context-full",
        requests: 1,
      },
      { name: "an empty answer", replies: [{ blocks: [] }], ends: "done", requests: 1 },
      {
        name: "a pause",
        replies: [{ blocks: [text("wait")], stopReason: "pause_turn" }, { blocks: [text("go on")] }],
        ends: "done",
        requests: 2,
      },
      {
        name: "a call that the output limit cut",
        replies: [
          {
            blocks: [text("I write"), call("write_file", { path: "x", content: "long" })],
            fault: { kind: "stop", reason: "max_tokens" },
          },
          { blocks: [text("smaller now")] },
        ],
        ends: "done",
        requests: 2,
      },
      {
        name: "a refusal inside a call",
        replies: [
          {
            blocks: [text("I write"), call("write_file", { path: "x", content: "long" })],
            fault: { kind: "stop", reason: "refusal" },
          },
        ],
        ends: "refusal",
        code: "refusal",
        requests: 1,
      },
    ];
  for (const { name, replies, ends, code, requests } of endings) {
    it(`${name}: the turn ends ${ends}, no cut call runs, and the next message goes on validly`, async () => {
      const scenario: Scenario = { steps: [...replies, { blocks: [text("fine")] }] };
      await withAgent(scenario, { answer: allow }, async (agent, simulator) => {
        const turn = await agent.send("go");
        assert.equal(turn.endReason, ends);
        const errors = (await agent.rows()).flatMap((row) => (row.type === "error" ? [row.data.code] : []));
        assert.deepEqual(errors, code === undefined ? [] : [code]);
        assert.equal(existsSync(path.join(agent.root, "x")), false);
        assert.equal(simulator.messages().length, requests);
        assert.equal((await agent.send("next")).endReason, "done");
        assert.ok(
          simulator.messages().every((request) => request.status === 200),
          JSON.stringify(simulator.messages().map((request) => request.error)),
        );
      });
    });
  }

  it("stops at the step limit and goes on when asked to", async () => {
    const read = { blocks: [call("read_file", { path: "README.md" })] };
    const scenario = steps(read, read, read, { blocks: [text("ok")] });
    await withAgent(scenario, { settings: { "dispatch.maxSteps": 2 } }, async (agent, simulator) => {
      assert.equal((await agent.send("go")).endReason, "max_steps");
      assert.equal(agent.state().tabs[0]?.resumable, true);
      assert.equal((await agent.resume()).endReason, "done");
      assert.deepEqual(
        simulator.messages().map((request) => request.status),
        [200, 200, 200, 200],
      );
      assert.ok(
        simulator
          .messages()
          .slice(1)
          .every((request) => request.prefix?.bytesIntact),
      );
    });
  });
});
