/** Settings that change while turns run: from the next step on, and only the chats that they concern say so. */
import assert from "node:assert/strict";
import { keepGood, parseSettings, type SettingsState } from "../../src/models/settings";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, type AgentOptions, withAgent } from "../support/agent";
import { createGate, type Gate } from "../support/gate";
import { call, text } from "../support/script";
import { watch } from "../support/watcher";

const raw = (baseUrl: string) => ({
  "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl }],
  "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
});

/** A turn whose second answer waits until the gate opens. */
const gated = (gate: Gate): Scenario => ({
  turns: [
    {
      match: /^go/m,
      steps: [
        { blocks: [text("I look."), call("list_files", {})] },
        { blocks: [text("Once more."), call("list_files", {})], hold: gate.opened },
        { blocks: [text("Done.")] },
      ],
    },
    { match: /^other/m, steps: [{ blocks: [text("Done.")] }] },
  ],
});

/** An agent whose settings the test changes as a person would, as the editor takes such a change in. */
async function withSettings(
  gate: Gate,
  use: (
    agent: Agent,
    change: (changes: Readonly<Record<string, unknown>>) => void,
    models: () => string,
    url: string,
  ) => Promise<void>,
): Promise<void> {
  let state: SettingsState | undefined;
  let url = "";
  const surroundings: AgentOptions["surroundings"] = (own) => {
    const first = own.settings();
    if (first.ok) url = first.settings.keys[0]?.baseUrl ?? "";
    return { ...own, settings: () => state ?? first };
  };
  await withAgent(gated(gate), { surroundings }, async (agent, simulator) => {
    const change = (changes: Readonly<Record<string, unknown>>): void => {
      state = keepGood(state ?? parseSettings(raw(url)), parseSettings({ ...raw(url), ...changes }));
      agent.session.refresh();
    };
    const models = (): string =>
      simulator
        .messages()
        .map((request) => /"model":"claude-(\w+)/.exec(request.body.toString())?.[1])
        .join(" ");
    await use(agent, change, models, url);
  });
}

const notes = async ({ store }: Agent, tab: string): Promise<readonly string[]> =>
  (await store.rows(tab, 1, await store.lastSeq(tab))).flatMap((row) =>
    row.type === "system" ? [`${row.step} ${row.data.kind}: ${row.data.text}`] : [],
  );

describe("settings that change while a turn runs", () => {
  it("count from its next step, with a line that says what they mean for this chat", async () => {
    const gate = createGate();
    await withSettings(gate, async (agent, change, models) => {
      const end = agent.send("go");
      await agent.until((state) => state.views.get(agent.tab())?.live?.step === 2);
      change({
        "dispatch.models": [{ key: "k1", model: "claude-opus-5-5", effort: "low" }],
        "dispatch.maxSteps": 7,
        "dispatch.commandTimeoutSeconds": 5,
      });
      gate.open();
      assert.equal((await end).endReason, "done");
      assert.equal(models(), "sonnet sonnet opus");
      assert.deepEqual(await notes(agent, agent.tab()), [
        '2 config-reload: The settings have changed: the model is claude-opus-5-5 with the key "k1", low effort, a turn may take 7 steps, a command may run for 5 s.',
        "3 model-changed: Changed from claude-sonnet-5-5, usual effort to claude-opus-5-5, low effort: it comes first in dispatch.models.",
      ]);
    });
  });

  it("say also where the same key is asked from now on, what of its server is set otherwise, and what a turn may cost", async () => {
    const noted = async (changed: object, more: object = {}): Promise<readonly string[]> => {
      const gate = createGate();
      let said: readonly string[] = [];
      await withSettings(gate, async (agent, change, _, url) => {
        const end = agent.send("go");
        await agent.until((state) => state.views.get(agent.tab())?.live?.step === 2);
        change({ "dispatch.keys": [{ ...raw(url)["dispatch.keys"][0], ...changed }], ...more });
        gate.open();
        assert.equal((await end).endReason, "done");
        said = await notes(agent, agent.tab());
      });
      return said;
    };
    const other = await startSimulator({ scenario: gated(createGate()) });
    try {
      const { host } = new URL(other.url);
      assert.deepEqual(await noted({ baseUrl: other.url }, { "dispatch.maxCost": 2 }), [
        `2 config-reload: The settings have changed: requests with the key "k1" go to ${host}, a turn may cost $2.00.`,
      ]);
      assert.equal(other.messages().length, 1);
    } finally {
      await other.close();
    }
    assert.deepEqual(await noted({ profile: { maxTokens: 4_000 } }), [
      '2 config-reload: The settings have changed: what the server of the key "k1" accepts is set otherwise.',
    ]);
  });

  it("stop a command that names no limit of its own after the time that is set", async () => {
    const scenario: Scenario = ({ step }) => ({
      blocks: step === 0 ? [call("run_shell", { command: "sleep 60" })] : [text("Done.")],
    });
    await withAgent(scenario, { settings: { "dispatch.commandTimeoutSeconds": 1 } }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const rows = await agent.store.rows(agent.tab(), 1, await agent.store.lastSeq(agent.tab()));
      const texts = rows.flatMap((row) => (row.type === "tool_result" ? [row.data.text] : []));
      assert.match(texts.join(), /^\[stopped after 1 second, /);
    });
  });

  it("leave no line when only the fallbacks and what all chats share are others", async () => {
    const gate = createGate();
    await withSettings(gate, async (agent, change, models) => {
      const end = agent.send("go");
      await agent.until((state) => state.views.get(agent.tab())?.live?.step === 2);
      change({
        "dispatch.models": [
          { key: "k1", model: "claude-sonnet-5-5" },
          { key: "k1", model: "claude-opus-5-5" },
        ],
        "dispatch.rowsInView": 500,
        "dispatch.whenExhausted": "stop",
      });
      gate.open();
      assert.equal((await end).endReason, "done");
      assert.equal(models(), "sonnet sonnet sonnet");
      assert.deepEqual(await notes(agent, agent.tab()), []);
    });
  });

  it("say nothing in chats where no turn runs", async () => {
    const gate = createGate();
    await withSettings(gate, async (agent, change) => {
      const first = agent.tab();
      agent.say({ type: "newTab" });
      await agent.until((state) => state.tabs.length === 2 && state.active !== first);
      assert.equal((await agent.send("other")).endReason, "done");
      const watcher = await watch(agent.session, first);
      watcher.say({ type: "send", tab: first, text: "go" });
      await watcher.until((state) => state.views.get(first)?.live?.step === 2);
      change({ "dispatch.maxSteps": 7 });
      gate.open();
      await watcher.until((state) => state.views.get(first)?.turns.length === 1);
      assert.deepEqual(await notes(agent, first), [
        "2 config-reload: The settings have changed: a turn may take 7 steps.",
      ]);
      assert.deepEqual(await notes(agent, agent.tab()), []);
    });
  });

  it("and are broken leave those from before in force; a banner says what is wrong until it is mended", async () => {
    const gate = createGate();
    await withSettings(gate, async (agent, change, models) => {
      const end = agent.send("go");
      await agent.until((state) => state.views.get(agent.tab())?.live?.step === 2);
      change({ "dispatch.maxSteps": "many" });
      gate.open();
      assert.equal((await end).endReason, "done");
      const banner = () => agent.state().setup?.banners.find((one) => one.id === "settings")?.message;
      await agent.until(() => banner() !== undefined);
      assert.equal(
        banner(),
        'The settings are not as they should be, so those from before count: dispatch.maxSteps is "many"; write a whole number from 1 to 10000, such as 100.',
      );
      assert.equal((await agent.send("other")).endReason, "done");
      assert.equal(models(), "sonnet sonnet sonnet sonnet");
      assert.deepEqual(await notes(agent, agent.tab()), []);
      change({});
      await agent.until(() => banner() === undefined);
    });
  });
});
