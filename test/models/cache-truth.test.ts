/** Each cause of a missed cache, provoked at the simulator, which accounts the cache on the bytes, and named. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { explode, userDraft } from "../../src/chunks/explode";
import type { Draft, Row } from "../../src/chunks/rows";
import { type CacheFacts, type CacheNote, emptyCache, missWords, noteCache } from "../../src/models/cache-truth";
import { createConversation, type SeqRange } from "../../src/wire/assemble";
import { renderPrompt } from "../../src/wire/prompt";
import { endOfStream, readEvent, startOfStream } from "../../src/wire/stream";
import { text, thinking } from "../simulator/reply";
import { type Simulator, startSimulator } from "../simulator/server";
import { isFields } from "../simulator/types";

const instructions = "You are Dispatch. ".repeat(300);
const tool = (name: string) => ({ name, description: "Reads a file. ".repeat(100), schema: { type: "object" } });
const usual = {
  key: "k1",
  model: "claude-sonnet-5-5",
  effort: "high",
  system: instructions,
  tools: ["read_file"],
  marks: true,
  maxTokens: 32_000,
  thinking: true,
};
type How = typeof usual & { readonly previous?: string | null };

/** A chat that only grows, of which each request may be sent in another way. */
function createChat(simulator: Simulator, now: () => number) {
  const rows: Row[] = [];
  let memory = emptyCache;
  const add = (drafts: readonly Draft[]): void => {
    for (const draft of drafts) {
      const seq = rows.length + 1;
      rows.push({ ...draft, id: `r${seq}`, tabId: "t", seq, turnId: "u", createdAt: 1 });
    }
  };

  async function say(words: string, change: Partial<How> = {}) {
    const how = { ...usual, ...change };
    add([userDraft(0, words)]);
    const head = `"model":"${how.model}","max_tokens":${how.maxTokens},"stream":true,"output_config":{"effort":"${how.effort}"}`;
    const prompt = renderPrompt(how.system, how.tools.map(tool));
    const withoutThinking: readonly SeqRange[] = how.thinking ? [] : [[1, rows.length]];
    const conversation = createConversation(head, prompt, { withoutThinking });
    conversation.append(rows);
    const options = { marks: how.marks, ...("previous" in how ? { previousMessageId: how.previous } : {}) };
    const startedAt = now();
    const response = await fetch(`${simulator.url}/v1/messages`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${how.key}`,
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
      },
      body: conversation.body(options).text,
    });
    const answer = await response.text();
    assert.equal(response.status, 200, answer.slice(0, 300));
    let state = startOfStream;
    for (const line of answer.split("\n")) {
      const data: unknown = line.startsWith("data: ") ? JSON.parse(line.slice(6)) : undefined;
      if (isFields(data) && typeof data.type === "string") state = readEvent(state, { ...data, type: data.type }).state;
    }
    add(explode(1, endOfStream(state).blocks));
    const { usage, cacheMissReason } = state;
    const facts: CacheFacts = {
      keyId: how.key,
      provider: "anthropic",
      model: how.model,
      account: response.headers.get("anthropic-organization-id") ?? "",
      promptHash: createHash("sha256").update(prompt).digest("hex"),
      head,
      lastSeq: rows.length,
      startedAt,
      outcome: "ok",
      inputTokens: usage.fresh,
      cacheReadTokens: usage.read,
      cacheWriteTokens: usage.written,
      options: { marks: how.marks, withoutThinking },
      ...(cacheMissReason === undefined ? {} : { cacheMissReason }),
    };
    const noted = noteCache(memory, facts);
    memory = noted.memory;
    return { note: noted.note, messageId: state.messageId };
  }
  return { say };
}

function inWords(note: CacheNote): string {
  return note.kind === "missed" ? missWords(note.cause) : note.kind;
}

describe("the truth about the cache", () => {
  let simulator: Simulator;
  let now = 0;
  /** Signatures hold a conversation to its prompt and account: only one test has them. */
  let thinks = false;
  beforeEach(async () => {
    now = Date.parse("2026-11-22T10:00:00Z");
    thinks = false;
    simulator = await startSimulator({
      scenario: () => ({ blocks: [...(thinks ? [thinking("Hm.")] : []), text("Understood. ".repeat(20))] }),
      clock: { now: () => now },
      accounts: { k3: "org_other" },
    });
  });
  afterEach(() => simulator.close());

  const later = (seconds: number): void => {
    now += seconds * 1000;
  };

  /** What becomes of the third request, when it is sent in this way. */
  async function third(change: Partial<How>, before = (): void => undefined): Promise<string> {
    const chat = createChat(simulator, () => now);
    assert.equal(inWords((await chat.say("one")).note), "none");
    const { note } = await chat.say("two");
    assert.equal(note.kind, "held");
    before();
    return inWords((await chat.say("three", change)).note);
  }

  const causes: readonly (readonly [string, Partial<How>, string])[] = [
    ["nothing", {}, "held"],
    ["the length of the answer", { maxTokens: 8_000 }, "held"],
    ["another key of the same account", { key: "k2" }, "held"],
    ["a tool", { tools: ["read_file", "write_file"] }, "Cache missed: tools or instructions have changed."],
    ["the instructions", { system: `${instructions}.` }, "Cache missed: tools or instructions have changed."],
    ["the effort", { effort: "low" }, "Cache missed: thinking or effort is set otherwise than before."],
    ["the model", { model: "claude-opus-5-5" }, "Cache missed: the step before went to claude-sonnet-5-5."],
    ["the account", { key: "k3" }, "Cache missed: the key k1, used before, has another account."],
    ["the cache marks", { marks: false }, "none"],
  ];
  for (const [what, change, words] of causes)
    it(`says what it means that the request differs in ${what}`, async () => assert.equal(await third(change), words));

  it("tells apart that a prefix has expired, and that it is gone for no reason of ours", async () => {
    assert.equal(await third({}, () => later(299)), "held");
    assert.equal(await third({}, () => later(420)), "Cache missed: 7 min since it was last used; it lasts 5.");
    assert.equal(await third({}, () => simulator.forget()), "Cache missed, no cause found.");
  });

  it("knows that thinking was left out for a model that could not read it any more", async () => {
    thinks = true;
    const words = "Cache missed: thinking that the model can't read was left out.";
    assert.equal(await third({ thinking: false }), words);
  });

  it("gives the server's reason where we find none", async () => {
    const chat = createChat(simulator, () => now);
    const first = await chat.say("one", { previous: null });
    simulator.forget();
    // Its comparison is with a request that is not the one before: the words are the server's.
    const second = await chat.say("two", { previous: `${first.messageId}x` });
    assert.equal(inWords(second.note), "Cache missed, no cause found; the server says previous_message_not_found.");
  });

  it("finds the prefix of an earlier model again after the way back", async () => {
    const chat = createChat(simulator, () => now);
    const opus = { model: "claude-opus-5-5" };
    const said = [];
    for (const change of [{}, opus, opus, {}, opus]) said.push(inWords((await chat.say("go on", change)).note));
    assert.deepEqual(said, [
      "none",
      "Cache missed: the step before went to claude-sonnet-5-5.",
      "held",
      "held",
      "held",
    ]);
  });

  it("calls nothing a miss that was too small to be cached", async () => {
    const chat = createChat(simulator, () => now);
    const small = { system: "You are Dispatch.", tools: [] };
    const said = [];
    for (const change of [small, small, { ...small, effort: "low" }])
      said.push((await chat.say("go on", change)).note.kind);
    assert.deepEqual(said, ["none", "none", "none"]);
  });
});
