/** Fifty chats against servers that limit, break and refuse: each ends well or with a reason, and nothing happens twice or too early. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ToView } from "../../src/chunks/protocol";
import { nameOfKey } from "../../src/models/key-states";
import type { SendRequest } from "../../src/models/types";
import type { Fault } from "../simulator/faults";
import type { Reply } from "../simulator/reply";
import type { ScenarioRequest } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";

noUnhandledRejections();

const COUNT = 50;
const secretOf = (id: string): string => `sk-canary-${id}-${"c4n4ry".repeat(6)}`;

/** Two commands that leave a line each, then a word. */
function answer({ userText, step }: ScenarioRequest): Reply {
  if (step === 2) return { blocks: [text(`${userText} is done.`)] };
  const command = `echo "${userText}, step ${step}" >> runs.txt`;
  return {
    blocks: [{ type: "thinking", thinking: `Step ${step}.` }, text(`I do ${step}.`), call("run_shell", { command })],
  };
}

/** A few of all requests, the same ones in each run: at this point of this conversation and this attempt. */
function isHit({ userText, step, attempt, model }: ScenarioRequest, share: number): boolean {
  let hash = 7;
  for (const letter of `${userText}/${step}/${attempt}/${model}`) hash = (hash * 31 + letter.charCodeAt(0)) % 10_007;
  return hash % 100 < share;
}

type Storm = {
  readonly name: string;
  /** What hits a request, if anything does. */
  readonly fault: (request: ScenarioRequest) => Fault | undefined;
  /** How the turns may end: the end, and the code of the error row if there is one. */
  readonly ends: RegExp;
};

const some =
  (share: number, ...faults: readonly Fault[]) =>
  (request: ScenarioRequest): Fault | undefined =>
    isHit(request, share)
      ? faults[(request.step + request.attempt + request.userText.length) % faults.length]
      : undefined;

const storms: readonly Storm[] = [
  { name: "429", fault: some(35, { kind: "rate-limit", retryAfter: "ms", seconds: 0.15, times: 99 }), ends: /^done$/ },
  { name: "529", fault: some(30, { kind: "overloaded", times: 99 }), ends: /^done$/ },
  {
    name: "breaking connections",
    fault: some(
      30,
      { kind: "reset", at: "before-headers", times: 99 },
      { kind: "reset", at: "in-tool-json", times: 99 },
      { kind: "cut", after: 9, times: 99 },
      { kind: "error-event", after: 7, times: 99 },
    ),
    ends: /^done$/,
  },
  {
    name: "401 for the first key, in the second step",
    fault: ({ key, step }) => (step === 1 && key === secretOf("k1") ? { kind: "bad-key", times: 99 } : undefined),
    ends: /^error bad-key$/,
  },
];

/** Notes each request that goes out with a key before the time is over that the last answer has asked for. */
function watchLimits(tooEarly: string[]) {
  const until = new Map<string, number>();
  return (send: SendRequest): SendRequest =>
    async (body, choice, signal) => {
      const name = nameOfKey(choice.key);
      const left = (until.get(name) ?? 0) - Date.now();
      if (left > 0) tooEarly.push(`${name}, ${left} ms too early`);
      const reply = await send(body, choice, signal);
      if (!reply.ok && reply.failure.code === "rate-limit") {
        until.set(name, Math.max(until.get(name) ?? 0, Date.now() + (reply.failure.retryAfterMs ?? 0)));
      }
      return reply;
    };
}

/** Runs a turn in each of the tabs, all at once, to its end; every command may run. @returns the tabs and all that views got. */
async function runAll(agent: Agent): Promise<{ readonly tabs: readonly string[]; readonly got: readonly ToView[] }> {
  for (let count = 2; count <= COUNT; count += 1) {
    agent.say({ type: "newTab" });
    await agent.until(({ tabs }) => tabs.length === count);
  }
  const tabs = agent.state().tabs.map(({ id }) => id);
  const got: ToView[] = [];
  const runOne = (tab: string, text: string): Promise<void> =>
    new Promise((resolve) => {
      const view = agent.session.attach(
        (message) => {
          got.push(message);
          if (message.type === "turn") resolve();
          for (const { id } of message.type === "approvals" ? message.cards : [])
            queueMicrotask(() => view.receive({ type: "decide", tab, id, answer: { kind: "allow_once" } }));
        },
        { tab },
      );
      view.receive({ type: "ready" });
      view.receive({ type: "send", tab, text });
    });
  await Promise.all(tabs.map((tab, index) => runOne(tab, `task ${index}`)));
  await agent.session.idle();
  return { tabs, got };
}

/** How each tab's turn has ended. */
async function endsOf({ store }: Agent, tabs: readonly string[]): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const tab of tabs) {
    const rows = await store.rows(tab, 1, await store.lastSeq(tab));
    const codes = rows.flatMap((row) => (row.type === "error" ? [row.data.code] : []));
    ends.push([...(await store.turns(tab)).map((turn) => turn.endReason), ...codes].join(" "));
  }
  return ends;
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe(`a storm over ${COUNT} chats`, () => {
  for (const { name, fault, ends } of storms) {
    it(`of ${name}: every turn ends, no command runs twice, no key is asked while it is limited, no secret gets out`, async () => {
      const folders = tempFolders();
      const simulator = await startSimulator({
        scenario: (request) => {
          const hit = fault(request);
          return hit === undefined ? answer(request) : { ...answer(request), fault: hit };
        },
      });
      const tooEarly: string[] = [];
      const agent = await startAgent({
        simulator,
        ...folders,
        secret: (key) => secretOf(key.id),
        settings: {
          "dispatch.keys": ["k1", "k2"].map((id) => ({ id, provider: "anthropic", baseUrl: simulator.url })),
          "dispatch.models": [
            { key: "k1", model: "claude-sonnet-5-5" },
            { key: "k2", model: "claude-opus-5-5" },
          ],
        },
        watch: watchLimits(tooEarly),
      });
      try {
        const { tabs, got } = await runAll(agent);
        const ended = await endsOf(agent, tabs);
        assert.deepEqual(
          ended.filter((end) => !ends.test(end)),
          [],
        );
        assert.deepEqual(tooEarly, []);
        assert.ok(
          simulator.messages().every((request) => request.status !== 400),
          "every request is valid",
        );
        const runs = readFileSync(path.join(folders.root, "runs.txt"), "utf8").trim().split("\n");
        assert.equal(new Set(runs).size, runs.length);
        assert.equal(runs.length, ends.test("done") ? 2 * COUNT : COUNT);
        const seen = [JSON.stringify(got), agent.logged.join("\n")];
        await agent.store.checkpoint();
        const kept = filesIn(folders.storage).map((file) => readFileSync(file, "latin1"));
        assert.ok(kept.length > 0 && ![...seen, ...kept].some((one) => one.includes("sk-canary")));
      } finally {
        await agent.close();
        await simulator.close();
        folders.remove();
      }
    }).timeout(180_000);
  }
});
