/** What a chat has used and cost, as it is shown: equal to what the server has billed, and within the limits that were set. */
import assert from "node:assert/strict";
import path from "node:path";
import { reportRequests } from "../../src/agent/cache-report";
import type { StepUsage, Usage } from "../../src/chunks/protocol";
import type { Op } from "../../src/store/types";
import { renderPrompt } from "../../src/wire/prompt";
import type { Reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { openTestLog, openTestStore, temporaryFolder } from "../store/support";
import { type Agent, type AgentOptions, rowLines, startAgent, tempFolders, withAgent } from "../support/agent";
import { call, steps, text } from "../support/script";

const look: Reply = { blocks: [text("I look. ".repeat(20)), call("list_files", {})] };
const done: Reply = { blocks: [text("Done.")] };
const search: Reply = { blocks: [call("web_search", { query: "logs" })] };
const found = { type: "web_search", query: "logs", results: [{ title: "Logs", url: "https://a.example/" }] } as const;

async function detailsOf(agent: Agent, turnId: string): Promise<readonly StepUsage[]> {
  const tab = agent.tab();
  const found = () => agent.messages.findLast((one) => one.type === "turnDetails" && one.turnId === turnId);
  agent.say({ type: "turnDetails", tab, turnId });
  await agent.until(() => found() !== undefined);
  const message = found();
  return message?.type === "turnDetails" ? message.steps : [];
}

function add(sum: Usage, one: Usage | undefined): Usage {
  return {
    fresh: sum.fresh + (one?.fresh ?? 0),
    read: sum.read + (one?.read ?? 0),
    written: sum.written + (one?.written ?? 0),
    output: sum.output + (one?.output ?? 0),
  };
}

const nothing: Usage = { fresh: 0, read: 0, written: 0, output: 0 };

describe("what was used", () => {
  it("is shown to the token as it was billed: over failed attempts, a fallback, a stop, web searches, a restart and a closed chat", async () => {
    const folders = tempFolders({ "README.md": "# Sample\n" });
    const hold = async (sent: string): Promise<unknown> =>
      sent.includes("middle") ? new Promise(() => undefined) : undefined;
    const simulator = await startSimulator({
      scenario: {
        turns: [
          { steps: [look, look, look, done] },
          { steps: [look, { blocks: [text("I am in the middle of"), text(" it")], hold }] },
          { steps: [look, search, search, done] },
        ],
        searches: [{ reply: { blocks: [found, text("Found.")] } }],
      },
      faults: [
        { fault: { kind: "overloaded" }, turn: 0, step: 0 },
        { fault: { kind: "error-event", after: 4 }, turn: 0, step: 1 },
        { fault: { kind: "cut", after: 3 }, turn: 0, step: 2, attempts: [0] },
        { fault: { kind: "not-found" }, turn: 0, step: 2, attempts: [1] },
        { fault: { kind: "cut", after: 5 }, turn: 2, step: 0 },
      ],
    });
    const models = ["claude-sonnet-5-5", "claude-opus-5-5"].map((model) => ({ key: "k1", model }));
    const own = {
      simulator,
      ...folders,
      answer: () => ({ kind: "allow_once" }) as const,
      settings: { "dispatch.models": models },
    };
    try {
      const first = await startAgent(own);
      assert.equal((await first.send("one")).endReason, "done");
      const ended = first.send("two");
      await first.until((state) => {
        const [block] = state.views.get(first.tab())?.live?.blocks ?? [];
        return block?.kind === "text" && block.text.includes("middle");
      });
      first.say({ type: "stop", tab: first.tab() });
      assert.equal((await ended).endReason, "cancelled");
      await first.close();
      const second = await startAgent(own);
      const old = second.tab();
      assert.equal((await second.send("three")).endReason, "done");

      const sent = simulator.messages();
      const billed = sent.map(({ billed: one }) => ({
        fresh: one?.input_tokens ?? 0,
        read: (one !== undefined && "cache_read_input_tokens" in one && one.cache_read_input_tokens) || 0,
        written: (one !== undefined && "cache_creation_input_tokens" in one && one.cache_creation_input_tokens) || 0,
        output: one?.output_tokens ?? 0,
      }));
      const bill = billed.reduce(add, nothing);
      assert.equal(new Set(sent.map(({ body }) => JSON.parse(body.toString()).model)).size, 2);
      assert.ok(bill.read > 0 && bill.written > 0 && bill.output > 0);
      assert.deepEqual(
        [
          sent.length,
          sent.filter(({ outcome }) => outcome !== "complete").length,
          sent.filter((one) => one.billed).length,
        ],
        [17, 7, 14],
      );

      const turns = second.state().views.get(old)?.turns ?? [];
      assert.equal(turns.length, 3);
      const requests = (await Promise.all(turns.map(({ turnId }) => detailsOf(second, turnId)))).flat();
      // Each request by itself, then every sum that is shown of them.
      assert.deepEqual(
        requests.map(({ usage }) => usage ?? nothing),
        billed,
      );
      const prices = { "claude-sonnet-5-5": [2, 0.1, 2.5, 10], "claude-opus-5-5": [4, 0.2, 5, 20] };
      const searches = sent.reduce((sum, { usage: one }) => sum + (one?.server_tool_use?.web_search_requests ?? 0), 0);
      assert.equal(searches, 1); // the other one was refused
      const tokens = requests.reduce((sum, { model, usage }) => {
        const [fresh = 0, read = 0, written = 0, output = 0] =
          Object.entries(prices).find(([one]) => one === model)?.[1] ?? [];
        const used = usage ?? nothing;
        return (
          sum + (fresh * used.fresh + read * used.read + written * used.written + output * used.output) / 1_000_000
        );
      }, 0);
      const dollars = tokens + searches * 0.01;
      assert.deepEqual(
        requests.map(({ model }) => model),
        sent.map(({ body }) => JSON.parse(body.toString()).model),
      );
      const same = (found: readonly { usage: Usage; cost?: number }[], what: string): void => {
        assert.deepEqual(found.map(({ usage }) => usage).reduce(add, nothing), bill, what);
        const sum = found.reduce((all, one) => all + (one.cost ?? Number.NaN), 0);
        assert.equal(sum.toFixed(9), dollars.toFixed(9), what);
      };
      same(turns, "turns");
      same(await second.session.history({ limit: 9 }), "history");
      const total = async (what: string): Promise<void> => {
        const lines = await second.session.usage();
        same(
          lines.map(({ usage, cost: { usd } }) => ({ usage, cost: usd })),
          what,
        );
      };
      await total("open");
      second.say({ type: "closeTab", tab: old });
      await second.until((state) => state.tabs.every(({ id }) => id !== old));
      await second.session.idle();
      await total("closed");
      assert.equal(await second.session.deleteConversation(old), undefined);
      await total("deleted");
      await second.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("tells how full the window is, by the last request and its answer", async () => {
    await withAgent(steps(look, done), {}, async (agent, simulator) => {
      await agent.send("go");
      const last = simulator.messages().at(-1)?.usage;
      const tokens =
        (last?.input_tokens ?? 0) +
        (last?.cache_read_input_tokens ?? 0) +
        (last?.cache_creation_input_tokens ?? 0) +
        (last?.output_tokens ?? 0);
      assert.deepEqual(agent.state().tabs[0]?.context, { tokens, window: 1_000_000 });
    });
  });
});

describe("the limit on the cost of a turn", () => {
  /** The first step writes some 6,000 tokens for a cent and a half, the next ones read them for much less. */
  const limited = (maxCost: number) => ({ settings: { "dispatch.maxCost": maxCost } });

  it("asks before it is passed, and Continue allows the same amount again", async () => {
    await withAgent(steps(look, look, look, look, look, look, done), limited(0.008), async (agent, simulator) => {
      const ends = [await agent.send("go")];
      while (ends.at(-1)?.endReason === "max_cost" && ends.length < 9) ends.push(await agent.resume());
      const spent = ends.map(({ cost = 0 }, index) => cost - (ends[index - 1]?.cost ?? 0));
      assert.ok(ends.length > 1, "it asked");
      assert.equal(ends.at(-1)?.endReason, "done");
      // What a step will cost is not known before it was answered: the first one of each run goes out in any case.
      assert.deepEqual(
        spent.slice(1).filter((one) => one > 0.008),
        [],
      );
      assert.equal(simulator.messages().length, 7);
      const problem = (await agent.rows()).find((row) => row.type === "error");
      assert.match(
        problem?.type === "error" ? problem.data.message : "",
        /^The agent has spent \$0\.\d+\. The next step would pass the limit of \$0\.008 that you set\.$/,
      );
    });
  });

  it("reckons with a prompt that must be written again, when the person has taken longer than the cache lasts", async () => {
    const writes: Reply = { blocks: [call("write_file", { path: "b.txt", content: "b" })] };
    const ends = async (minutes: number): Promise<string> => {
      let end = "";
      let late = 0;
      const answer = () => {
        late = minutes * 60_000;
        return { kind: "allow_once" } as const;
      };
      const surroundings: AgentOptions["surroundings"] = (own) => ({ ...own, now: () => own.now() + late });
      await withAgent(steps(writes, done), { ...limited(0.02), answer, surroundings }, async (agent) => {
        end = (await agent.send("go")).endReason;
      });
      return end;
    };
    assert.deepEqual([await ends(4), await ends(6)], ["done", "max_cost"]);
  });

  it("stands in nobody's way that stays below it", async () => {
    await withAgent(steps(look, look, done), limited(1), async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
    });
  });

  it("can't be held without a price: the chat says so, once, and shows tokens alone", async () => {
    const settings = {
      "dispatch.maxCost": 0.01,
      "dispatch.models": [{ key: "k1", model: "claude-mythos-5-2" }],
    };
    await withAgent({ turns: [{ steps: [look, done] }, { steps: [done] }] }, { settings }, async (agent) => {
      const ends = [await agent.send("go"), await agent.send("again")];
      assert.deepEqual(
        ends.map(({ endReason, cost }) => [endReason, cost]),
        [
          ["done", undefined],
          ["done", undefined],
        ],
      );
      const notices = rowLines(await agent.rows())
        .split("\n")
        .filter((line) => line.includes("system/system"));
      assert.deepEqual(
        notices.map((line) => line.replace(/^\d+ \d+ /, "")),
        [
          "system/system notice: The limit of $0.010 for a turn can't be held: the price of claude-mythos-5-2 is not known. It can be set in dispatch.prices.",
        ],
      );
    });
  });
});

describe("the limit on the cost of a turn that goes on with another model", () => {
  it("asks before a prompt is written to the dearer model's cache, and Continue lets it", async () => {
    const models = ["claude-sonnet-5-5", "claude-opus-5-5"].map((model) => ({ key: "k1", model }));
    const fault = { kind: "overloaded", shouldRetry: false, times: 9 } as const;
    const faults = [{ turn: 0, step: 1, model: "claude-sonnet-5-5", fault }];
    const settings = { "dispatch.maxCost": 0.03, "dispatch.models": models };
    await withAgent({ faults, turns: [{ steps: [look, done] }] }, { settings }, async (agent, simulator) => {
      const answered = (): readonly string[] =>
        simulator
          .messages()
          .filter(({ outcome }) => outcome === "complete")
          .map(({ body }) => JSON.parse(body.toString()).model);
      assert.equal((await agent.send("go")).endReason, "max_cost");
      assert.deepEqual(answered(), ["claude-sonnet-5-5"]);
      assert.equal((await agent.resume()).endReason, "done");
      assert.deepEqual(answered(), ["claude-sonnet-5-5", "claude-opus-5-5"]);
    });
  });

  it("counts what has a price, and says of the other one that it has none", async () => {
    const models = ["claude-sonnet-5-5", "claude-mythos-5-2"].map((model) => ({ key: "k1", model }));
    const fault = { kind: "overloaded", shouldRetry: false, times: 9 } as const;
    const faults = [{ turn: 0, step: 1, model: "claude-sonnet-5-5", fault }];
    const turns = [{ steps: [look, look, look, done] }];
    const notices = async (maxCost: number): Promise<readonly string[]> => {
      let said: readonly string[] = [];
      const settings = { "dispatch.maxCost": maxCost, "dispatch.models": models };
      await withAgent({ faults, turns }, { settings }, async (agent) => {
        const { endReason } = await agent.send("go");
        const rows = await agent.rows();
        said = [
          endReason,
          ...rows.flatMap((row) => (row.type === "system" ? [row.data.text.split(":")[0] ?? ""] : [])),
        ];
      });
      return said;
    };
    const changed = "Changed from claude-sonnet-5-5 to claude-mythos-5-2";
    assert.deepEqual(await notices(1), ["done", changed, "The limit of $1.00 for a turn can't be held"]);
    assert.deepEqual(await notices(0.001), ["max_cost"]);
  });
});

describe("a missed cache", () => {
  it("is laid to the row that a damaged log has lost", async () => {
    const folders = tempFolders({ "README.md": "# Sample\n" });
    const simulator = await startSimulator({ scenario: { turns: [{ steps: [look, look, done] }, { steps: [done] }] } });
    try {
      const first = await startAgent({ simulator, ...folders });
      await first.send("one");
      const lost = (await first.rows()).find((row) => row.type === "text" && row.role === "assistant")?.seq ?? 0;
      await first.close();
      const log = await openTestLog(path.join(folders.storage, "log"));
      log.database.run("UPDATE chunks SET crc = crc + 1 WHERE seq = ?", [lost]);
      log.checkpoint();
      log.close();
      const second = await startAgent({ simulator, ...folders });
      const end = await second.send("two");
      const [request] = await detailsOf(second, end.turnId);
      assert.equal(end.missed, 1);
      assert.equal(request?.missed, `Cache missed: row ${lost} of the log is not as it was sent.`);
      await second.close();
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("is laid to the tools or to the instructions, whichever of the two texts differs", async () => {
    const { folder, remove } = temporaryFolder("prompts");
    const store = await openTestStore(folder);
    const tool = (name: string) => ({ name, description: `"system":[{"type":"text","text":`, schema: {} });
    const prompts = [
      renderPrompt("You are.", [tool("a")]),
      renderPrompt("You are.", [tool("a"), tool("b")]),
      renderPrompt("You were.", [tool("a"), tool("b")]),
    ];
    const request = { tabId: "t", turnId: "u", attempt: 1, keyId: "k", model: "m", head: "h", renderer: 1 };
    const rest = { firstSeq: 1, lastSeq: 1, bodySha256: "00", durationMs: 1, outcome: "ok" } as const;
    const used = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 5_000 };
    await store.write(
      prompts.flatMap((words, index): Op[] => {
        const own = { id: `r${index}`, step: index, startedAt: index, promptHash: `p${index}` };
        return [
          { op: "prompt", hash: `p${index}`, text: words },
          { op: "request", request: { ...request, ...rest, ...used, ...own } },
        ];
      }),
    );
    const report = await reportRequests(store, "t", {});
    assert.deepEqual(
      report.map(({ missed }) => missed),
      [undefined, "Cache missed: the list of tools has changed.", "Cache missed: the instructions have changed."],
    );
    await store.close();
    remove();
  });

  it("is explained with the server's help only where the server is known to give it", async () => {
    const asked = async (profile: object | undefined): Promise<readonly string[]> => {
      const tails: string[] = [];
      const simulator = await startSimulator({ scenario: steps(look, done) });
      const folders = tempFolders({ "README.md": "# Sample\n" });
      const key = { id: "k1", provider: "anthropic", baseUrl: simulator.url, ...(profile && { profile }) };
      const agent = await startAgent({ simulator, ...folders, settings: { "dispatch.keys": [key] } });
      await agent.send("go");
      for (const { body, prefix, usage } of simulator.messages()) {
        tails.push(/,"diagnostics":(\{.*?\})\}$/.exec(body.toString())?.[1] ?? "nothing");
        assert.ok(prefix?.bytesIntact && usage !== undefined);
      }
      await agent.close();
      await simulator.close();
      folders.remove();
      return tails.map((tail) => tail.replace(/msg_\w+/, "the first answer"));
    };
    assert.deepEqual(await asked(undefined), ["nothing", "nothing"]);
    assert.deepEqual(await asked({ diagnostics: true }), [
      `{"previous_message_id":null}`,
      `{"previous_message_id":"the first answer"}`,
    ]);
  });
});
