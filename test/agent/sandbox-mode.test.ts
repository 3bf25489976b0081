/** The mode Sandboxed auto, through the whole agent and a real sandbox. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalCard } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { createSandbox } from "../../src/sandbox/sandbox";
import { createNodeWorkspace } from "../../src/tools/node-workspace";
import { describeSandbox, helpers } from "../sandbox/support";
import { reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { type Agent, type AgentOptions, startAgent, tempFolders, withAgent } from "../support/agent";
import { call, steps } from "../support/script";

const boxed: Pick<AgentOptions, "surroundings"> = {
  surroundings: (own) => {
    const root = own.workspace?.root ?? "";
    const sandbox = createSandbox({ root, secret: [path.join(root, "../storage")], helpers });
    const workspace = createNodeWorkspace({ root, stripEnv: () => [], sandbox });
    return { ...own, workspace, sandboxProblem: sandbox.problem };
  },
};

const inSandbox = async (agent: Agent): Promise<void> => {
  agent.say({ type: "selectMode", tab: agent.tab(), mode: "sandbox" });
  await agent.until(({ tabs, active }) => tabs.find(({ id }) => id === active)?.mode === "sandbox");
};

const results = (rows: readonly Row[]) =>
  rows.flatMap((row) =>
    row.type === "tool_result"
      ? [[row.data.callId, row.data.outcome, row.data.decision?.by, row.data.text] as const]
      : [],
  );

const run = (id: string, command: string, more: object = {}) => call("run_shell", { command, ...more }, id);

describeSandbox("the mode Sandboxed auto", () => {
  it("runs commands unasked inside, and asks for what is to run outside or is guarded", async () => {
    const cards: ApprovalCard[] = [];
    const answer = (card: ApprovalCard) => {
      cards.push(card);
      return { kind: card.callId === "out" ? "allow_once" : "deny" } as const;
    };
    const scenario = steps(
      reply(
        run("in", "echo x > made.txt && cat made.txt"),
        run("escape", "echo x > ../escaped.txt"),
        run("out", "echo x > ../allowed.txt", { outside_sandbox: true }),
        run("elsewhere", "echo x > here.txt", { cwd: ".." }),
        call("write_file", { path: "plain.txt", content: "x\n" }, "plain"),
        call("write_file", { path: ".vscode/settings.json", content: "{}\n" }, "guarded"),
      ),
      reply("Done."),
    );
    await withAgent(scenario, { ...boxed, answer }, async (agent) => {
      await inSandbox(agent);
      await agent.send("go");
      const rows = await agent.rows();
      assert.deepEqual(
        results(rows)
          .map(([id, outcome, by]) => `${id} ${outcome} ${by}`)
          .sort(),
        [
          "elsewhere denied person",
          "escape error rule",
          "guarded denied person",
          "in done rule",
          "out done person",
          "plain done rule",
        ],
      );
      assert.deepEqual(cards.map(({ callId, title }) => `${callId}: ${title}`).sort(), [
        "elsewhere: Run this command, outside the sandbox?",
        "guarded: Create this file?",
        "out: Run this command, outside the sandbox?",
      ]);
      const refused = results(rows).find(([id]) => id === "escape")?.[3] ?? "";
      assert.match(refused, /Read-only file system[\s\S]*run it again with outside_sandbox: true/);
      assert.deepEqual(readdirSync(path.dirname(agent.root)).sort(), ["allowed.txt", "storage", "workspace"]);
      assert.deepEqual(
        ["made.txt", "plain.txt", ".vscode", "here.txt"].filter((file) => existsSync(path.join(agent.root, file))),
        ["made.txt", "plain.txt"],
      );
    });
  });

  it("keeps background commands inside, and shows them as ever", () =>
    withAgent(
      steps(
        reply(run("job", "echo x > ../escaped.txt; echo x > made.txt; sleep 60", { background: true })),
        reply("Done."),
      ),
      boxed,
      async (agent) => {
        await inSandbox(agent);
        await agent.send("go");
        const [job] = agent.state().tabs[0]?.jobs ?? [];
        assert.ok(job);
        // What was to escape comes first.
        while (!existsSync(path.join(agent.root, "made.txt"))) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(existsSync(path.join(agent.root, "../escaped.txt")), false);
        agent.say({ type: "stopJob", tab: agent.tab(), id: job.id });
        await agent.until(({ tabs }) => tabs[0]?.jobs === undefined);
      },
    ));

  it("gives way to the person's rules", async () => {
    const rules = { rules: [{ id: "r", action: "deny", command: "git push *", source: "user" }] } as const;
    await withAgent(
      steps(reply(run("push", "git push --force")), reply("Done.")),
      {
        surroundings: (own) => ({
          ...(boxed.surroundings?.(own) ?? own),
          permissions: () => ({ user: rules, workspace: { rules: [] } }),
        }),
      },
      async (agent) => {
        await inSandbox(agent);
        await agent.send("go");
        const [[, outcome] = []] = results(await agent.rows());
        assert.equal(outcome, "denied");
      },
    );
  });
});

describe("the mode Sandboxed auto without a sandbox", () => {
  const without: Pick<AgentOptions, "surroundings"> = {
    surroundings: (own) => ({ ...own, sandboxProblem: async () => "bubblewrap is missing." }),
  };

  it("is named with the reason, and can't be chosen", () =>
    withAgent(
      () => reply("Here."),
      without,
      async (agent) => {
        agent.say({ type: "modes" });
        agent.say({ type: "selectMode", tab: agent.tab(), mode: "sandbox" });
        await agent.until(({ setup }) => setup?.banners.some(({ id }) => id === "warned") === true);
        const offers = agent.messages.flatMap((message) => (message.type === "modes" ? message.modes : []));
        assert.deepEqual(offers.at(-1), { mode: "sandbox", problem: "bubblewrap is missing." });
        assert.equal(agent.state().tabs[0]?.mode, "ask");
      },
    ));

  it("is Ask again when a chat comes back that had it", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: steps(reply(run("r", "echo x > made.txt")), reply("Done.")),
    });
    const before = await startAgent({
      ...{ simulator, ...folders },
      surroundings: (own) => ({ ...own, sandboxProblem: async () => undefined }),
    });
    await inSandbox(before);
    await before.close();
    const after = await startAgent({ simulator, ...folders, ...without, answer: () => ({ kind: "deny" }) });
    try {
      await after.until(({ tabs }) => tabs[0]?.mode === "ask");
      await after.send("go");
      const [[, outcome, by] = []] = results(await after.rows());
      assert.deepEqual([outcome, by], ["denied", "person"]);
      writeFileSync(path.join(after.root, "done"), "");
      assert.deepEqual(readdirSync(after.root), ["done"]);
    } finally {
      await after.close();
      await simulator.close();
      folders.remove();
    }
  });
});
