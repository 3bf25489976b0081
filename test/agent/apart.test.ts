/** Tabs side by side: what is done to one is neither seen nor felt in another. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { TabStatus } from "../../src/chunks/protocol";
import { call, reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { type Agent, withAgent } from "../support/agent";
import { createGate } from "../support/gate";
import { noUnhandledRejections } from "../support/loose-ends";
import { type Watcher, watch } from "../support/watcher";

noUnhandledRejections();

type Kind = "streams" | "runs" | "asks";
type Busy = { readonly tab: string; readonly watcher: Watcher };

const kinds: readonly Kind[] = ["streams", "runs", "asks"];
const waiting = "until [ -e go ]; do sleep 0.05; done; echo gone";
const asked = "env echo asked";

/** One tab that streams, one that runs a command, one that waits for an answer, each with a view and a queued message. */
async function startAll(agent: Agent): Promise<Readonly<Record<Kind, Busy>>> {
  const start = async (kind: Kind): Promise<Busy> => {
    agent.say({ type: "newTab" });
    await agent.until(({ tabs, active, views }) => tabs.at(-1)?.id === active && views.get(active)?.rows.length === 0);
    const tab = agent.tab();
    const watcher = await watch(agent.session, tab);
    watcher.say({ type: "send", tab, text: kind });
    await watcher.until(({ views }) => {
      const seen = views.get(tab);
      const block = seen?.live?.blocks[0];
      if (kind === "streams") return block?.kind === "text" && block.text !== "";
      if (kind === "asks") return seen?.approvals.length === 1;
      for (const { id } of seen?.approvals ?? [])
        watcher.say({ type: "decide", tab, id, answer: { kind: "allow_once" } });
      return seen?.live?.tools[0]?.state === "running";
    });
    watcher.say({ type: "send", tab, text: `${kind}: then this` });
    await watcher.until(({ tabs }) => tabs.find(({ id }) => id === tab)?.queue.length === 1);
    watcher.say({ type: "draft", tab, text: `${kind}: half a thought` });
    return { tab, watcher };
  };
  return { streams: await start("streams"), runs: await start("runs"), asks: await start("asks") };
}

type Shown = { readonly status?: TabStatus; readonly queue?: readonly string[]; readonly draft?: string };

/** What a view that comes now is told of a tab. */
async function shown(agent: Agent, { tab }: Busy): Promise<Shown> {
  const { view, state } = await watch(agent.session, tab);
  view.dispose();
  const found = state().tabs.find(({ id }) => id === tab);
  return found === undefined
    ? {}
    : { status: found.status, queue: found.queue.map(({ text }) => text), draft: found.draft };
}

const statusOf = (agent: Agent, { tab }: Busy) => agent.state().tabs.find(({ id }) => id === tab)?.status;

async function rowsOf(agent: Agent, { tab }: Busy): Promise<readonly string[]> {
  const rows = await agent.store.rows(tab, 1, await agent.store.lastSeq(tab));
  return rows.flatMap((row) => {
    if (row.type === "text") return row.role === "user" && row.data.origin === "context" ? [] : [row.data.text];
    if (row.type === "tool_result") return [row.data.outcome ?? "done"];
    return row.type === "system" ? [row.data.kind] : [];
  });
}

describe("Stop", () => {
  for (const stopped of kinds)
    it(`on the tab that ${stopped} touches no other: the stream, the command and the question of the others go on`, async () => {
      const held = createGate();
      const scenario: Scenario = ({ userText, step }) => {
        if (userText === "streams")
          return {
            ...reply("One word and another."),
            hold: (sent) => (sent === "" ? Promise.resolve() : held.opened()),
          };
        if (userText === "runs" && step === 0) return reply(call("run_shell", { command: waiting }));
        if (userText === "asks" && step === 0) return reply(call("run_shell", { command: asked }));
        return reply("Done.");
      };
      await withAgent(scenario, {}, async (agent) => {
        const all = await startAll(agent);
        const others = kinds.filter((kind) => kind !== stopped);
        const before = await Promise.all(others.map((kind) => shown(agent, all[kind])));

        all[stopped].watcher.say({ type: "stop", tab: all[stopped].tab });
        await agent.until(() => statusOf(agent, all[stopped]) === "idle");
        assert.deepEqual(await Promise.all(others.map((kind) => shown(agent, all[kind]))), before);
        assert.deepEqual(await shown(agent, all[stopped]), {
          status: "idle",
          queue: [`${stopped}: then this`],
          draft: `${stopped}: half a thought`,
        });
        assert.equal((await rowsOf(agent, all[stopped])).at(-1), "cancelled");

        held.open();
        writeFileSync(path.join(agent.root, "go"), "");
        const card = all.asks.watcher.state().views.get(all.asks.tab)?.approvals[0];
        if (card !== undefined)
          all.asks.watcher.say({ type: "decide", tab: all.asks.tab, id: card.id, answer: { kind: "allow_once" } });
        await agent.until(() => others.every((kind) => statusOf(agent, all[kind]) === "idle"));
        const ends: Readonly<Record<Kind, readonly string[]>> = {
          streams: ["streams", "One word and another.", "streams: then this", "Done."],
          runs: ["runs", "done", "runs: then this", "Done."],
          asks: ["asks", "done", "asks: then this", "Done."],
        };
        for (const kind of others) assert.deepEqual(await rowsOf(agent, all[kind]), ends[kind]);
      });
    });
});
