/** Long random conversations against the simulator, which signs thinking, keeps cache accounts and refuses what is invalid. */
import assert from "node:assert/strict";
import { explode, resultDraft, userDraft } from "../../src/chunks/explode";
import type { Draft, Row } from "../../src/chunks/rows";
import { type Conversation, createConversation } from "../../src/wire/assemble";
import { renderPrompt } from "../../src/wire/prompt";
import { endOfStream, type RawEvent, readEvent, type StreamResult, startOfStream } from "../../src/wire/stream";
import { call, type Reply, type ReplyBlock, text, thinking } from "../simulator/reply";
import type { FaultRule } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { isFields } from "../simulator/types";

const head = `"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"}`;
const schema = { type: "object", properties: { path: { type: "string" } } };
const prompt = renderPrompt("You are Dispatch. ".repeat(200), [
  { name: "read_file", description: "Reads a file.", schema },
]);

/** The same numbers for the same seed, each below `limit`. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function randomReply(seed: number): Reply {
  const roll = dice(seed);
  const blocks: ReplyBlock[] = [];
  if (roll(3) > 0) blocks.push(thinking(`Thought ${seed}. `.repeat(1 + roll(8))));
  if (roll(3) > 0) blocks.push(text(`Words “${seed}” 😀 \\ ".`));
  const calls = roll(6) === 0 ? 16 + roll(10) : roll(4);
  const json = `{"path": "file-${seed}.ts" , "n":1.0,"10":12345678901234567890,"2":"\\u00e9"}`;
  for (let i = 0; i < calls; i++) {
    blocks.push(roll(2) === 0 ? call("read_file", { path: `f${i}` }) : { type: "tool_use", name: "read_file", json });
  }
  return { blocks: blocks.length === 0 ? [text("Done.")] : blocks, fragment: roll(2) === 0 ? "fine" : "default" };
}

async function send(simulator: Simulator, body: string): Promise<StreamResult | undefined> {
  const headers = { authorization: "Bearer k", "anthropic-version": "2026-10-21", "content-type": "application/json" };
  const response = await fetch(`${simulator.url}/v1/messages`, { method: "POST", headers, body });
  const answer = await response.text();
  if (response.status === 529) return undefined;
  assert.equal(response.status, 200, answer.slice(0, 500));
  let state = startOfStream;
  for (const line of answer.split(/\r?\n/)) {
    if (line.startsWith("data: ")) state = readEvent(state, eventOf(JSON.parse(line.slice(6)))).state;
  }
  return endOfStream(state);
}

function eventOf(value: unknown): RawEvent {
  assert.ok(isFields(value) && typeof value.type === "string");
  return { ...value, type: value.type };
}

/** A tab that only logs: rows get their place, and are known to the conversation at once. */
function createLog(conversation: Conversation) {
  const rows: Row[] = [];
  return {
    rows,
    append(turn: number, drafts: readonly Draft[]): void {
      const placed = drafts.map((draft, index): Row => {
        const seq = rows.length + index + 1;
        return { ...draft, id: `r${seq}`, tabId: "tab", seq, turnId: `t${turn}`, createdAt: seq };
      });
      rows.push(...placed);
      conversation.append(placed);
    },
  };
}

describe("a long conversation with the simulator", () => {
  for (const seed of [1, 2, 3]) {
    it(`is valid at each step and pays for nothing twice (seed ${seed})`, async () => {
      const faults: readonly FaultRule[] = [
        { fault: { kind: "overloaded" }, probability: 0.1, seed },
        { fault: { kind: "cut" }, probability: 0.1, seed: seed + 10 },
        { fault: { kind: "duplicate-ids" }, probability: 0.05, seed: seed + 20 },
      ];
      const simulator = await startSimulator({
        scenario: ({ steps }) => randomReply(seed * 1000 + steps),
        faults,
        everyBlockIsAPosition: true,
      });
      try {
        await converse(simulator, dice(seed));
      } finally {
        await simulator.close();
      }
      const answered = simulator.messages().filter((request) => request.status === 200);
      assert.ok(answered.length > 40);
      for (const [index, { prefix, usage }] of answered.entries()) {
        const before = answered[index - 1]?.usage;
        if (before === undefined || usage === undefined) continue;
        // Two brackets close the last message; a message that was never answered goes on instead.
        assert.ok(prefix?.blocksIntact && prefix.sharedBytes >= prefix.previousBytes - 2);
        assert.equal(
          usage.cache_read_input_tokens,
          before.cache_read_input_tokens + before.cache_creation_input_tokens,
        );
        assert.equal(usage.input_tokens, 0);
      }
    });
  }
});

async function converse(simulator: Simulator, roll: (limit: number) => number): Promise<void> {
  let conversation = createConversation(head, prompt);
  let log = createLog(conversation);
  for (let turn = 1, steps = 0; steps < 40; turn++) {
    log.append(turn, [userDraft(0, `Today is day ${turn}.`, "context"), userDraft(0, `Task ${turn}`)]);
    for (let step = 1; ; step++) {
      const result = await send(simulator, conversation.body().text);
      if (!result?.ok) {
        if (roll(3) > 0) step -= 1;
        else break; // the turn fails; the next message joins the unanswered one
        continue;
      }
      steps += 1;
      log.append(turn, explode(step, result.blocks));
      const calls = result.blocks.flatMap((block) => (block.kind === "tool" ? [block] : []));
      if (calls.length === 0) break;
      for (const { callId, name } of calls.sort(() => roll(3) - 1)) {
        const outcome = { callId, name, text: `result ${roll(1000)}\n`.repeat(roll(5)), isError: roll(5) === 0 };
        log.append(turn, [resultDraft(step, outcome)]);
      }
      if (roll(5) === 0) log.append(turn, [userDraft(step, "And quickly.")]);
      if (roll(5) === 0) {
        // A restart: everything from the log again.
        const rows = log.rows;
        conversation = createConversation(head, prompt);
        conversation.append(rows);
        log = createLog(conversation);
        log.rows.push(...rows);
      }
    }
  }
}
