import assert from "node:assert/strict";
import { reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { startAgent, tempFolders, withAgent } from "../support/agent";

const opus = { key: "k1", model: "claude-opus-5-5", effort: "high" };

describe("the model of a tab", () => {
  it("is asked from the next request on, by this tab alone, and is known again after a restart", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: () => reply("Here.") });
    const asked = () =>
      simulator.messages().map(({ body }) => {
        const { model, output_config: config }: { model?: string; output_config?: unknown } = JSON.parse(
          body.toString(),
        );
        return [model, config];
      });
    const before = await startAgent({ simulator, ...folders });
    const other = before.tab();
    await before.send("first");
    before.say({ type: "newTab" });
    await before.until(({ active }) => active !== other);
    const tab = before.tab();
    before.say({ type: "selectModel", tab, model: opus });
    await before.until(({ tabs }) => tabs.at(-1)?.modelLabel === "claude-opus-5-5 · high");
    await before.send("second");
    await before.close();

    const after = await startAgent({ simulator, ...folders });
    try {
      await after.until(({ active }) => active === tab);
      assert.deepEqual(
        after.state().tabs.map(({ modelLabel }) => modelLabel),
        ["claude-sonnet-5-5", "claude-opus-5-5 · high"],
      );
      await after.send("third");
      after.say({ type: "selectTab", tab: other });
      await after.until(({ active }) => active === other);
      await after.send("fourth");
      assert.deepEqual(asked(), [
        ["claude-sonnet-5-5", undefined],
        ["claude-opus-5-5", { effort: "high" }],
        ["claude-opus-5-5", { effort: "high" }],
        ["claude-sonnet-5-5", undefined],
      ]);
    } finally {
      await after.close();
      await simulator.close();
      folders.remove();
    }
  });

  it("is shown with what a change would cost: the whole prompt of the last request", () =>
    withAgent(
      () => reply("Here."),
      {},
      async (agent) => {
        const empty = await agent.session.models();
        assert.ok(typeof empty !== "string");
        assert.deepEqual([empty.tab, empty.last], [agent.tab(), undefined]);
        await agent.send("first");
        const { usage } = await agent.send("second");
        const models = await agent.session.models();
        assert.ok(typeof models !== "string");
        const tokens = usage.read + usage.written + usage.fresh;
        const startedAt = (await agent.store.requests(agent.tab())).at(-1)?.startedAt;
        assert.deepEqual(models.last, { keyId: "k1", model: "claude-sonnet-5-5", startedAt, tokens });
      },
    ));

  it("is named in the log where it changes, before its first request, once", () =>
    withAgent(
      () => reply("Here."),
      {},
      async (agent) => {
        await agent.send("first");
        agent.say({ type: "selectModel", tab: agent.tab(), model: opus });
        await agent.send("second");
        await agent.send("third");
        const texts = (await agent.rows()).flatMap((row) => (row.type === "system" ? [row.data.text] : []));
        assert.deepEqual(texts, [
          "Changed from claude-sonnet-5-5, usual effort to claude-opus-5-5, high effort: it was chosen for this chat.",
        ]);
      },
    ));

  it("stays as it was, and a banner says why, when the settings do not know the key", () =>
    withAgent(
      () => reply("Here."),
      {},
      async (agent) => {
        agent.say({ type: "selectModel", tab: agent.tab(), model: { ...opus, key: "gone" } });
        await agent.until(({ setup }) => setup?.banners.some(({ id }) => id === "warned") === true);
        assert.equal(
          agent.state().setup?.banners.at(-1)?.message,
          'The model was not changed. The settings have no key "gone", or no effort "high".',
        );
        assert.equal(agent.state().tabs[0]?.modelLabel, "claude-sonnet-5-5");
      },
    ));

  it("counts for what may start: another key's secret is asked for when that key is chosen", () =>
    withAgent(
      () => reply("Here."),
      {
        surroundings: (own) => ({ ...own, hasSecret: async (keyId) => keyId === "k1" }),
        settings: {
          "dispatch.keys": [
            { id: "k1", provider: "anthropic", baseUrl: "http://127.0.0.1:9" },
            { id: "k2", provider: "anthropic" },
          ],
        },
      },
      async (agent) => {
        agent.say({ type: "selectModel", tab: agent.tab(), model: { key: "k2", model: "claude-opus-5-5" } });
        agent.say({ type: "send", tab: agent.tab(), text: "hello" });
        await agent.until(({ setup }) => setup?.banners.some(({ id }) => id === "refused") === true);
        assert.match(agent.state().setup?.banners.at(-1)?.message ?? "", /There is no API key for "k2" yet\./);
      },
    ));
});
