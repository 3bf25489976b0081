/** The modes of a tab: what runs without a question in each, and how a change reaches the calls, the model and the log. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Mode } from "../../src/chunks/modes";
import type { Row } from "../../src/chunks/rows";
import { parseSettings } from "../../src/models/settings";
import { reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";
import { call, steps } from "../support/script";

const write = (id: string, file = "new.txt") => call("write_file", { path: file, content: "x\n" }, id);
const run = (id: string, command: string) => call("run_shell", { command }, id);

/** Everything that the modes judge differently, in one step. */
const everything: Scenario = steps(
  reply(write("w"), write("g", ".vscode/settings.json"), write("o", "../outside.txt"), run("r", "echo ran > ran.txt")),
  reply("Done."),
);

const inMode = async (agent: Agent, mode: Mode): Promise<void> => {
  agent.say({ type: "selectMode", tab: agent.tab(), mode });
  await agent.until(({ tabs, active }) => tabs.find(({ id }) => id === active)?.mode === mode);
};

const outcomes = (rows: readonly Row[]) =>
  rows.flatMap((row) =>
    row.type === "tool_result" ? [`${row.data.callId} ${row.data.outcome} ${by(row.data.decision)}`] : [],
  );

function by(decision: (Row & { type: "tool_result" })["data"]["decision"]): string {
  if (decision === undefined) return "";
  return decision.by === "person" ? "asked" : `${decision.from}: ${decision.rule}`;
}

const contexts = (rows: readonly Row[]) =>
  rows.flatMap((row) =>
    row.type === "text" && row.role === "user" && row.data.origin === "context" && row.data.text.includes("mode")
      ? [/mode (\w+(?: \w+)?):/.exec(row.data.text)?.[1]]
      : [],
  );

const deny = { answer: () => ({ kind: "deny" }) as const };

describe("the mode of a tab", () => {
  const judged: { readonly [M in Exclude<Mode, "sandbox">]: readonly string[] } = {
    ask: ["w denied asked", "g denied asked", "o denied asked", "r denied asked"],
    edits: ["w done mode: Edits allowed", "g denied asked", "o denied asked", "r denied asked"],
    plan: ["w denied mode: Plan", "g denied mode: Plan", "o denied mode: Plan", "r denied mode: Plan"],
    unrestricted: [
      "w done mode: Unrestricted",
      "g denied asked",
      "o done mode: Unrestricted",
      "r done mode: Unrestricted",
    ],
  };
  for (const mode of ["ask", "edits", "plan", "unrestricted"] as const) {
    it(`${mode}: decides what no rule decides`, () =>
      withAgent(everything, { ...deny, settings: { "dispatch.allowUnrestricted": true } }, async (agent) => {
        if (mode !== "ask") await inMode(agent, mode);
        await agent.send("go");
        assert.deepEqual(outcomes(await agent.rows()).sort(), [...judged[mode]].sort());
        assert.deepEqual(
          ["new.txt", ".vscode/settings.json", "../outside.txt", "ran.txt"].map((file) =>
            existsSync(path.join(agent.root, file)),
          ),
          judged[mode].map((line) => line.includes("done")),
        );
      }));
  }

  it("is told to the model where it changes, once, and not at all while it is Ask", () =>
    withAgent(
      () => reply("Here."),
      {},
      async (agent) => {
        await agent.send("first");
        await inMode(agent, "plan");
        await inMode(agent, "edits");
        await agent.send("second");
        await agent.send("third");
        await inMode(agent, "ask");
        await agent.send("fourth");
        assert.deepEqual(contexts(await agent.rows()), ["Edits allowed", "Ask"]);
      },
    ));

  it("counts from the next call on while a turn runs; a question that waits stays until it is answered", () =>
    withAgent(
      steps(reply(write("first", "a.txt")), reply(write("second", "b.txt")), reply("Done.")),
      {},
      async (agent) => {
        const end = agent.nextTurn();
        agent.say({ type: "send", tab: agent.tab(), text: "go" });
        await agent.until(({ views, active }) => views.get(active)?.approvals.length === 1);
        await inMode(agent, "edits");
        const [card] = agent.state().views.get(agent.tab())?.approvals ?? [];
        assert.equal(card?.callId, "first");
        agent.say({ type: "decide", tab: agent.tab(), id: card?.id ?? "", answer: { kind: "deny" } });
        await end;
        const rows = await agent.rows();
        assert.deepEqual(outcomes(rows), ["first denied asked", "second done mode: Edits allowed"]);
        assert.deepEqual(contexts(rows), ["Edits allowed"]);
      },
    ));

  it("tells the model what Plan means when a call is denied by it", () =>
    withAgent(everything, {}, async (agent, simulator) => {
      await inMode(agent, "plan");
      await agent.send("go");
      assert.match(
        String(simulator.messages().at(-1)?.body),
        /Not run: this chat is in the mode Plan.*make the plan, show it, and ask the person to change the mode/,
      );
    }));

  it("is the tab's own, over a restart, and what the model was told is not told again", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: () => reply("Here.") });
    const before = await startAgent({ simulator, ...folders });
    await inMode(before, "plan");
    await before.send("first");
    before.say({ type: "newTab" });
    await before.until(({ tabs }) => tabs.length === 2);
    await before.send("other");
    assert.deepEqual(
      before.state().tabs.map(({ mode }) => mode),
      ["plan", "ask"],
    );
    const first = before.state().tabs[0]?.id ?? "";
    before.say({ type: "selectTab", tab: first });
    await before.until(({ active }) => active === first);
    before.say({ type: "closeTab", tab: first });
    await before.until(({ tabs }) => tabs.length === 1);
    before.say({ type: "reopenTab" });
    await before.until(({ tabs }) => tabs.length === 2);
    await before.close();
    const after = await startAgent({ simulator, ...folders });
    try {
      assert.deepEqual(
        after
          .state()
          .tabs.map(({ mode }) => mode)
          .sort(),
        ["ask", "plan"],
      );
      after.say({ type: "selectTab", tab: first });
      await after.until(({ active }) => active === first);
      await after.send("second");
      assert.deepEqual(contexts(await after.rows()), ["Plan"]);
    } finally {
      await after.close();
      await simulator.close();
      folders.remove();
    }
  });

  it("is Ask again, for good, when the person takes Unrestricted away", async () => {
    const settings = (allow: boolean, url: string) =>
      parseSettings({
        "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl: url }],
        "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
        "dispatch.allowUnrestricted": allow,
      });
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: everything });
    let now = settings(true, simulator.url);
    const agent = await startAgent({
      ...{ simulator, ...folders, ...deny },
      surroundings: (own) => ({ ...own, settings: () => now }),
    });
    try {
      await inMode(agent, "unrestricted");
      now = settings(false, simulator.url);
      agent.session.refresh();
      await agent.until(({ setup }) => setup?.banners.some(({ message }) => message.includes("Ask now")) === true);
      now = settings(true, simulator.url);
      agent.session.refresh();
      await agent.send("go");
      assert.equal(agent.state().tabs[0]?.mode, "ask");
      assert.deepEqual(
        outcomes(await agent.rows()).filter((line) => !line.includes("asked")),
        [],
      );
    } finally {
      await agent.close();
      await simulator.close();
      folders.remove();
    }
  });

  it("is offered as it can be had: Unrestricted only to whoever has set it in their settings", () =>
    withAgent(
      () => reply("Here."),
      {},
      async (agent) => {
        agent.say({ type: "modes" });
        agent.say({ type: "selectMode", tab: agent.tab(), mode: "unrestricted" });
        await agent.until(({ setup }) => setup?.banners.some(({ id }) => id === "warned") === true);
        const offered = agent.messages.flatMap((message) => (message.type === "modes" ? message.modes : []));
        assert.deepEqual(offered, [{ mode: "ask" }, { mode: "edits" }, { mode: "plan" }]);
        assert.equal(agent.state().tabs[0]?.mode, "ask");
      },
    ));

  it("begins as the settings say", () =>
    withAgent(everything, { settings: { "dispatch.mode": "plan" } }, async (agent) => {
      await agent.send("go");
      assert.deepEqual(
        new Set(outcomes(await agent.rows()).map((line) => line.slice(2))),
        new Set(["denied mode: Plan"]),
      );
    }));

  it("is not changed in a folder that is not trusted", () =>
    withAgent(
      () => reply("Here."),
      { surroundings: (own) => ({ ...own, blocked: () => "This folder is not trusted." }) },
      async (agent) => {
        agent.say({ type: "selectMode", tab: agent.tab(), mode: "edits" });
        await agent.until(({ setup }) => setup?.banners.some(({ id }) => id === "warned") === true);
        assert.equal(agent.state().tabs[0]?.mode, "ask");
        assert.equal(readFileSync(path.join(agent.root, "README.md"), "utf8"), "# Sample\n");
      },
    ));
});
