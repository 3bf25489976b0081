/** Other keys and other models: where a turn goes on when a request fails, and that no byte or block is wrong there. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ToView } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import { rebuild } from "../../src/wire/assemble";
import type { Reply } from "../simulator/reply";
import type { RecordedRequest } from "../simulator/requests";
import type { FaultRule } from "../simulator/scenario";
import { startSimulator } from "../simulator/server";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { call, text } from "../support/script";

const think = (thinking: string) => ({ type: "thinking", thinking }) as const;

/** So many steps with thinking and a tool call each, then a word. */
const turnOf = (match: RegExp, count: number) => ({
  match,
  steps: [
    ...Array.from(
      { length: count - 1 },
      (_, index): Reply => ({
        blocks: [think(`Step ${index}.`), text(`I do ${index}.`), call("read_file", { path: "src/a.js" })],
      }),
    ),
    { blocks: [think("That is all."), text("Done.")] },
  ],
});

type Key = { readonly id: string; readonly secret?: string };

async function withKeys(
  options: {
    readonly faults: readonly FaultRule[];
    readonly keys?: readonly Key[];
    readonly accounts?: Readonly<Record<string, string>>;
    readonly models: readonly { readonly key: string; readonly model: string }[];
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly steps?: number;
  },
  use: (agent: Agent, sent: () => readonly RecordedRequest[], restart: () => Promise<Agent>) => Promise<void>,
): Promise<void> {
  const { faults, models, keys = [{ id: "k1", secret: "secret-of-k1" }], steps = 3 } = options;
  const folders = tempFolders({ "src/a.js": "export const a = 1;\n" });
  const scenario = { faults, turns: [turnOf(/^go/m, steps), turnOf(/^next/m, 3), turnOf(/^last/m, 2)] };
  const simulator = await startSimulator({
    scenario,
    ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
  });
  const start = (): Promise<Agent> =>
    startAgent({
      simulator,
      ...folders,
      secret: (key) => keys.find((one) => one.id === key.id)?.secret,
      settings: {
        "dispatch.keys": keys.map(({ id }) => ({ id, provider: "anthropic", baseUrl: simulator.url })),
        "dispatch.models": models,
        ...options.settings,
      },
    });
  let agent = await start();
  try {
    await use(agent, simulator.messages, async () => {
      await agent.close();
      agent = await start();
      return agent;
    });
    await assertRebuildable(agent, simulator.messages());
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

/** Every body that went out can be made again from the log. */
async function assertRebuildable({ store }: Agent, sent: readonly RecordedRequest[]): Promise<void> {
  const bodies = new Set<string>();
  for (const { id } of await store.tabs()) {
    for (const request of await store.requests(id)) {
      const rows = await store.rows(id, request.firstSeq, request.lastSeq);
      const prompt = (await store.prompt(request.promptHash)) ?? "";
      const body = rebuild({ ...request, ...request.options, prompt, rows }) ?? "";
      assert.equal(createHash("sha256").update(body).digest("hex"), request.bodySha256);
      bodies.add(body);
    }
  }
  assert.ok(sent.every((request) => bodies.has(request.body.toString())));
}

const modelOf = (request: RecordedRequest): string => /"model":"([^"]+)"/.exec(request.body.toString())?.[1] ?? "";

/** A body without cache marks, up to where the next one may go on. */
function stem(request: RecordedRequest): string {
  return request.body
    .toString()
    .replaceAll(/,"cache_control":\{[^}]*\}/g, "")
    .replace(/\]\}\](?:,"diagnostics":\{[^}]*\})?\}$/, "");
}

const read = (request: RecordedRequest | undefined): number => {
  const usage = request?.usage;
  return usage !== undefined && "cache_read_input_tokens" in usage ? usage.cache_read_input_tokens : -1;
};
const written = (request: RecordedRequest | undefined): number => {
  const usage = request?.usage;
  return usage !== undefined && "cache_creation_input_tokens" in usage ? usage.cache_creation_input_tokens : -1;
};

/** Each of these requests begins with the one before it and reads all that it has left in the cache. */
function assertChain(requests: readonly RecordedRequest[]): void {
  for (const [index, request] of requests.slice(1).entries()) {
    const before = requests[index];
    assert.ok(
      before !== undefined && stem(request).startsWith(stem(before)),
      `request ${index + 1} begins with the one before`,
    );
    assert.equal(read(request), read(before) + written(before), `request ${index + 1} reads what was written`);
  }
}

const notes = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap((row) => (row.type === "system" && row.data.kind === "model-changed" ? [row.data.text] : []));

/** What the models have said, without doubles in it. */
const texts = (rows: readonly Row[]): readonly string[] =>
  rows.flatMap((row) => (row.role === "assistant" && row.type === "text" ? [row.data.text] : []));

const sonnet = { key: "k1", model: "claude-sonnet-5-5" };
const opus = { key: "k1", model: "claude-opus-5-5" };
const twoKeys = [
  { id: "k1", secret: "secret-of-k1" },
  { id: "k2", secret: "secret-of-k2" },
];

describe("fallback in the middle of a turn of twenty steps", () => {
  it("keeps the steps, takes the partial back everywhere, is cached from the first request on, and goes back to the same bytes", async () => {
    const faults: readonly FaultRule[] = [
      { turn: 0, step: 9, model: sonnet.model, fault: { kind: "error-event", after: 9, times: 9 } },
    ];
    await withKeys({ faults, models: [sonnet, opus], steps: 20 }, async (agent, sent, restart) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const bySonnet = sent().filter((request) => modelOf(request) === sonnet.model);
      const byOpus = sent().filter((request) => modelOf(request) === opus.model);
      assert.deepEqual([bySonnet.length, byOpus.length], [9 + 4, 11]);
      assert.ok(sent().every((request) => request.status !== 400));
      const rows = await agent.rows();
      assert.deepEqual(texts(rows), [...Array.from({ length: 19 }, (_, index) => `I do ${index}.`), "Done."]);
      assert.deepEqual(notes(rows), [
        `Changed from claude-sonnet-5-5 to claude-opus-5-5: ${sent()[0]?.headers.host} is overloaded at the moment.`,
      ]);
      assert.equal(agent.state().views.get(agent.tab())?.live, undefined);
      assert.ok(agent.messages.filter(isDiscard).length >= 4);
      assertChain(byOpus);
      assert.ok(
        byOpus.every((request) => !request.body.toString().includes("Step 8.")),
        "opus gets no thinking of sonnet's",
      );

      agent = await restart();
      assert.equal((await agent.send("next")).endReason, "done");
      const again = sent().slice(9 + 4 + 11);
      assert.deepEqual(again.map(modelOf), [sonnet.model, sonnet.model, sonnet.model]);
      assert.ok(again.every((request) => request.status === 200));
      // The last request of sonnet's that was answered is the beginning of its next one, and all of it is still in the cache.
      const last = bySonnet[8];
      assert.ok(last !== undefined);
      assert.ok(again[0] !== undefined && stem(again[0]).startsWith(stem(last)));
      assert.equal(read(again[0]), read(bySonnet.at(-1)) + written(bySonnet.at(-1)));
      assertChain(again);
      assert.deepEqual(notes(await agent.rows()).slice(1), [
        "Changed from claude-opus-5-5 to claude-sonnet-5-5: it comes first in dispatch.models.",
      ]);
    });
  });
});

describe("a key that can't be used", () => {
  const models = [sonnet, { ...sonnet, key: "k2" }];
  const at = (step: number, fault: FaultRule["fault"]): FaultRule => ({ turn: 0, step, key: "secret-of-k1", fault });
  const usedKeys = async (agent: Agent): Promise<string> =>
    (await agent.store.requests(agent.tab()))
      .map((request) => `${request.keyId}:${request.errorCode ?? "ok"}`)
      .join(" ");

  it("for a moment is waited for; for longer, another key goes on, with the cache when the account is the same", async () => {
    const faults = [
      at(1, { kind: "rate-limit", retryAfter: "ms", seconds: 0.05 }),
      at(2, { kind: "rate-limit", seconds: 60, times: 9 }),
    ];
    await withKeys({ faults, keys: twoKeys, models, steps: 4 }, async (agent, sent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(await usedKeys(agent), "k1:ok k1:rate-limit k1:ok k1:rate-limit k2:ok k2:ok");
      assert.ok(sent().every((request) => request.status !== 400));
      assert.deepEqual(notes(await agent.rows()), [
        'Changed from claude-sonnet-5-5 with the key "k1" to claude-sonnet-5-5 with the key "k2": The rate limit of the API key "k1" is used up for the moment.',
      ]);
      // Limited for a minute: the next turn passes over it.
      assert.equal((await agent.send("next")).endReason, "done");
      assert.match(await usedKeys(agent), /k2:ok k2:ok k2:ok k2:ok k2:ok$/);
    });
  });

  it("because it has no credit is passed over, by other chats too", async () => {
    await withKeys({ faults: [at(1, { kind: "no-credit", times: 9 })], keys: twoKeys, models }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(await usedKeys(agent), "k1:ok k1:no-credit k2:ok k2:ok");
      agent.say({ type: "newTab" });
      await agent.until((state) => state.tabs.length === 2);
      assert.equal((await agent.send("next")).endReason, "done");
      assert.equal(await usedKeys(agent), "k2:ok k2:ok k2:ok");
    });
  }).timeout(20_000);

  it("because no secret is set is passed over from the first request on, and the chat says so", async () => {
    const keys = [{ id: "k1" }, { id: "k2", secret: "secret-of-k2" }];
    await withKeys({ faults: [], keys, models }, async (agent, sent) => {
      assert.equal((await agent.send("go")).endReason, "done");
      assert.equal(await usedKeys(agent), "k2:ok k2:ok k2:ok");
      assert.deepEqual(notes(await agent.rows()), [
        `Changed from claude-sonnet-5-5 with the key "k1" to claude-sonnet-5-5 with the key "k2": No API key is set for "k1" at ${sent()[0]?.headers.host}.`,
      ]);
    });
  });

  it("because it was refused stops the turn with a sentence that names what Continue goes on with", async () => {
    await withKeys({ faults: [at(1, { kind: "bad-key", times: 9 })], keys: twoKeys, models }, async (agent) => {
      assert.equal((await agent.send("go")).endReason, "error");
      const [error] = (await agent.rows()).flatMap((row) => (row.type === "error" ? [row.data] : []));
      assert.equal(
        error?.advice,
        'Set the API key again, then continue. Without that, Continue goes on with claude-sonnet-5-5 with the key "k2".',
      );
      assert.equal(error?.action, "set-api-key");
      assert.equal((await agent.resume()).endReason, "done");
      assert.equal(await usedKeys(agent), "k1:ok k1:bad-key k2:ok k2:ok");
    });
  });

  it("of another account does not get the thinking of the first, and both keep their own bytes", async () => {
    const accounts = { "secret-of-k1": "org_one", "secret-of-k2": "org_two" };
    const faults = [at(2, { kind: "rate-limit", seconds: 60, times: 9 })];
    await withKeys({ faults, keys: twoKeys, accounts, models, steps: 5 }, async (agent, sent, restart) => {
      assert.equal((await agent.send("go")).endReason, "done");
      const ofKey = (secret: string) =>
        sent().filter((request) => request.headers.authorization === `Bearer ${secret}` && request.status === 200);
      assertChain(ofKey("secret-of-k2"));
      assert.ok(ofKey("secret-of-k2").every((request) => !request.body.toString().includes("Step 1.")));
      agent = await restart(); // which forgets the limit here: nothing remembers it
      assert.equal((await agent.send("next")).endReason, "done");
      assertChain(ofKey("secret-of-k1").slice(2));
      const [before, after] = ofKey("secret-of-k1").slice(1, 3);
      assert.ok(before !== undefined && after !== undefined && stem(after).startsWith(stem(before)));
      assert.ok(sent().every((request) => request.status !== 400));
    });
  });
});

describe("when no choice can be used", () => {
  const wait = { kind: "rate-limit", seconds: 3600, times: 1 } as const;
  const models = [sonnet];

  it("the turn waits with a countdown that can be skipped", async () => {
    await withKeys({ faults: [{ turn: 0, step: 1, fault: wait }], models }, async (agent) => {
      const end = agent.send("go");
      await agent.until((state) => state.tabs[0]?.activity.kind === "retrying");
      const activity = agent.state().tabs[0]?.activity;
      assert.ok(activity?.kind === "retrying" && activity.until - Date.now() > 3_000_000);
      agent.say({ type: "retryNow", tab: agent.tab() });
      assert.equal((await end).endReason, "done");
    });
  });

  it("or stops, as the person has set, and says when it can go on", async () => {
    const settings = { "dispatch.whenExhausted": "stop" };
    await withKeys({ faults: [{ turn: 0, step: 1, fault: wait }], models, settings }, async (agent, sent) => {
      assert.equal((await agent.send("go")).endReason, "error");
      const [error] = (await agent.rows()).flatMap((row) => (row.type === "error" ? [row.data] : []));
      assert.deepEqual(
        [error?.message, error?.advice, error?.action],
        [
          'The rate limit of the API key "k1" is used up for the moment.',
          "It can be used again in 60 minutes. Continue then.",
          "resume",
        ],
      );
      // Known to be limited: not even Continue sends anything.
      assert.equal((await agent.resume()).endReason, "error");
      assert.equal(sent().length, 2);
    });
  });

  it("a stop ends the wait", async () => {
    await withKeys({ faults: [{ turn: 0, step: 1, fault: wait }], models }, async (agent) => {
      const end = agent.send("go");
      await agent.until((state) => state.tabs[0]?.activity.kind === "retrying");
      agent.say({ type: "stop", tab: agent.tab() });
      assert.equal((await end).endReason, "cancelled");
    });
  });
});

function isDiscard(message: ToView): boolean {
  return message.type === "live" && message.event.kind === "discard";
}
