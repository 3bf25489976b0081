/** A second window on the same chats: it shows what the first one does, writes nothing, and goes on when that is gone. */
import assert from "node:assert/strict";
import type { TabState } from "../../src/chunks/protocol";
import type { ViewState } from "../../src/chunks/view";
import { serve, settingsFile, stopRunners } from "../headless/support";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";

noUnhandledRejections();

const scenario: Scenario = (request) => {
  if (request.step > 0) return { blocks: [text("That is all.")] };
  return { blocks: [text("I ask."), call("run_shell", { command: "env true" })] };
};

const sentence =
  /Another window of this folder \(process \d+ on .*\) writes; this one follows it\. It takes over when the other is closed\./;

describe("a session that follows another window", () => {
  let simulator: Simulator;
  let folders: ReturnType<typeof tempFolders>;
  const agents: Agent[] = [];
  before(async () => {
    simulator = await startSimulator({ scenario });
  });
  after(() => simulator.close());
  beforeEach(() => {
    folders = tempFolders({ "README.md": "# Sample\n" });
  });
  afterEach(async () => {
    for (const agent of agents.splice(0).toReversed()) await agent.close();
    folders.remove();
  });

  const start = async (): Promise<Agent> => {
    const agent = await startAgent({ simulator, ...folders });
    agents.push(agent);
    await agent.until((state) => state.tabs.length > 0);
    return agent;
  };
  const first = (state: ViewState): TabState | undefined => state.tabs[0];
  const shown = (state: ViewState) => {
    const view = state.views.get(state.active);
    return {
      active: state.active,
      rows: view?.rows,
      turns: view?.turns,
      tabs: state.tabs.map(({ id, title }) => [id, title]),
    };
  };
  const banners = (agent: Agent): readonly string[] => agent.state().setup?.banners.map(({ message }) => message) ?? [];
  const allow = (agent: Agent): void => {
    const card = agent.state().views.get(agent.tab())?.approvals[0];
    assert.ok(card);
    agent.say({ type: "decide", tab: card.tab, id: card.id, answer: { kind: "allow_once" } });
  };

  it("shows rows, turns, titles, new and closed tabs as they come, and a turn that runs elsewhere", async () => {
    const writer = await start();
    writer.say({ type: "send", tab: writer.tab(), text: "one" });
    await writer.until((state) => first(state)?.status === "needs-approval");
    const reader = await start();
    assert.equal(reader.store.state.kind, "reader");
    assert.match(banners(reader).join("\n"), sentence);
    assert.deepEqual(
      [writer.state().setup?.noUndo, reader.state().setup?.noUndo],
      [undefined, "Only the window that writes the chats can undo or redo their edits."],
    );
    const { status, elsewhere, unfinished, resumable } = first(reader.state()) ?? {};
    assert.deepEqual([status, elsewhere, unfinished, resumable], ["running", true, undefined, undefined]);
    assert.deepEqual(reader.session.summary().running, 0);
    await reader.session.idle();

    const done = [writer.nextTurn(), reader.nextTurn()];
    allow(writer);
    assert.deepEqual(await Promise.all(done), [await done[0], await done[0]]);
    assert.deepEqual(shown(reader.state()), shown(writer.state()));
    assert.deepEqual([first(reader.state())?.status, first(reader.state())?.elsewhere], ["idle", undefined]);

    writer.say({ type: "renameTab", tab: writer.tab(), title: "Renamed" });
    await reader.until((state) => first(state)?.title === "Renamed");
    writer.say({ type: "newTab" });
    await writer.until((state) => state.tabs.length === 2 && state.active === state.tabs[1]?.id);
    writer.say({ type: "send", tab: writer.tab(), text: "two" });
    await reader.until((state) => state.tabs[1]?.elsewhere === true);
    assert.equal(reader.state().active, first(reader.state())?.id, "its own tab stays in front");
    const id = first(reader.state())?.id ?? "";
    reader.say({ type: "draft", tab: id, text: "half a thought" });
    writer.say({ type: "closeTab", tab: id });
    // What was typed moves on.
    await reader.until(({ active, tabs }) => active === writer.tab() && tabs[0]?.draft === "half a thought");
    assert.equal(reader.state().tabs.length, 1);
    writer.session.reopenTab();
    await reader.until((state) => state.tabs.length === 2 && first(state)?.title === "Renamed");
  });

  it("sends nothing, keeps what was typed, and goes on with it when the other window is closed", async () => {
    const writer = await start();
    const reader = await start();
    writer.say({ type: "draft", tab: writer.tab(), text: "theirs" });
    writer.say({ type: "send", tab: writer.tab(), text: "one" });
    const tab = writer.tab();
    const its = (state: ViewState) => state.tabs.find(({ id }) => id === tab);
    await reader.until((state) => its(state)?.elsewhere === true);
    reader.say({ type: "selectTab", tab });
    await reader.until((state) => state.active === tab && its(state)?.draft === "");
    reader.say({ type: "send", tab, text: "mine" });
    await reader.until(({ setup }) => setup?.banners.some(({ id }) => id === "refused") ?? false);
    assert.match(banners(reader).at(-1) ?? "", /^Your message was not sent and is kept in the box\. Another window/);
    assert.equal(its(reader.state())?.draft, "mine");
    await writer.until((state) => first(state)?.status === "needs-approval");
    reader.say({ type: "stop", tab });
    reader.say({ type: "renameTab", tab, title: "not saved" });
    assert.equal(first(writer.state())?.status, "needs-approval");
    agents.splice(agents.indexOf(writer), 1);
    await writer.close();
    await reader.until(({ setup }) => setup?.banners.every(({ id }) => !id.startsWith("store:")) ?? false);
    await reader.until((state) => its(state)?.unfinished !== undefined);
    assert.deepEqual(
      [
        reader.store.state.kind,
        its(reader.state())?.draft,
        its(reader.state())?.resumable,
        reader.state().setup?.noUndo,
      ],
      ["writer", "mine", true, undefined],
    );
    const end = reader.resume();
    await reader.until((state) => its(state)?.status === "needs-approval");
    allow(reader);
    assert.equal((await end).endReason, "done");
  });

  it("follows a turn that is continued", async () => {
    const before = await start();
    before.say({ type: "send", tab: before.tab(), text: "one" });
    await before.until((state) => first(state)?.status === "needs-approval");
    agents.splice(0);
    await before.close();
    const writer = await start();
    const reader = await start();
    assert.equal(first(reader.state())?.resumable, true);
    writer.say({ type: "resume", tab: writer.tab() });
    await reader.until((state) => first(state)?.elsewhere === true && first(state)?.unfinished === undefined);
    await writer.until((state) => first(state)?.status === "needs-approval");
    const end = reader.nextTurn();
    allow(writer);
    assert.equal((await end).endReason, "done");
    assert.deepEqual(shown(reader.state()), shown(writer.state()));
  });

  it("waits for a window that is paused, and mends the turn of one that was killed", async () => {
    const writer = await serve({ ...folders, settings: settingsFile(folders, simulator.url) });
    try {
      writer.say({ type: "send", tab: writer.tab(), text: "one" });
      await writer.until((state) => first(state)?.status === "needs-approval");
      const reader = await start();
      assert.equal(first(reader.state())?.elsewhere, true);
      process.kill(writer.pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 5000)); // more than two tries to take over
      assert.deepEqual([reader.store.state.kind, first(reader.state())?.elsewhere], ["reader", true]);
      await writer.kill("SIGKILL");
      await reader.until((state) => first(state)?.unfinished !== undefined);
      assert.equal(reader.store.state.kind, "writer");
    } finally {
      stopRunners();
    }
  }).timeout(20_000);
});
