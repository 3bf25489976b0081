/** Messages that are sent while the agent works: what a person can do to them, when they are delivered, that each is delivered once. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import type { Surroundings } from "../../src/agent/types";
import type { ToView } from "../../src/chunks/protocol";
import { applyToView, emptyView } from "../../src/chunks/view";
import { runToEnd, serve, settingsFile, stopRunners } from "../headless/support";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, rowLines, startAgent, tempFolders, withAgent } from "../support/agent";
import { call, text } from "../support/script";

const shell = (command: string) => ({ blocks: [call("run_shell", { command })] });
const said = (words: string) => ({ blocks: [text(words)] });
/** Streams for seconds, unless something stops it. */
const long = { blocks: [text("word ".repeat(400))], pace: 20 };

const texts = (agent: Agent) => agent.state().tabs[0]?.queue.map((message) => message.text) ?? [];
const asks = (agent: Agent) => agent.until((state) => state.views.get(agent.tab())?.approvals.length === 1);
const streams = (agent: Agent) =>
  agent.until((state) => {
    const block = state.views.get(agent.tab())?.live?.blocks[0];
    return block?.kind === "text" && block.text !== "";
  });
const isIdle = (agent: Agent) => agent.until((state) => state.tabs[0]?.status === "idle");

/** Sends messages that must be queued; resolves when views show them. */
async function queue(agent: Agent, ...messages: readonly string[]): Promise<void> {
  const before = texts(agent).length;
  for (const message of messages) agent.say({ type: "send", tab: agent.tab(), text: message });
  await agent.until(() => texts(agent).length === before + messages.length);
}

function idOf(agent: Agent, message: string): string {
  return agent.state().tabs[0]?.queue.find((one) => one.text === message)?.id ?? "none";
}

/** The rows that a person reads, without context. */
async function lines(agent: Agent): Promise<readonly string[]> {
  return rowLines(await agent.rows())
    .split("\n")
    .map((line) => line.replace(/^\d+ /, ""))
    .filter((line) => !line.endsWith("(context)"));
}

function assertWire(simulator: Simulator): void {
  const sent = simulator.messages();
  assert.deepEqual(
    sent.map((request) => request.error),
    sent.map(() => undefined),
  );
  for (const [index, request] of sent.entries()) {
    const before = sent[index - 1]?.usage;
    if (before === undefined) continue;
    assert.equal(request.prefix?.bytesIntact, true, `request ${index} begins with the one before`);
    assert.equal(
      request.usage?.cache_read_input_tokens,
      before.cache_read_input_tokens + before.cache_creation_input_tokens,
      `request ${index} reads what was written`,
    );
  }
}

describe("the queue", () => {
  it("can be edited, moved and taken back until it is delivered behind the results of the step", async () => {
    const scenario: Scenario = { steps: [shell("env true"), shell("env true"), said("Done.")] };
    await withAgent(scenario, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await asks(agent);
      await queue(agent, "one", "two", "three", "four");
      const tab = agent.tab();
      const taken = idOf(agent, "two");
      agent.say({ type: "queueMove", tab, id: idOf(agent, "three"), to: 0 });
      agent.say({ type: "queueEdit", tab, id: taken, text: "Two." });
      agent.say({ type: "queueEdit", tab, id: taken, text: "   " });
      agent.say({ type: "queueRemove", tab, id: idOf(agent, "one") });
      agent.say({ type: "queueMove", tab, id: idOf(agent, "four"), to: 99 });
      await agent.until(() => texts(agent).join() === "three,Two.,four");
      agent.session.decideFirst("allow_once");
      await agent.until(() => texts(agent).length === 0);
      agent.say({ type: "queueEdit", tab, id: taken, text: "too late" });
      agent.say({ type: "queueRemove", tab, id: taken });
      agent.say({ type: "queueMove", tab, id: taken, to: 0 });
      agent.say({ type: "sendNow", tab: agent.tab(), id: taken });
      await asks(agent);
      agent.session.decideFirst("allow_once");
      assert.equal((await end).endReason, "done");
      assert.deepEqual(
        (await lines(agent)).map((line) => line.replace(/ (run_shell).*/, "")),
        [
          '0 user/text "go"',
          "1 assistant/tool_call",
          "1 tool/tool_result",
          '1 user/text "three"',
          '1 user/text "Two."',
          '1 user/text "four"',
          "2 assistant/tool_call",
          "2 tool/tool_result",
          '3 assistant/text "Done."',
        ],
      );
      assert.deepEqual(
        agent.logged.filter((line) => !line.startsWith("info")),
        [],
      );
      assertWire(simulator);
    });
  });

  it("starts the next turn when the turn ends first, without an idle moment in between", async () => {
    const scenario: Scenario = { steps: [{ ...long, blocks: [text("word ".repeat(60))] }, said("Both done.")] };
    await withAgent(scenario, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await streams(agent);
      await queue(agent, "and this", "and that");
      await end;
      const states = agent.messages.flatMap((message) => (message.type === "tab" ? [message.tab.status] : []));
      assert.deepEqual([...new Set(states.slice(0, -1))], ["running"]);
      const rows = await agent.rows();
      const second = rows.filter((row) => row.turnId !== rows[0]?.turnId);
      assert.deepEqual(
        second.flatMap((row) => (row.type === "text" ? [`${row.role} ${row.data.text}`] : [])),
        ["user and this", "user and that", "assistant Both done."],
      );
      assert.equal(agent.messages.filter((message) => message.type === "turn").length, 2);
      assert.deepEqual(texts(agent), []);
      assertWire(simulator);
    });
  });

  for (const way of ["by itself", "with Send now"])
    it(`starts no turn ${way} that a person could not start: it waits and says why, and goes when that is mended`, async () => {
      let hasKey = true;
      const surroundings = (own: Surroundings): Surroundings => ({ ...own, hasSecret: async () => hasKey });
      const scenario: Scenario = { steps: [{ ...long, blocks: [text("word ".repeat(60))] }, said("Now.")] };
      await withAgent(scenario, { surroundings }, async (agent, simulator) => {
        const end = agent.send("go");
        await streams(agent);
        await queue(agent, "and this");
        hasKey = false;
        if (way === "with Send now") agent.say({ type: "sendNow", tab: agent.tab(), id: idOf(agent, "and this") });
        await end;
        const refusal = () => agent.state().setup?.banners.find(({ id }) => id === "refused")?.message ?? "";
        assert.match(
          refusal(),
          /^The queued messages were not sent and wait above the box\. There is no API key for "k1"/,
        );
        assert.deepEqual([texts(agent), simulator.messages().length], [["and this"], 1]);
        hasKey = true;
        const next = agent.nextTurn();
        agent.say({ type: "sendNow", tab: agent.tab() });
        assert.equal((await next).endReason, "done");
        assert.deepEqual([texts(agent), simulator.messages().length], [[], 2]);
      });
    });

  it("waits for the person after a stop, and goes with what they send next", async () => {
    const scenario: Scenario = { steps: [long, said("Now.")] };
    await withAgent(scenario, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await streams(agent);
      await queue(agent, "later");
      agent.say({ type: "stop", tab: agent.tab() });
      assert.equal((await end).endReason, "cancelled");
      assert.deepEqual(texts(agent), ["later"]);
      assert.equal((await agent.send("first this")).endReason, "done");
      assert.deepEqual((await lines(agent)).slice(-3), [
        '0 user/text "later"',
        '0 user/text "first this"',
        '1 assistant/text "Now."',
      ]);
      assert.deepEqual(texts(agent), []);
      assert.ok(simulator.messages().every((request) => request.error === undefined));
      assert.equal(simulator.messages().at(-1)?.prefix?.bytesIntact, true);
    });
  });

  for (const release of ["sendNow", "resume"] as const) {
    it(`waits after a failure, and goes out by ${release}`, async () => {
      const failing = { ...said("half of it, ".repeat(20)), pace: 20, stopReason: "max_tokens" } as const;
      await withAgent({ steps: [failing, said("Good.")] }, {}, async (agent, simulator) => {
        const end = agent.send("go");
        await streams(agent);
        await queue(agent, "later");
        assert.equal((await end).endReason, "max_tokens");
        assert.deepEqual(texts(agent), ["later"]);
        const next = agent.nextTurn();
        agent.say({ type: release, tab: agent.tab() });
        assert.equal((await next).endReason, "done");
        assert.deepEqual(texts(agent), []);
        const words = (await lines(agent)).slice(-2).map((line) => line.slice(2));
        assert.deepEqual(words, ['user/text "later"', 'assistant/text "Good."']);
        assertWire(simulator);
      });
    });
  }

  it("sends one message now: what streams or waits is ended as by Stop, the others keep their place", async () => {
    const scenario: Scenario = { steps: [shell("touch ran"), shell("env true"), said("All.")] };
    await withAgent(scenario, {}, async (agent, simulator) => {
      const end = agent.send("go");
      await asks(agent);
      await queue(agent, "other", "urgent");
      const second = agent.until((state) => {
        const cards = state.views.get(agent.tab())?.approvals ?? [];
        return state.tabs[0]?.queue.length === 1 && cards.length === 1;
      });
      agent.say({ type: "sendNow", tab: agent.tab(), id: idOf(agent, "urgent") });
      await second;
      assert.deepEqual(texts(agent), ["other"]);
      agent.session.decideFirst("allow_once");
      await end;
      assert.equal(existsSync(path.join(agent.root, "ran")), false);
      assert.deepEqual(
        (await lines(agent)).filter((line) => !line.includes("run_shell")),
        [
          '0 user/text "go"',
          "2 system/system cancelled: Stopped to send your message.",
          '0 user/text "urgent"',
          '1 user/text "other"',
          '2 assistant/text "All."',
        ],
      );
      assertWire(simulator);
    });
  });

  it("keeps what was to be sent now when the person presses Stop after all", async () => {
    await withAgent({ steps: [long, said("Then.")] }, {}, async (agent) => {
      const end = agent.send("go");
      await streams(agent);
      await queue(agent, "a", "b");
      agent.say({ type: "sendNow", tab: agent.tab(), id: idOf(agent, "b") });
      agent.say({ type: "stop", tab: agent.tab() });
      await end;
      assert.deepEqual([...texts(agent)].sort(), ["a", "b"]);
    });
  });

  it("is the same in every view, and after a restart", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: (request) => (request.userTexts.includes("b") ? said("ok") : long),
    });
    try {
      const agent = await startAgent({ simulator, ...folders });
      let other = emptyView;
      const view = agent.session.attach((message: ToView) => {
        other = applyToView(other, message).state;
      });
      view.receive({ type: "ready" });
      void agent.send("go");
      await streams(agent);
      await queue(agent, "a", "b");
      view.receive({ type: "queueEdit", tab: agent.tab(), id: idOf(agent, "a"), text: "A" });
      await agent.until(() => texts(agent).join() === "A,b");
      assert.deepEqual(other.tabs[0]?.queue, agent.state().tabs[0]?.queue);
      const before = agent.state().tabs[0]?.queue;
      await agent.close();

      const again = await startAgent({ simulator, ...folders });
      assert.deepEqual(again.state().tabs[0]?.queue, before);
      assert.equal(again.state().tabs[0]?.draft, "");
      assert.equal((await again.resume()).endReason, "done");
      assert.deepEqual(texts(again), []);
      await isIdle(again);
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});

describe("the queue when the process is killed", () => {
  afterEach(stopRunners);

  it("delivers each message once, in order, when the turn is continued", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: (request) => (request.userTexts.includes("three") ? said("All three.") : long),
    });
    try {
      const place = { ...folders, settings: settingsFile(folders, simulator.url) };
      const runner = await serve(place);
      runner.say({ type: "send", tab: runner.tab(), text: "go" });
      await runner.until((state) => (state.views.get(state.active)?.live?.blocks.length ?? 0) > 0);
      for (const message of ["one", "two", "three"]) runner.say({ type: "send", tab: runner.tab(), text: message });
      await runner.until((state) => state.tabs[0]?.queue.length === 3);
      await runner.kill("SIGKILL");

      const { code, runner: resumed } = await runToEnd({ ...place, args: ["--resume"] });
      assert.equal(code, 0);
      assert.deepEqual(resumed.state().tabs[0]?.queue, []);
      const again = await serve(place);
      const own = again
        .rows()
        .flatMap((row) => (row.role === "user" && row.data.origin === undefined ? [row.data.text] : []));
      assert.deepEqual(own, ["go", "one", "two", "three"]);
      assert.deepEqual(again.state().tabs[0]?.queue, []);
      assert.deepEqual(
        simulator.messages().map((request) => request.error),
        [undefined, undefined],
      );
      await again.end();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});
