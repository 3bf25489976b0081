import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ToView } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import type { Fault } from "../simulator/faults";
import type { Scenario } from "../simulator/scenario";
import { type Agent, withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

const failing = (fault: Fault): Scenario =>
  steps(
    { blocks: [text("I look."), call("read_file", { path: "README.md" })] },
    { blocks: [text("All of the answer.")], fault },
  );

const texts = (rows: readonly Row[]) =>
  rows.flatMap((row) => (row.role === "assistant" && row.type === "text" ? [row.data.text] : []));

describe("a failed attempt", () => {
  const transient: readonly Fault[] = [
    { kind: "overloaded", times: 2 },
    { kind: "server-error" },
    { kind: "bad-gateway" },
    { kind: "rate-limit", retryAfter: "ms", seconds: 0.05 },
    { kind: "error-event", after: 4 },
    { kind: "reset", at: "before-headers" },
    { kind: "reset", at: "after-events", after: 4 },
    { kind: "cut", after: 4 },
  ];
  for (const fault of transient) {
    it(`${JSON.stringify(fault)} is tried again and leaves nothing behind`, async () => {
      await withAgent(failing(fault), {}, async (agent, simulator) => {
        assert.equal((await agent.send("go")).endReason, "done");
        assert.deepEqual(texts(await agent.rows()), ["I look.", "All of the answer."]);
        const failed = (await agent.store.requests(agent.tab())).filter((request) => request.outcome === "error");
        assert.equal(failed.length, fault.times ?? 1);
        // The same bytes went out each time.
        const bodies = simulator
          .messages()
          .slice(1)
          .map((request) => request.body.toString());
        assert.equal(new Set(bodies).size, 1);
        assert.ok(agent.messages.some(isRetrying), "the wait was shown");
        assert.ok(agent.messages.some(isDiscard), "the partial answer was taken back");
        assert.equal(agent.state().views.get(agent.tab())?.live, undefined);
      });
    });
  }

  it("that stalls is caught by the watchdog", async () => {
    await withAgent(failing({ kind: "stall", after: 4 }), { idleTimeoutMs: 300 }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.deepEqual(texts(await agent.rows()), ["I look.", "All of the answer."]);
    });
  });

  const final: readonly { fault: Fault; code: string; action: string }[] = [
    { fault: { kind: "bad-key" }, code: "bad-key", action: "set-api-key" },
    { fault: { kind: "no-credit" }, code: "no-credit", action: "set-api-key" },
    { fault: { kind: "not-found" }, code: "unknown-model", action: "open-settings" },
    { fault: { kind: "too-large" }, code: "too-large", action: "none" },
  ];
  for (const { fault, code, action } of final) {
    it(`${fault.kind} ends the turn with a sentence and a way on; the steps before it stay, and Resume continues them`, async () => {
      await withAgent(failing(fault), {}, async (agent, simulator) => {
        assert.equal((await agent.send("go")).endReason, "error");
        const errors = (await agent.rows()).flatMap((row) => (row.type === "error" ? [row.data] : []));
        assert.equal(errors.length, 1);
        assert.equal(errors[0]?.code, code);
        assert.match(errors[0]?.message ?? "", /^\S.*\.$/);
        assert.equal(errors[0]?.action ?? "none", action);
        assert.equal(agent.state().tabs[0]?.status, "error");
        assert.equal((await agent.resume()).endReason, "done");
        assert.deepEqual(texts(await agent.rows()), ["I look.", "All of the answer."]);
        const last = simulator.messages().at(-1);
        assert.equal(last?.status, 200);
        assert.equal(last?.prefix?.bytesIntact, true);
      });
    });
  }
});

describe("stop", () => {
  const stopWhen = async (agent: Agent, when: (message: ToView) => boolean): Promise<void> => {
    await agent.until(() => agent.messages.some(when));
    agent.say({ type: "stop", tab: agent.tab() });
  };
  const goOn = { match: /^next/m, steps: [{ blocks: [text("fine")] }] };
  const moments: readonly {
    name: string;
    scenario: Scenario;
    when: (message: ToView) => boolean;
    keeps: readonly string[];
  }[] = [
    {
      name: "while the request waits",
      scenario: {
        turns: [{ match: /^go/m, steps: [{ blocks: [text("late")], fault: { kind: "late", ms: 30_000 } }] }, goOn],
      },
      when: (message) => message.type === "live" && message.event.kind === "begin",
      keeps: [],
    },
    {
      name: "while text streams",
      scenario: {
        turns: [
          {
            match: /^go/m,
            steps: [{ blocks: [text("one two three four five six seven eight nine ten ".repeat(40))], pace: 20 }],
          },
          goOn,
        ],
      },
      when: (message) => message.type === "live" && message.event.kind === "delta",
      keeps: ["assistant/text"],
    },
    {
      name: "while a card is pending",
      scenario: {
        turns: [{ match: /^go/m, steps: [{ blocks: [call("run_shell", { command: "env sleep 30" })] }] }, goOn],
      },
      when: (message) => message.type === "approvals" && message.cards.length > 0,
      keeps: ["assistant/tool_call", "tool/tool_result:cancelled"],
    },
    {
      name: "while it waits to try again",
      scenario: {
        turns: [
          {
            match: /^go/m,
            steps: [
              { blocks: [text("x")], fault: { kind: "rate-limit", retryAfter: "seconds", seconds: 5, times: 9 } },
            ],
          },
          goOn,
        ],
      },
      when: isRetrying,
      keeps: [],
    },
  ];
  for (const { name, scenario, when, keeps } of moments) {
    it(`${name} ends the turn, keeps what was complete, and the chat goes on validly`, async () => {
      await withAgent(scenario, {}, async (agent, simulator) => {
        const end = agent.send("go");
        await stopWhen(agent, when);
        assert.equal((await end).endReason, "cancelled");
        const kinds = (await agent.rows())
          .filter((row) => row.role !== "user" && row.role !== "system")
          .map((row) => `${row.role}/${row.type}${row.type === "tool_result" ? `:${row.data.outcome}` : ""}`);
        assert.deepEqual(kinds, keeps);
        assert.equal((await agent.rows()).at(-1)?.type, "system");
        assert.equal((await agent.send("next")).endReason, "done");
        assert.equal(simulator.messages().at(-1)?.status, 200);
      });
    });
  }

  it("kills a running command with all its children", async () => {
    const command = "sleep 300 & echo $!; sleep 301";
    const scenario = steps({ blocks: [call("run_shell", { command })] });
    await withAgent(scenario, { answer: () => ({ kind: "allow_once" }) }, async (agent) => {
      const end = agent.send("go");
      await stopWhen(agent, (message) => message.type === "live" && message.event.kind === "output");
      assert.equal((await end).endReason, "cancelled");
      const result = (await agent.rows()).find((row) => row.type === "tool_result");
      assert.ok(result?.type === "tool_result");
      assert.equal(result.data.outcome, "cancelled");
      const child = Number(/^(\d+)$/m.exec(result.data.text)?.[1]);
      assert.ok(child > 0, result.data.text);
      assert.equal(isAlive(child), false);
    });
  });

  it("reports idle only when the rows are durable", async () => {
    const scenario = steps({ blocks: [call("run_shell", { command: "env sleep 30" })] });
    await withAgent(scenario, {}, async (agent) => {
      const end = agent.send("go");
      await agent.until((state) => state.tabs[0]?.status === "needs-approval");
      const seen = agent.messages.length;
      agent.say({ type: "stop", tab: agent.tab() });
      await end;
      const order = agent.messages.slice(seen).flatMap((message) => {
        if (message.type === "tab" && message.tab.status === "idle") return ["idle"];
        if (message.type === "rows") return message.rows.map((row) => row.type);
        return [];
      });
      assert.deepEqual(order, ["tool_result", "system", "idle"]);
    });
  });
});

/** A process that has ended may stay as a zombie until its parent notices. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function isRetrying(message: ToView): boolean {
  return message.type === "tab" && message.tab.activity.kind === "retrying";
}

function isDiscard(message: ToView): boolean {
  return message.type === "live" && message.event.kind === "discard";
}
