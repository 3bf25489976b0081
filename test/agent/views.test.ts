/**
 * Whatever views do, and in whatever order: each ends with what a fresh one is given. None misses a revision that was
 * not lost on the way, and what was lost is all that it gets again.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Surroundings } from "../../src/agent/types";
import type { FromView, ToView, Window } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { applyToView, boundView, emptyView, goToEnd, type ViewState } from "../../src/chunks/view";
import { openStore } from "../../src/store/open";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, STORE_WORKER, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { rowLog } from "../support/rows";
import { call, text } from "../support/script";

noUnhandledRejections();

const scenario: Scenario = (request) => {
  if (request.step > 0) return { blocks: [text("That is all.")] };
  if (request.userText === "ask")
    return { blocks: [call("run_shell", { command: "env true" }), call("list_files", {})] };
  return { blocks: [text("word ".repeat(8)), call("read_file", { path: "README.md" })], pace: 1, fragment: "fine" };
};

/** A tab with more rows than two windows hold. */
async function seed(storage: string): Promise<void> {
  const store = await openStore({ folder: `${storage}/log`, worker: STORE_WORKER });
  const log = rowLog("seed");
  const turns = Array.from({ length: 75 }, (_, index) => {
    const id = log.turn(`question ${index}`);
    log.step().text("I look").call(`c${index}`).result(`c${index}`).step().text("answer");
    return { id, tabId: "seed", startedAt: index, endedAt: index + 1, endReason: "done" } as const;
  });
  await store.write([
    { op: "tab", tab: { id: "seed", title: "Old", createdAt: 1, position: 0, draft: "" } },
    ...turns.map((turn) => ({ op: "turn", turn }) as const),
    { op: "rows", rows: log.rows },
  ]);
  await store.close();
}

/** Windows that take their time to be read, so that much happens meanwhile. */
function slowReads(own: Surroundings): Surroundings {
  const { store } = own;
  return {
    ...own,
    store: {
      ...store,
      state: store.state,
      recovery: store.recovery,
      async rowsBefore(tab, before, limit) {
        const rows = await store.rowsBefore(tab, before, limit);
        await new Promise((resolve) => setTimeout(resolve, 8));
        return rows;
      },
    },
  };
}

/** Rows that a view may hold here. */
const BOUND = 100;
const settings = { "dispatch.rowsInView": BOUND };

/** A view at the end of a slow line: what it gets waits until `drain`, what it says goes out at once. */
function attach(agent: Agent) {
  let state: ViewState = emptyView;
  const line: ToView[] = [];
  const asked: FromView[] = [];
  let lost = 0;
  const windows: Window[] = [];
  const view = agent.session.attach((message) => {
    line.push(message);
    if (message.type === "window") windows.push(message.window);
  });
  const say = (message: FromView): void => view.receive(message);
  const drain = (count = Number.POSITIVE_INFINITY): void => {
    for (const message of line.splice(0, count)) {
      const applied = applyToView(state, message);
      state = applied.state;
      if (applied.ask === undefined) continue;
      asked.push(applied.ask);
      say(applied.ask);
    }
  };
  say({ type: "ready" });
  return {
    say,
    drain,
    /** Whether an event was lost since this view is there. */
    hasLost: () => lost > 0,
    /** The next event on the line never arrives. */
    lose(): void {
      const index = line.findIndex((message) => "rev" in message);
      if (index < 0) return;
      line.splice(index, 1);
      lost += 1;
    },
    toEnd(): void {
      const { state: now, ask } = goToEnd(state, state.active);
      state = now;
      if (ask !== undefined) say(ask);
    },
    /** Lets go of rows, as a page does. @param at the row that is read, as a share of those that are loaded. */
    bound(at: number, side: "oldest" | "newest"): void {
      const rows = state.views.get(state.active)?.rows ?? [];
      const from = rows[Math.floor(rows.length * at)]?.seq ?? 1;
      state = boundView(state, state.active, BOUND, { from, to: from + 10 }, side);
    },
    asked,
    windows,
    state: () => state,
    dispose: () => view.dispose(),
  };
}
type Slow = ReturnType<typeof attach>;

type Act =
  | { readonly act: "send"; readonly text: "plain" | "ask" }
  | { readonly act: "wait" | "drain"; readonly for: number }
  | { readonly act: (typeof plainActs)[number] };

const plainActs = [
  ...(["stop", "decide", "sync", "ready", "reload", "newTab", "other", "draft", "lose"] as const),
  ...([
    "older",
    "newer",
    "around",
    "letGoNewest",
    "letGoOldest",
    "toEnd",
    "queueEdit",
    "queueRemove",
    "queueMove",
  ] as const),
];

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant("send" as const), text: fc.constantFrom("plain", "ask") }) },
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constantFrom("wait", "drain"), for: fc.integer({ min: 0, max: 12 }) }),
  },
  {
    weight: 16,
    arbitrary: fc.record({ act: fc.constantFrom(...plainActs) }),
  },
);

async function play(agent: Agent, views: Slow[], which: number, act: Act): Promise<void> {
  const view = views[which % views.length];
  if (view === undefined) return;
  const { active, views: loaded, tabs } = view.state();
  const tab = active === "" ? agent.tab() : active;
  switch (act.act) {
    case "send":
      return view.say({ type: "send", tab, text: act.text });
    case "wait":
      return new Promise((resolve) => setTimeout(resolve, act.for));
    case "drain":
      return view.drain(act.for);
    case "decide":
      for (const card of loaded.get(tab)?.approvals ?? [])
        view.say({ type: "decide", tab, id: card.id, answer: { kind: "allow_once" } });
      return;
    case "older":
      return view.say({ type: "loadOlder", tab, before: loaded.get(tab)?.rows[0]?.seq ?? 1 });
    case "newer":
      return view.say({ type: "loadNewer", tab, after: loaded.get(tab)?.upTo ?? 0 });
    case "around":
      return view.say({ type: "loadAround", tab, seq: 20 + which * 10 });
    case "letGoNewest":
      return view.bound(0.2, "newest");
    case "letGoOldest":
      return view.bound(0.8, "oldest");
    case "toEnd":
      return view.toEnd();
    case "lose":
      return view.lose();
    case "queueEdit":
    case "queueRemove":
    case "queueMove": {
      const id = tabs.find((one) => one.id === tab)?.queue[which % 2]?.id;
      if (id === undefined) return;
      if (act.act === "queueRemove") return view.say({ type: "queueRemove", tab, id });
      if (act.act === "queueMove") return view.say({ type: "queueMove", tab, id, to: which % 3 });
      return view.say({ type: "queueEdit", tab, id, text: "plain" });
    }
    case "other":
      return view.say({ type: "selectTab", tab: tabs[which % Math.max(1, tabs.length)]?.id ?? tab });
    case "newTab":
      return tabs.length > 3 ? undefined : view.say({ type: "newTab" });
    case "draft":
      return view.say({ type: "draft", tab, text: "half a thought" });
    case "reload":
      view.dispose();
      views[which % views.length] = attach(agent);
      return;
    default:
      return act.act === "ready" ? view.say({ type: "ready" }) : view.say({ type: act.act, tab });
  }
}

/** Everything that was asked for is done, and a frame has passed, so that held deltas are out. */
async function settle(agent: Agent, views: readonly Slow[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await agent.session.idle();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const view of views) view.drain();
  }
}

/** What a view shows, of the rows that a fresh one has too. */
function shown(state: ViewState, from: number) {
  const view = state.views.get(state.active);
  const rows = view?.rows.filter((row) => row.seq >= from) ?? [];
  const ids = new Set(rows.map((row) => row.turnId));
  return {
    tabs: state.tabs,
    active: state.active,
    key: state.setup?.key,
    rows,
    turns: view?.turns.filter((turn) => ids.has(turn.turnId)),
    live: view?.live,
    approvals: view?.approvals,
    rev: view?.rev,
    syncing: view?.syncing,
  };
}

const hasHoles = (rows: readonly Row[]): boolean => rows.some((row, index) => row.seq !== (rows[0]?.seq ?? 0) + index);

describe("views over a session", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ scenario });
  });
  after(() => simulator.close());

  it("begin with the snapshot, whatever all are told while it is read", async () => {
    const folders = tempFolders({ "README.md": "# Sample\n" });
    await seed(folders.storage);
    const agent = await startAgent({ simulator, ...folders, settings, surroundings: slowReads });
    try {
      const told: string[] = [];
      const late = agent.session.attach((message) => told.push(message.type));
      late.receive({ type: "ready" });
      late.receive({ type: "newTab" });
      late.receive({ type: "renameTab", tab: "seed", title: "Older" });
      await agent.session.idle();
      assert.equal(told[0], "snapshot", told.join(" "));
    } finally {
      await agent.close();
      folders.remove();
    }
  });

  it("end like a fresh one after any acts in any order", async () => {
    const acts = fc.array(fc.tuple(fc.nat(11), anyAct), { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(acts, async (played) => {
        const folders = tempFolders({ "README.md": "# Sample\n" });
        await seed(folders.storage);
        const agent = await startAgent({ simulator, ...folders, settings, surroundings: slowReads });
        try {
          const views = [attach(agent), attach(agent)];
          for (const [which, act] of played) await play(agent, views, which, act);
          await settle(agent, views);
          // What was lost at last is noticed with the next event.
          for (const view of views) view.say({ type: "send", tab: view.state().active, text: "plain" });
          await settle(agent, views);
          for (const view of views) view.toEnd();
          const fresh = attach(agent);
          await settle(agent, [...views, fresh]);
          const from = fresh.state().views.get(fresh.state().active)?.rows[0]?.seq ?? 1;
          for (const view of views) {
            assert.deepEqual(shown(view.state(), from), shown(fresh.state(), from));
            if (!view.hasLost()) assert.deepEqual(view.asked, [], "no revision was missed");
            for (const one of view.state().views.values()) assert.equal(hasHoles(one.rows), false);
          }
        } finally {
          await agent.close();
          folders.remove();
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
  }).timeout(120_000);

  it("get again no more than what was lost", async () => {
    const folders = tempFolders({ "README.md": "# Sample\n" });
    await seed(folders.storage);
    const agent = await startAgent({ simulator, ...folders, settings });
    try {
      const view = attach(agent);
      await settle(agent, [view]);
      const before = view.state().views.get("seed");
      view.say({ type: "send", tab: "seed", text: "plain" });
      await agent.session.idle();
      view.lose();
      await settle(agent, [view]);
      assert.deepEqual(view.asked, [{ type: "sync", tab: "seed", after: before?.lastSeq }]);
      const [answer] = view.windows.slice(-1);
      const all = await agent.store.rows("seed", 1, await agent.store.lastSeq("seed"));
      assert.deepEqual(answer?.rows, all.slice(before?.lastSeq));
      assert.deepEqual(view.state().views.get("seed")?.rows, all.slice((before?.rows[0]?.seq ?? 1) - 1));
    } finally {
      await agent.close();
      folders.remove();
    }
  });

  it("read a long history page by page, with the lines under exactly its turns", async () => {
    const folders = tempFolders();
    await seed(folders.storage);
    const agent = await startAgent({ simulator, ...folders });
    try {
      const view = attach(agent);
      await settle(agent, [view]);
      const loaded = () => view.state().views.get("seed");
      const sizes = [loaded()?.rows.length];
      while (loaded()?.hasOlder === true) {
        view.say({ type: "loadOlder", tab: "seed", before: loaded()?.rows[0]?.seq ?? 1 });
        await settle(agent, [view]);
        sizes.push(loaded()?.rows.length);
      }
      assert.deepEqual(sizes, [100, 300, 375]);
      assert.deepEqual(
        loaded()
          ?.turns.map((turn) => turn.turnId)
          .sort(),
        Array.from({ length: 75 }, (_, index) => `t${index + 1}`).sort(),
      );
    } finally {
      await agent.close();
      folders.remove();
    }
  });
});
