/** The list of all conversations: what it shows, how one comes back from it, and what is left of one that was deleted. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Surroundings } from "../../src/agent/types";
import { whenText } from "../../src/chunks/when";
import { historyItems, historyTitle } from "../../src/host/history-items";
import type { Store } from "../../src/store/types";
import { call, reply } from "../simulator/reply";
import { type Agent, withAgent } from "../support/agent";
import { watch } from "../support/watcher";

/** Opens a tab in the chat. @returns its id. */
async function newTab({ say, until, tab }: Agent): Promise<string> {
  const before = tab();
  say({ type: "newTab" });
  await until(({ active, views }) => active !== before && views.has(active));
  return tab();
}

/** One conversation for each text. @returns their ids. */
async function converse(agent: Agent, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) {
    ids.push(ids.length === 0 ? agent.tab() : await newTab(agent));
    await agent.send(text);
  }
  return ids;
}

async function close(agent: Agent, tab: string): Promise<void> {
  agent.say({ type: "closeTab", tab, stop: true });
  await agent.until(({ tabs }) => tabs.every(({ id }) => id !== tab));
  await agent.session.idle();
}

const filesWith = (folder: string, text: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));

describe("the history list", () => {
  it("has open and closed conversations, newest first, page by page, and finds them by a part of the title", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const { session } = agent;
      const [first = "", second = "", third = ""] = await converse(agent, [
        "Fix the parser",
        "Name it",
        "fix the lexer",
      ]);
      await close(agent, second);
      await agent.until(({ tabs }) => tabs.length === 2);

      const all = await session.history({ limit: 10 });
      assert.deepEqual(
        all.map(({ id, title, firstWords, steps, status }) => ({ id, title, firstWords, steps, status })),
        [
          { id: third, title: "fix the lexer", firstWords: "fix the lexer", steps: 1, status: "idle" },
          { id: second, title: "Name it", firstWords: "Name it", steps: 1, status: undefined },
          { id: first, title: "Fix the parser", firstWords: "Fix the parser", steps: 1, status: "idle" },
        ],
      );
      const found = await session.history({ text: "FIX", limit: 1 });
      const [last] = found;
      assert.deepEqual(found, all.slice(0, 1));
      if (last === undefined) throw new Error("Nothing was found.");
      assert.deepEqual(await session.history({ text: "FIX", before: last, limit: 5 }), all.slice(2));
      assert.equal(await session.storeSize(), await agent.store.size());
    }));

  it("brings a closed conversation to the front with the same rows, and its next request begins with the same bytes", () =>
    withAgent({ steps: [reply("One."), reply("Two."), reply("Three.")] }, {}, async (agent, simulator) => {
      const [first = "", second = ""] = await converse(agent, ["first", "second"]);
      const rows = await agent.store.rows(first, 1, 99);
      await close(agent, first);
      await Promise.all([agent.session.openConversation(first), agent.session.openConversation(first)]);
      await agent.until(({ active, views }) => active === first && views.has(first));
      assert.deepEqual(
        agent.state().tabs.map(({ id }) => id),
        [first, second],
      );
      assert.deepEqual(await agent.rows(), rows);
      await agent.send("go on");
      assert.equal(simulator.messages().at(-1)?.prefix?.bytesIntact, true);
      await agent.session.openConversation(second);
      await agent.until(({ active }) => active === second);
    }));

  it("opens in the view that had the keyboard last", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const [first = "", second = ""] = await converse(agent, ["first", "second"]);
      const { view, until } = await watch(agent.session, second);
      view.focus();
      await close(agent, first);
      await agent.session.openConversation(first);
      await until(({ active }) => active === first);
      assert.equal(agent.tab(), second);
      view.dispose();
    }));
});

describe("deleting a conversation", () => {
  it("leaves nothing of it in any file, open or closed, and the store is smaller", () =>
    withAgent({ steps: [reply("Answer.")] }, {}, async (agent) => {
      const noise = Array.from({ length: 4000 }, (_, at) => ((at * 7919) % 46656).toString(36)).join(" ");
      const [kept = "", open = "", closed = ""] = await converse(agent, [
        "keep me",
        `open-secret ${noise}`,
        `closed-secret ${noise}`,
      ]);
      await close(agent, closed);
      await agent.until(({ tabs }) => tabs.length === 2);
      const editor = await watch(agent.session, open);
      for (const id of [closed, open]) {
        await agent.store.checkpoint(); // the two that a log has once it is of some age
        await agent.store.write([{ op: "setting", key: "any", value: id }]);
        await agent.store.checkpoint();
        const before = await agent.session.storeSize();
        assert.equal(await agent.session.deleteConversation(id), undefined);
        assert.ok((await agent.session.storeSize()) < before);
      }
      await editor.until(({ active }) => active === kept);
      await agent.session.idle();
      assert.deepEqual(filesWith(agent.storage, "-secret"), []);
      assert.deepEqual(readdirSync(path.join(agent.storage, "log", "archive")), []);
      assert.deepEqual(
        (await agent.session.history({ limit: 9 })).map(({ id }) => id),
        [kept],
      );
      await agent.session.openConversation(open);
      assert.equal(agent.tab(), kept);
      editor.view.dispose();
    }));

  it("stops the turn of one that runs, and leaves an empty tab after the last", () =>
    withAgent({ steps: [reply("Working.", call("run_shell", { command: "sleep 60" }))] }, { answer }, async (agent) => {
      const tab = agent.tab();
      agent.say({ type: "send", tab, text: "work" });
      await agent.until(({ views }) => views.get(tab)?.live?.tools[0]?.state === "running");
      assert.equal((await agent.session.history({ limit: 1 }))[0]?.status, "running");
      assert.equal(await agent.session.deleteConversation(tab), undefined);
      await agent.session.idle();
      assert.deepEqual(
        agent.state().tabs.map(({ title, status }) => ({ title, status })),
        [{ title: "New chat", status: "idle" }],
      );
      assert.deepEqual(await agent.session.history({ limit: 9 }), []);
    }));

  it("says in a sentence why it can't, and changes nothing then", () =>
    withAgent({ steps: [reply("Answer.")] }, { surroundings: readingWhenTold }, async (agent) => {
      const [first = "", second = ""] = await converse(agent, ["first", "second"]);
      await close(agent, first);
      reading = true;
      try {
        for (const id of [first, second])
          assert.match((await agent.session.deleteConversation(id)) ?? "", /not deleted\. .*another window/);
        await agent.session.openConversation(first);
        await agent.until(
          ({ setup }) => setup?.banners.some(({ message }) => /can't be opened/.test(message)) === true,
        );
        assert.equal((await agent.session.history({ limit: 9 })).length, 2);
        assert.equal(agent.tab(), second);
      } finally {
        reading = false;
      }
    }));
});

describe("the words of the history list", () => {
  const now = new Date(2026, 10, 22, 17, 30).getTime();
  const usage = { fresh: 0, output: 0, read: 0, written: 0 };
  const entry = { id: "a", title: "Fix $(it)", firstWords: "please fix", createdAt: 0, lastAt: now - 120_000, usage };

  it("are the title with an icon, the date and steps, the first words; what is typed never hides the way on", () => {
    const entries = [
      { ...entry, steps: 1, status: "running" as const },
      { ...entry, steps: 12, firstWords: "", cost: 0.1399 },
    ];
    assert.deepEqual(historyItems({ text: "", entries, hasMore: true }, now), [
      {
        is: "chat",
        entry: entries[0],
        label: "$(loading~spin) Fix \\$(it)",
        description: "running · 2 min ago · 1 step",
        detail: "please fix",
      },
      { is: "chat", entry: entries[1], label: "$(archive) Fix \\$(it)", description: "2 min ago · 12 steps · $0.14" },
      { is: "older", label: "Show older…", alwaysShow: true },
    ]);
    assert.deepEqual(
      ["", "x"].map((text) => historyItems({ text, entries: [], hasMore: false }, now)),
      [
        [{ is: "none", label: "No chats yet", alwaysShow: true }],
        [{ is: "none", label: "No chat has this in its title", alwaysShow: true }],
      ],
    );
  });

  it("say how long ago, then the day, and what the log takes on the disk", () => {
    const times = [
      new Date(2026, 10, 22, 17, 29, 30),
      new Date(2026, 10, 22, 16, 31),
      new Date(2026, 10, 22, 0, 1),
      new Date(2026, 10, 21, 23, 59),
      new Date(2026, 10, 16, 12),
      new Date(2026, 10, 15, 12),
      new Date(2025, 11, 31, 12),
    ];
    assert.deepEqual(
      times.map((time) => whenText(time.getTime(), now)),
      ["just now", "59 min ago", "17 h ago", "yesterday", "6 days ago", "Nov 15", "Dec 31, 2025"],
    );
    assert.deepEqual(
      [900, 20_000, 12_900_000].map(historyTitle).map((title) => title.split(" — ")[1]),
      ["900 bytes on disk", "20 KB on disk", "12.3 MB on disk"],
    );
  });
});

const answer = () => ({ kind: "allow_once" }) as const;

let reading = false;

/** The store says that another window owns the log while `reading` is set. */
function readingWhenTold(own: Surroundings): Surroundings {
  const store: Store = new Proxy(own.store, {
    get(target, name) {
      if (name === "state" && reading) return { kind: "reader", owner: "The chats belong to another window." };
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...own, store };
}
