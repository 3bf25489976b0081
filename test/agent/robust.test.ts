/** What may come at a session in any order or fail under it: no tab is wedged, no text is lost, no call runs twice. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Surroundings } from "../../src/agent/types";
import type { ToView } from "../../src/chunks/protocol";
import { applyToView, emptyView, type ViewState } from "../../src/chunks/view";
import type { WireEvent } from "../../src/models/types";
import type { Op, Store } from "../../src/store/types";
import type { Scenario } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, rowLines, startAgent, tempFolders, withAgent } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, steps, text } from "../support/script";

noUnhandledRejections();

const ok = steps({ blocks: [text("ok")] });

/** Lets the store refuse the next write that fits, as it refuses what contradicts the log. */
function refusing(): {
  next: (fits: (ops: readonly Op[]) => boolean) => void;
  over: (own: Surroundings) => Surroundings;
} {
  let refuse: ((ops: readonly Op[]) => boolean) | undefined;
  const wrap = (store: Store): Store => ({
    ...store,
    get state() {
      return store.state;
    },
    get recovery() {
      return store.recovery;
    },
    write(ops) {
      if (refuse?.(ops) !== true) return store.write(ops);
      refuse = undefined;
      return Promise.reject(new Error("The write contradicts the log."));
    },
  });
  return {
    next: (fits) => {
      refuse = fits;
    },
    over: (own) => ({ ...own, store: wrap(own.store) }),
  };
}

const hasRow = (type: string) => (ops: readonly Op[]) =>
  ops.some((op) => op.op === "rows" && op.rows.some((row) => row.type === type));

/** Another view of the same session, folded as a webview folds it. */
function watch(agent: Agent, onMessage: (message: ToView) => void = () => undefined) {
  let state: ViewState = emptyView;
  const checks = new Set<() => void>();
  const view = agent.session.attach((message) => {
    onMessage(message);
    const applied = applyToView(state, message);
    state = applied.state;
    if (applied.ask !== undefined) view.receive(applied.ask);
    for (const check of [...checks]) check();
  });
  const until = (holds: (state: ViewState) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (holds(state)) resolve();
      };
      checks.add(check);
      check();
    });
  return { view, until, state: () => state };
}

describe("views that come and ask at the same time", () => {
  it("a view that says `ready` while another brings a tab to the front gets its snapshot", async () => {
    await withAgent(ok, {}, async (agent) => {
      const first = agent.tab();
      agent.say({ type: "newTab" });
      await agent.until((state) => state.active !== first && state.views.has(state.active));
      const { view, until } = watch(agent);
      view.receive({ type: "ready" });
      agent.say({ type: "selectTab", tab: first });
      await until((state) => state.active === first && state.setup !== undefined && state.views.has(first));
    });
  });

  it("a late `sync` for a tab that went to the back does not take the view there", async () => {
    await withAgent(ok, {}, async (agent) => {
      const first = agent.tab();
      agent.say({ type: "newTab" });
      await agent.until((state) => state.active !== first && state.views.has(state.active));
      const second = agent.tab();
      agent.say({ type: "selectTab", tab: first });
      agent.say({ type: "selectTab", tab: second });
      agent.say({ type: "sync", tab: first });
      assert.equal((await agent.send("go")).endReason, "done");
      await agent.until((state) => state.views.get(second)?.rows.some((row) => row.role === "assistant") === true);
    });
  });

  it("a view whose page is gone harms neither the turn nor the other views", async () => {
    await withAgent(ok, {}, async (agent) => {
      const broken = agent.session.attach(() => {
        throw new Error("Webview is disposed");
      });
      broken.receive({ type: "ready" });
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(agent.state().views.get(agent.tab())?.rows.length, 3);
    });
  });

  it("a listener of the summary that throws does not end up in the turn", async () => {
    await withAgent(ok, {}, async (agent) => {
      const off = agent.session.onSummary(() => {
        throw new Error("the status bar is gone");
      });
      assert.equal((await agent.send("go")).endReason, "done");
      off();
    });
  });
});

describe("a message", () => {
  it("that can't begin its turn is back in the box, leaves nothing in the log, and the next one begins well", async () => {
    const { next, over } = refusing();
    await withAgent(ok, { surroundings: over }, async (agent, simulator) => {
      next(hasRow("text"));
      agent.say({ type: "send", tab: agent.tab(), text: "first try" });
      await agent.until((state) => state.setup?.banners.some((banner) => banner.id === "refused") === true);
      await agent.until((state) => state.tabs[0]?.status === "idle" && state.tabs[0].draft === "first try");
      assert.equal(agent.state().tabs[0]?.resumable, undefined);
      assert.deepEqual([await agent.rows(), await agent.store.turns(agent.tab())], [[], []]);
      assert.equal((await agent.send("second try")).endReason, "done");
      assert.equal(
        rowLines(await agent.rows()),
        '1 0 user/text (context)\n2 0 user/text "second try"\n3 1 assistant/text "ok"',
      );
      assert.equal(agent.state().tabs[0]?.title, "second try");
      assert.deepEqual(
        simulator.messages().map((request) => request.status),
        [200],
      );
    });
  });

  it("is kept when it can't even be found out whether a turn may start", async () => {
    let locked = false;
    const surroundings = (own: Surroundings): Surroundings => ({
      ...own,
      hasSecret: () => (locked ? Promise.reject(new Error("The keyring is locked.")) : Promise.resolve(true)),
    });
    await withAgent(ok, { surroundings }, async (agent) => {
      locked = true;
      agent.say({ type: "send", tab: agent.tab(), text: "hello" });
      await agent.until((state) => state.setup?.banners.some((banner) => /keyring/.test(banner.message)) === true);
      await agent.until((state) => state.tabs[0]?.draft === "hello");
    });
  });

  it("survives when Dispatch is closed right after it was sent, as a turn or as the draft", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: ok });
    try {
      const agent = await startAgent({ simulator, ...folders });
      agent.say({ type: "send", tab: agent.tab(), text: "last words" });
      await agent.close();
      const again = await startAgent({ simulator, ...folders });
      const asked = (await again.rows()).some((row) => row.role === "user" && row.data.text === "last words");
      assert.ok(asked !== (again.state().tabs[0]?.draft === "last words"), "it is in one of the two places");
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("sent in one tick with another is delivered behind it, once", async () => {
    await withAgent(ok, {}, async (agent, simulator) => {
      const end = agent.send("first");
      agent.say({ type: "send", tab: agent.tab(), text: "second" });
      assert.equal((await end).endReason, "done");
      await agent.session.idle();
      const own = (await agent.rows()).flatMap((row) =>
        row.role === "user" && row.data.origin === undefined ? [row.data.text] : [],
      );
      assert.deepEqual(own, ["first", "second"]);
      assert.equal((await agent.store.turns(agent.tab())).length, simulator.messages().length);
      assert.equal(agent.state().tabs[0]?.draft, "");
      assert.deepEqual(agent.state().tabs[0]?.queue, []);
    });
  });

  it("leaves alone what is typed while its turn begins, also on disk", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario: ok });
    let typed = (): void => undefined;
    const surroundings = (own: Surroundings): Surroundings => ({
      ...own,
      workspace: own.workspace && {
        ...own.workspace,
        read: (file) => {
          typed();
          return own.workspace?.read(file) ?? Promise.reject(new Error("no workspace"));
        },
      },
    });
    try {
      const agent = await startAgent({ simulator, ...folders, surroundings });
      typed = () => agent.say({ type: "draft", tab: agent.tab(), text: "the next thought" });
      assert.equal((await agent.send("go")).endReason, "done");
      await agent.close();
      const again = await startAgent({ simulator, ...folders });
      assert.equal(again.state().tabs[0]?.draft, "the next thought");
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("goes out although the chat's frozen prompt is lost from the log", async () => {
    const scenario: Scenario = {
      turns: [{ steps: [{ blocks: [text("ok")] }] }],
      otherwise: { steps: [{ blocks: [text("ok")] }] },
    };
    const folders = tempFolders();
    const simulator = await startSimulator({ scenario });
    try {
      const agent = await startAgent({ simulator, ...folders });
      await agent.send("one");
      await agent.close();
      const again = await startAgent({
        simulator,
        ...folders,
        surroundings: (own) => ({
          ...own,
          store: { ...own.store, state: own.store.state, recovery: [], prompt: async () => undefined },
        }),
      });
      assert.equal((await again.send("two")).endReason, "done");
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});

describe("calls", () => {
  it("that a server gives one id are asked and answered one by one", async () => {
    // Reading outside the workspace is asked, and reading calls wait side by side.
    const look = call("read_file", { path: "/etc/passwd" }, "call_0");
    await withAgent(
      steps({ blocks: [look, look] }, { blocks: [look] }, { blocks: [text("ok")] }),
      {},
      async (agent) => {
        const end = agent.send("go");
        const cards = () => agent.state().views.get(agent.tab())?.approvals ?? [];
        const answer = (id = "") => agent.say({ type: "decide", tab: agent.tab(), id, answer: { kind: "allow_once" } });
        await agent.until(() => cards().length === 2);
        const [first, second] = cards();
        answer(first?.id);
        answer(first?.id); // a double click answers nothing else
        assert.deepEqual(cards(), [second]);
        answer(second?.id);
        await agent.until(() => cards().length === 1);
        answer(second?.id); // nor does one that comes late, when the same is asked again
        assert.equal(cards().length, 1);
        agent.session.decideFirst("allow_once");
        assert.equal((await end).endReason, "done");
        const results = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data.outcome] : []));
        assert.deepEqual(results, ["done", "done", "done"]);
      },
    );
  });

  it("that have run do not run again when a bug has eaten their result", async () => {
    const { next, over } = refusing();
    const scenario = steps(
      { blocks: [call("run_shell", { command: "echo ran >> log.txt" })] },
      { blocks: [text("ok")] },
    );
    const options = { surroundings: over, answer: () => ({ kind: "allow_once" }) as const };
    await withAgent(scenario, options, async (agent, simulator) => {
      next(hasRow("tool_result"));
      assert.equal((await agent.send("go")).endReason, "error");
      assert.equal((await agent.resume()).endReason, "done");
      assert.equal(readFileSync(path.join(agent.root, "log.txt"), "utf8"), "ran\n");
      const results = (await agent.rows()).flatMap((row) => (row.type === "tool_result" ? [row.data.outcome] : []));
      assert.deepEqual(results, ["unknown"]);
      assert.deepEqual(
        simulator.messages().map((request) => request.status),
        [200, 200],
      );
    });
  });

  it("each have a result although a tool throws where it says what it is about", async () => {
    const odd = {
      name: "odd",
      description: "Throws.",
      schema: { type: "object", properties: {} },
      readOnly: false,
      about: () => {
        throw new Error("boom");
      },
      prepare: async () => ({ ok: false, error: "not today" }) as const,
    };
    const scenario = steps({ blocks: [call("odd", {}), call("odd", {})] }, { blocks: [text("ok")] });
    await withAgent(scenario, { tools: [odd] }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const results = (await agent.rows()).filter((row) => row.type === "tool_result");
      assert.equal(results.length, 2);
    });
  });
});

describe("a server that goes on for ever after it has gone wrong", () => {
  it("is not listened to any longer", async () => {
    let tries = 0;
    const surroundings = (own: Surroundings): Surroundings => ({
      ...own,
      send: async (body, choice, signal) => {
        tries += 1;
        return tries === 1 ? { ok: true, events: endless() } : own.send(body, choice, signal);
      },
    });
    await withAgent(ok, { surroundings }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(tries, 2);
    });
  });

  async function* endless(): AsyncGenerator<WireEvent, void, undefined> {
    yield { type: "content_block_delta", index: 7, delta: { type: "text_delta", text: "?" } };
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield { type: "content_block_delta", index: 7, delta: { type: "text_delta", text: "?" } };
    }
  }
});

describe("many turns", () => {
  it("leave no timers and send with each page only the lines of its own turns", async () => {
    const scenario: Scenario = {
      turns: [],
      otherwise: { steps: [{ blocks: [call("list_files", {})] }, { blocks: [text("ok")] }] },
    };
    await withAgent(scenario, {}, async (agent) => {
      const timers = () => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
      await agent.send("turn 0");
      const before = timers();
      for (let turn = 1; turn < 60; turn++) await agent.send(`turn ${turn}`);
      assert.ok(timers() <= before + 1, `${timers()} timers after sixty turns, ${before} after one`);
      const { view, until, state } = watch(agent);
      view.receive({ type: "ready" });
      await until((now) => now.views.has(agent.tab()));
      const shown = state().views.get(agent.tab());
      const ids = new Set(shown?.rows.map((row) => row.turnId));
      assert.deepEqual(
        shown?.turns.map((turn) => turn.turnId),
        [...ids],
      );
      assert.ok(ids.size < 60);
    });
  });
});

describe("a clock that is set back", () => {
  it("does not hide the last turn", async () => {
    const folders = tempFolders();
    const simulator = await startSimulator({
      scenario: {
        turns: [],
        otherwise: { steps: [{ blocks: [text("late")], fault: { kind: "not-found", times: 1 } }] },
      },
    });
    let clock = 2_000_000_000_000;
    const surroundings = (own: Surroundings): Surroundings => ({ ...own, now: () => clock });
    try {
      const agent = await startAgent({ simulator, ...folders, surroundings });
      assert.equal((await agent.send("one")).endReason, "error");
      assert.equal((await agent.resume()).endReason, "done");
      clock -= 1_000_000_000;
      assert.equal((await agent.send("two")).endReason, "error");
      await agent.close();
      const again = await startAgent({ simulator, ...folders, surroundings });
      assert.equal(again.state().tabs[0]?.resumable, true);
      assert.equal((await again.resume()).endReason, "done");
      await again.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});
