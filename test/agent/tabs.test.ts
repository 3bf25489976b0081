/** Tabs and the views that watch them: what each view has in front, and whom a command concerns. */
import assert from "node:assert/strict";
import type { FromView } from "../../src/chunks/protocol";
import { call, reply } from "../simulator/reply";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders, withAgent } from "../support/agent";
import { watch } from "../support/watcher";

/** Opens a tab in the chat. @returns its id. */
async function newTab({ say, until, tab }: Agent): Promise<string> {
  const before = tab();
  say({ type: "newTab" });
  await until(({ active, views }) => active !== before && views.has(active));
  return tab();
}

/** For tests that start the agent again on what it has left. */
async function withFolders(
  use: (folders: ReturnType<typeof tempFolders>, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const folders = tempFolders();
  const simulator = await startSimulator({ scenario: { steps: [reply("Answer.")] } });
  try {
    await use(folders, simulator);
  } finally {
    await simulator.close();
    folders.remove();
  }
}

describe("views and their tabs", () => {
  it("shows one tab in the chat and another in an editor, each with its own rows", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const first = agent.tab();
      await agent.send("first question");
      const second = await newTab(agent);
      const editor = await watch(agent.session, first);
      const texts = (rows: readonly { readonly data: object }[]) =>
        rows.flatMap(({ data }) => ("text" in data && !("origin" in data) ? [data.text] : []));
      await agent.send("second question");

      assert.deepEqual([agent.tab(), editor.state().active], [second, first]);
      assert.deepEqual(texts(editor.state().views.get(first)?.rows ?? []), ["first question", "Answer."]);
      assert.deepEqual(texts(agent.state().views.get(second)?.rows ?? []), ["second question", "Answer."]);
      assert.equal(editor.state().views.has(second), false, "an editor gets the events of its own tab only");
      editor.view.dispose();
    }));

  it("changes the tab of the view that asked, and of no other", () =>
    withAgent({ steps: [] }, {}, async (agent) => {
      const first = agent.tab();
      const second = await newTab(agent);
      const editor = await watch(agent.session, first);
      editor.say({ type: "selectTab", tab: second });
      await editor.until(({ active }) => active === second);
      editor.say({ type: "newTab" });
      await editor.until(({ active, views }) => active !== second && views.has(active));
      const third = editor.state().active;
      await agent.until(({ tabs }) => tabs.length === 3);
      assert.deepEqual([agent.tab(), editor.state().tabs.map(({ id }) => id)], [second, [first, second, third]]);
      agent.say({ type: "selectTab", tab: first });
      await agent.until(({ active }) => active === first);
      assert.equal(editor.state().active, third);
      editor.view.dispose();
    }));

  it("takes a command to the view that had the keyboard last, and to the chat once that is closed", () =>
    withAgent({ steps: [] }, {}, async (agent) => {
      const first = agent.tab();
      const second = await newTab(agent);
      const editor = await watch(agent.session, second);
      editor.view.focus();
      agent.session.nextTab();
      await editor.until(({ active }) => active === first);
      assert.deepEqual([agent.tab(), agent.session.summary().activeTab], [second, first]);
      editor.view.dispose();
      agent.session.previousTab();
      await agent.until(({ active }) => active === first);
    }));

  it("goes on with a turn when the view that watched it is closed", () =>
    withAgent({ steps: [reply("Done all the same.")] }, {}, async (agent) => {
      const first = agent.tab();
      await newTab(agent);
      const editor = await watch(agent.session, first);
      editor.say({ type: "send", tab: first, text: "go" });
      await editor.until(({ tabs }) => tabs.find(({ id }) => id === first)?.status === "running");
      editor.view.dispose();
      agent.say({ type: "selectTab", tab: first });
      await agent.until(({ views }) => views.get(first)?.turns.at(-1)?.endReason === "done");
    }));
});

describe("the strip of tabs", () => {
  it("keeps titles and order over a restart, whoever gave them", () =>
    withFolders(async (folders, simulator) => {
      const agent = await startAgent({ simulator, ...folders });
      const [one, two] = [agent.tab(), await newTab(agent)];
      await agent.send("named by its first message");
      const three = await newTab(agent);
      agent.say({ type: "renameTab", tab: three, title: "  by\n me " });
      agent.say({ type: "renameTab", tab: one, title: "   " });
      await agent.send("a message that does not take the title away");
      agent.say({ type: "moveTab", tab: three, before: one });
      agent.say({ type: "moveTab", tab: one });
      await agent.until(({ tabs }) => tabs.map(({ id }) => id).join() === [three, two, one].join());
      await agent.session.idle();
      await agent.close();

      const again = await startAgent({ simulator, ...folders });
      assert.deepEqual(
        again.state().tabs.map(({ id, title }) => [id, title]),
        [
          [three, "by me"],
          [two, "named by its first message"],
          [one, "New chat"],
        ],
      );
      await again.close();
    }));

  it("marks a tab whose turn has ended while nobody looked, until somebody does", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const first = agent.tab();
      const unread = () => agent.state().tabs.map((tab) => tab.unread === true);
      await agent.send("while you look");
      assert.deepEqual(unread(), [false]);
      await newTab(agent);
      agent.say({ type: "send", tab: first, text: "while you look elsewhere" });
      await agent.until(() => unread()[0] === true);
      agent.say({ type: "selectTab", tab: first });
      await agent.until(() => unread()[0] === false);
    }));

  it("keeps the marks over a restart, both ways", () =>
    withFolders(async (folders, simulator) => {
      const agent = await startAgent({ simulator, ...folders });
      const [one, two] = [agent.tab(), await newTab(agent)];
      await newTab(agent);
      for (const tab of [one, two]) agent.say({ type: "send", tab, text: "while you look elsewhere" });
      await agent.until(({ tabs }) => [0, 1].every((at) => tabs[at]?.unread === true && tabs[at]?.status === "idle"));
      agent.say({ type: "selectTab", tab: two });
      await agent.until(({ tabs }) => tabs[1]?.unread !== true);
      await agent.close();

      const again = await startAgent({ simulator, ...folders });
      assert.deepEqual([again.tab(), again.state().tabs.map(({ unread }) => unread === true)], [two, [true, false]]);
      again.say({ type: "selectTab", tab: one });
      await again.until(({ tabs }) => tabs[0]?.unread !== true);
      await again.close();
    }));
});

describe("where a tab was read", () => {
  it("is kept over a restart and with a closed tab; of several views the last word counts", () =>
    withFolders(async (folders, simulator) => {
      const agent = await startAgent({ simulator, ...folders });
      const tab = agent.tab();
      await agent.send("one");
      const other = await newTab(agent);
      await agent.send("two");
      agent.say({ type: "place", tab, place: { seq: 2, offset: -12.5 } });
      const editor = await watch(agent.session, tab);
      assert.deepEqual(
        editor.state().tabs.map(({ place }) => place),
        [{ seq: 2, offset: -12.5 }, undefined],
      );
      editor.say({ type: "place", tab, place: { seq: 1, offset: 4 } });
      agent.say({ type: "place", tab: other, place: { seq: 1, offset: 0 } });
      agent.say({ type: "place", tab: other });
      agent.say({ type: "closeTab", tab });
      await agent.until(({ tabs }) => tabs.length === 1);
      agent.say({ type: "reopenTab" });
      await agent.until(({ active }) => active === tab);
      await agent.close();

      const again = await startAgent({ simulator, ...folders });
      assert.deepEqual(
        again.state().tabs.map(({ id, place }) => [id, place]),
        [
          [tab, { seq: 1, offset: 4 }],
          [other, undefined],
        ],
      );
      await again.close();
    }));
});

describe("the chats that an empty tab offers", () => {
  const offered = async (agent: Agent): Promise<readonly string[]> => {
    const seen = agent.messages.length;
    const find = () => agent.messages.slice(seen).find((message) => message.type === "recent");
    agent.say({ type: "recent" });
    await agent.until(() => find() !== undefined);
    const found = find();
    return found?.type === "recent" ? found.chats.map(({ title }) => title) : [];
  };

  it("are the three with the newest activity, open or closed, and no empty one; one click brings one to the front", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      assert.deepEqual(await offered(agent), []);
      const oldest = agent.tab();
      await agent.send("oldest");
      for (const title of ["closed", "third", "newest"]) {
        await newTab(agent);
        await agent.send(title);
        if (title !== "closed") continue;
        agent.say({ type: "closeTab", tab: agent.tab() });
        await agent.until(({ active }) => active === oldest);
      }
      const empty = await newTab(agent);
      agent.say({ type: "renameTab", tab: empty, title: "Empty, but saved" });
      await newTab(agent);
      assert.deepEqual(await offered(agent), ["newest", "third", "closed"]);
      const closed = (await agent.store.tabs()).find(({ closedAt }) => closedAt !== undefined)?.id ?? "";
      agent.say({ type: "openConversation", id: closed });
      await agent.until(({ active, views }) => active === closed && views.get(closed)?.rows.length === 3);
      assert.deepEqual(await offered(agent), ["newest", "third", "oldest"]);
    }));

  it("take the place of an empty tab in which nothing was done, and of no other", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const chat = agent.tab();
      await agent.send("a chat");
      const touched: readonly ((tab: string) => FromView)[] = [
        (tab) => ({ type: "draft", tab, text: "half a thought" }),
        (tab) => ({ type: "renameTab", tab, title: "For later" }),
        (tab) => ({ type: "selectModel", tab, model: { key: "k1", model: "claude-opus-5-5" } }),
      ];
      const kept: string[] = [];
      for (const touch of touched) {
        const tab = await newTab(agent);
        kept.push(tab);
        agent.say(touch(tab));
        agent.say({ type: "openConversation", id: chat });
        await agent.until(({ active }) => active === chat);
      }
      const shown = await newTab(agent);
      const editor = await watch(agent.session, shown);
      agent.say({ type: "openConversation", id: chat });
      await agent.until(({ active }) => active === chat);
      const untouched = await newTab(agent);
      agent.say({ type: "openConversation", id: chat });
      await agent.until(({ active, tabs }) => active === chat && !tabs.some(({ id }) => id === untouched));
      assert.deepEqual(
        agent.state().tabs.map(({ id }) => id),
        [chat, ...kept, shown],
      );
      editor.view.dispose();
    }));
});

describe("closing a tab and bringing it back", () => {
  it("brings the neighbour to the front in every view, and leaves an empty tab after the last", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const first = agent.tab();
      await agent.send("one");
      const second = await newTab(agent);
      await agent.send("two");
      const editor = await watch(agent.session, second);
      agent.say({ type: "closeTab", tab: second });
      await agent.until(({ active, tabs }) => active === first && tabs.length === 1);
      await editor.until(({ active, views }) => active === first && views.has(first));
      agent.session.closeTab();
      await agent.until(({ active }) => active !== first && active !== second);
      assert.deepEqual(
        agent.state().tabs.map(({ title }) => title),
        ["New chat"],
      );
      agent.session.reopenTab();
      await agent.until(({ active }) => active === first);
      agent.session.reopenTab();
      await agent.until(({ active, views }) => active === second && views.get(second)?.rows.length === 3);
      editor.view.dispose();
    }));

  it("sends the same bytes after a tab was closed and reopened, and reads all of them from the cache", () =>
    withAgent({ steps: [reply("One."), reply("Two.")] }, {}, async (agent, simulator) => {
      const tab = agent.tab();
      const before = await agent.send("first");
      const rows = await agent.rows();
      agent.say({ type: "closeTab", tab });
      await agent.until(({ active }) => active !== tab);
      agent.say({ type: "reopenTab" });
      await agent.until(({ active, views }) => active === tab && views.has(tab));
      assert.deepEqual(await agent.rows(), rows);
      const after = await agent.send("second");
      assert.equal(after.usage.read, before.usage.read + before.usage.written);
      assert.equal(simulator.messages().at(-1)?.prefix?.bytesIntact, true);
    }));

  it("asks once while a turn runs, then stops it and keeps what it had said", () =>
    withAgent({ steps: [reply("Working.", call("run_shell", { command: "sleep 60" }))] }, { answer }, async (agent) => {
      const tab = agent.tab();
      agent.say({ type: "send", tab, text: "work" });
      await agent.until(({ views }) => views.get(tab)?.live?.tools[0]?.state === "running");
      agent.say({ type: "closeTab", tab });
      await agent.until(() => agent.messages.some((message) => message.type === "confirmClose" && message.tab === tab));
      assert.equal(agent.tab(), tab);
      agent.say({ type: "closeTab", tab, stop: true });
      await agent.until(({ active }) => active !== tab);
      agent.say({ type: "reopenTab" });
      await agent.until(({ active, views }) => active === tab && views.has(tab));
      const view = agent.state().views.get(tab);
      assert.equal(view?.turns.at(-1)?.endReason, "cancelled");
      assert.ok(view?.rows.some((row) => row.type === "tool_result" && row.data.outcome === "cancelled"));
    }));

  it("closes a tab with an open question or a draft, and keeps nothing of an empty one", () =>
    withAgent({ steps: [reply(call("run_shell", { command: "env true" }))] }, {}, async (agent) => {
      const asking = agent.tab();
      agent.say({ type: "send", tab: asking, text: "ask me" });
      await agent.until(({ views }) => views.get(asking)?.approvals.length === 1);
      const empty = await newTab(agent);
      agent.say({ type: "renameTab", tab: empty, title: "Saved, but empty" });
      const drafted = await newTab(agent);
      agent.say({ type: "draft", tab: drafted, text: "half a thought" });
      for (const tab of [asking, empty, drafted]) agent.say({ type: "closeTab", tab, stop: true });
      const closed = [asking, empty, drafted];
      await agent.until(({ tabs }) => tabs.length === 1 && tabs.every(({ id }) => !closed.includes(id)));
      agent.say({ type: "reopenTab" });
      await agent.until(({ tabs }) => tabs.length === 2);
      const known = await agent.store.tabs();
      assert.deepEqual(known.map(({ id }) => id).sort(), [asking, drafted].sort());
      agent.say({ type: "reopenTab" });
      await agent.until(({ tabs }) => tabs.some(({ draft }) => draft === "half a thought"));
    }));
});

const answer = () => ({ kind: "allow_once" }) as const;
