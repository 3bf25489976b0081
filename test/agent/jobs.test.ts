/** Commands that go on in the background: what the model is told, when, and that none outlives its tab. */
import assert from "node:assert/strict";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import { allTools } from "../../src/tools";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { startAgent, tempFolders, withAgent } from "../support/agent";
import {
  allow,
  assertWire,
  isAlive,
  isGone,
  jobIn,
  jobs,
  letGo,
  lines,
  pidIn,
  runs,
  said,
  shell,
  toBackground,
  waiting,
} from "../support/jobs";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";

noUnhandledRejections();

const MOVED =
  "begun\n[The person moved this command to the background, as job j4: it is running, and above is what it has printed so far. job_output reads what comes next, job_stop ends it.]";

describe("a command that is moved to the background", () => {
  it("goes on while what was queued behind it is delivered, and its output is read by its id", async () => {
    const scenario: Scenario = (request) =>
      [
        shell(waiting),
        { blocks: [call("job_output", { job: jobIn(request.lastResults), wait_seconds: 60 })] },
        said("It is over."),
      ][request.steps] ?? said("?");
    await withAgent(scenario, allow, async (agent, simulator) => {
      const end = agent.send("go");
      await runs(agent);
      agent.say({ type: "send", tab: agent.tab(), text: "and this" });
      await agent.until((state) => state.tabs[0]?.queue.length === 1);
      toBackground(agent);
      await agent.until(
        (state) =>
          state.views.get(agent.tab())?.live?.tools[0]?.state === "running" &&
          jobs(agent).length === 1 &&
          state.tabs[0]?.queue.length === 0,
      );
      assert.deepEqual(
        jobs(agent).map(({ startedAt: _, ...job }) => job),
        [{ id: "j4", command: waiting }],
      );
      letGo(agent);
      assert.equal((await end).endReason, "done");
      assert.deepEqual(await lines(agent), [
        "user: go",
        `result done: ${MOVED}`,
        "user: and this",
        "result done: over\n[job j4 has ended: exit code 0; lines 2-2 of 2]",
        "assistant: It is over.",
      ]);
      assert.deepEqual(jobs(agent), []);
      assertWire(simulator);
    });
  });

  it("is told to the model once when it has ended, with what is sent next", async () => {
    const scenario: Scenario = {
      turns: [{ steps: [shell(waiting), said("I wait.")] }, { steps: [said("Two.")] }, { steps: [said("Three.")] }],
    };
    await withAgent(scenario, allow, async (agent, simulator) => {
      const end = agent.send("one");
      await runs(agent);
      toBackground(agent);
      await end;
      letGo(agent);
      await agent.until(() => jobs(agent)[0]?.end === "exit 0");
      const before = await agent.rows();
      await agent.send("two");
      assert.deepEqual((await agent.rows()).slice(0, before.length), before);
      await agent.send("three");
      assert.deepEqual(await lines(agent), [
        "user: one",
        `result done: ${MOVED}`,
        "assistant: I wait.",
        `user: The background job j4 (${waiting}) has ended: exit code 0. It has printed 1 more line; read with job_output.`,
        "user: two",
        "assistant: Two.",
        "user: three",
        "assistant: Three.",
      ]);
      assert.deepEqual(jobs(agent), []);
      assertWire(simulator);
    });
  });

  it("is told at the next step boundary while the agent works", async () => {
    const scenario: Scenario = {
      steps: [
        shell(waiting),
        shell("touch go; until ! kill -0 $(cat pid); do sleep 0.02; done; sleep 0.2"),
        said("Done."),
      ],
    };
    await withAgent(scenario, allow, async (agent, simulator) => {
      const end = agent.send("go");
      await runs(agent);
      toBackground(agent);
      await end;
      const all = await lines(agent);
      assert.match(all.at(-2) ?? "", /^user: The background job j4 .* has ended: exit code 0/);
      assertWire(simulator);
    });
  });

  it("outlives Stop, and is ended by the person, who is the one to say so to the model", async () => {
    const slow = { blocks: [text("word ".repeat(400))], pace: 20 };
    const scenario: Scenario = {
      turns: [{ steps: [shell(waiting), slow] }, { match: /^well/, steps: [said("I see.")] }],
    };
    await withAgent(scenario, allow, async (agent, simulator) => {
      const end = agent.send("go");
      await runs(agent);
      toBackground(agent);
      await agent.until((state) => (state.views.get(agent.tab())?.live?.blocks.length ?? 0) > 0);
      agent.say({ type: "stop", tab: agent.tab() });
      assert.equal((await end).endReason, "cancelled");
      const pid = pidIn(agent.root);
      assert.equal(isAlive(pid), true);
      agent.say({ type: "stopJob", tab: agent.tab(), id: "j4" });
      await agent.until(() => jobs(agent).length === 0);
      assert.equal(isAlive(pid), false);
      await agent.send("well?");
      assert.match(
        (await lines(agent)).at(-3) ?? "",
        /^user: The background job j4 .* has ended: stopped by the person\./,
      );
      assertWire(simulator);
    });
  });

  it("makes closing its tab a question, and ends with the tab", async () => {
    const scenario: Scenario = { steps: [shell(waiting), said("I wait.")] };
    await withAgent(scenario, allow, async (agent) => {
      const end = agent.send("go");
      await runs(agent);
      toBackground(agent);
      await end;
      const pid = pidIn(agent.root);
      const tab = agent.tab();
      agent.say({ type: "closeTab", tab });
      await agent.until(() => agent.messages.some((message) => message.type === "confirmClose"));
      assert.equal(isAlive(pid), true);
      agent.say({ type: "closeTab", tab, stop: true });
      await agent.until((state) => state.tabs.every((one) => one.id !== tab));
      await isGone(pid);
    });
  });

  it("is not known after a restart, and no new job gets its id", async () => {
    const folders = tempFolders();
    const ids: string[] = [];
    const scenario: Scenario = (request) => {
      const job = jobIn(request.lastResults);
      if (job !== "none") ids.push(job);
      return (
        [
          shell("echo begun; sleep 60", { background: true }),
          said("One."),
          { blocks: [call("job_output", { job: ids[0] ?? "" })] },
          shell("sleep 60", { background: true }),
          said("Two."),
        ][request.steps] ?? said("?")
      );
    };
    const simulator = await startSimulator({ scenario });
    try {
      const agent = await startAgent({ simulator, ...folders, ...allow });
      await agent.send("one");
      assert.equal(jobs(agent).length, 1);
      await agent.close();
      const again = await startAgent({ simulator, ...folders, ...allow });
      assert.deepEqual(jobs(again), []);
      await again.send("two");
      const results = (await lines(again)).filter((line) => line.startsWith("result"));
      assert.deepEqual(
        results.map((line) => line.replace(/j\d+/g, "j")),
        [
          "result done: begun\n[The command goes on in the background, as job j: it is running, and above is what it has printed so far. job_output reads what comes next, job_stop ends it.]",
          "result error: There is no job j. Jobs end when Dispatch is closed or restarted, or when their chat is closed, and their output is gone then. There are no jobs now.",
          "result done: [The command goes on in the background, as job j: it is running, and above is what it has printed so far. job_output reads what comes next, job_stop ends it.]",
        ],
      );
      assert.equal(new Set(ids).size, 2);
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("makes sense in a chat that began before there were tools for it", async () => {
    const folders = tempFolders();
    const scenario: Scenario = {
      turns: [{ steps: [said("Hello.")] }, { steps: [shell(waiting), said("I wait.")] }, { steps: [said("I see.")] }],
    };
    const simulator = await startSimulator({ scenario });
    try {
      const old = await startAgent({
        simulator,
        ...folders,
        tools: allTools.filter((tool) => !tool.name.startsWith("job_")),
      });
      await old.send("hello");
      await old.close();
      const agent = await startAgent({ simulator, ...folders, ...allow });
      const end = agent.send("go");
      await runs(agent);
      toBackground(agent);
      await end;
      letGo(agent);
      await agent.until(() => jobs(agent)[0]?.end === "exit 0");
      await agent.send("well?");
      const all = await lines(agent);
      assert.equal(all.join("\n").includes("job_"), false);
      assert.equal(
        all
          .find((line) => line.startsWith("result"))
          ?.includes("You will be told when it has ended. Do not start it again."),
        true,
      );
      assert.match(all.at(-3) ?? "", /has ended: exit code 0\. It has printed since:\nover\n$/);
      assertWire(simulator);
      await agent.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});

describe("a command that is started in the background", () => {
  it("says at once how it has failed, or goes on and can be looked at and stopped", async () => {
    const scenario: Scenario = (request) =>
      [
        shell("echo no; exit 3", { background: true }),
        shell(waiting, { background: true }),
        { blocks: [call("job_output", { job: jobIn(request.lastResults) })] },
        { blocks: [call("job_stop", { job: jobIn(request.lastResults) })] },
        said("Stopped."),
      ][request.steps] ?? said("?");
    const asked: string[] = [];
    const answer = {
      answer(card: ApprovalCard): ApprovalAnswer {
        asked.push(`${card.title} ${card.risk}`);
        return { kind: "allow_once" };
      },
    };
    await withAgent(scenario, answer, async (agent, simulator) => {
      await agent.send("go");
      const id = /job (j\d+)/.exec((await lines(agent)).join("\n"))?.[1] ?? "";
      assert.deepEqual(
        (await lines(agent)).map((line) => line.replaceAll(id, "j")),
        [
          "user: go",
          "result error: no\n[exit code 3]",
          "result done: begun\n[The command goes on in the background, as job j: it is running, and above is what it has printed so far. job_output reads what comes next, job_stop ends it.]",
          "result done: [job j is running; nothing new, 1 line in all]",
          "result done: Job j has ended: stopped.",
          "assistant: Stopped.",
        ],
      );
      assert.equal(isAlive(pidIn(agent.root)), false);
      assert.deepEqual(
        [...new Set(asked)],
        [
          "Run this command in the background? Runs on your machine with your rights, outside any sandbox. Goes on in the background, without a time limit, until it ends or is stopped, or the chat is closed.",
        ],
      );
      assertWire(simulator);
    });
  });

  it("holds no queued message up: a wait for it ends when the person says something", async () => {
    const scenario: Scenario = (request) =>
      [
        shell(waiting, { background: true }),
        { blocks: [call("job_output", { job: jobIn(request.lastResults), wait_seconds: 120 })] },
        said("Yes?"),
      ][request.steps] ?? said("?");
    await withAgent(scenario, allow, async (agent) => {
      const end = agent.send("go");
      await agent.until((state) => {
        const rows = state.views.get(agent.tab())?.rows ?? [];
        return rows.filter((row) => row.type === "tool_call").length === 2;
      });
      agent.say({ type: "send", tab: agent.tab(), text: "you there?" });
      await end;
      assert.deepEqual(
        (await lines(agent)).slice(-3).map((line) => line.replace(/j\d+/, "j")),
        ["result done: [job j is running; nothing new, 1 line in all]", "user: you there?", "assistant: Yes?"],
      );
    });
  });
});
