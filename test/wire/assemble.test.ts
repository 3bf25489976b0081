import assert from "node:assert/strict";
import fc from "fast-check";
import type { Row } from "../../src/chunks/rows";
import { createConversation, rebuild } from "../../src/wire/assemble";
import { CACHE_MARK, renderPrompt } from "../../src/wire/prompt";
import { isSent, RENDERER_VERSION } from "../../src/wire/render";
import { anyLog } from "../chunks/logs";
import { rowLog } from "../support/rows";
import { anyConversation } from "./conversations";
import { frozenPart, head, judged, unmarked } from "./judge";

const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
const prompt = renderPrompt("You are Dispatch.", [{ name: "read_file", description: "Reads a file.", schema }]);

function bodyOf(rows: readonly Row[], paused = false): string {
  const body = rebuild({ head, prompt, rows, renderer: RENDERER_VERSION, paused });
  assert.ok(body !== undefined);
  return body;
}

/** Paths of the marked blocks: `2.0` is the first block of the third message. */
function marksOf(body: string): readonly string[] {
  return judged(body).flatMap((message, m) => {
    const blocks = Array.isArray(message.content) ? message.content : [];
    return blocks.flatMap((block, b) => ("cache_control" in block ? [`${m}.${b}`] : []));
  });
}

/** The bodies of a conversation, built step by step in one go. */
function bodiesOf(rows: readonly Row[], requests: readonly number[]) {
  const conversation = createConversation(head, prompt);
  let sent = 0;
  return requests.map((count) => {
    conversation.append(rows.slice(sent, count));
    sent = count;
    const { text, stable, rest } = conversation.body();
    return { text, stable: [...stable], rest };
  });
}

describe("a request body", () => {
  it("is what it says, written out", () => {
    const log = rowLog();
    log.turn("Fix it", ["Today is Sunday."]);
    const path = `{ "path": "a.ts", "n": 1.0 }`;
    log.step().thinking("hm", "sig").text("Looking.").call("c1", "read_file", path).result("c1", "one");
    assert.equal(
      bodyOf(log.rows),
      `{"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true,` +
        `"tools":[{"name":"read_file","description":"Reads a file.","input_schema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}],` +
        `"system":[{"type":"text","text":"You are Dispatch.","cache_control":{"type":"ephemeral"}}],"messages":[` +
        `{"role":"user","content":[{"type":"text","text":"Today is Sunday."},{"type":"text","text":"Fix it","cache_control":{"type":"ephemeral"}}]},` +
        `{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},{"type":"text","text":"Looking."},` +
        `{"type":"tool_use","id":"c1","name":"read_file","input":{ "path": "a.ts", "n": 1.0 }}]},` +
        `{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one","cache_control":{"type":"ephemeral"}}]}]}`,
    );
  });

  it("has no mark for a server that knows none, and differs in nothing else", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        const [with_, without] = [createConversation(head, prompt), createConversation(head, prompt)];
        let sent = 0;
        let before = "";
        for (const count of requests) {
          with_.append(rows.slice(sent, count));
          without.append(rows.slice(sent, count));
          sent = count;
          const { text, stable, rest } = without.body({ marks: false });
          assert.equal(text, with_.body().text.replaceAll(CACHE_MARK, ""));
          assert.equal(text, stable.join("") + rest);
          assert.ok(text.startsWith(before));
          before = frozenPart(text);
        }
      }),
    );
  });

  it("asks behind the messages why the cache was missed, and is rebuilt with all its options", () => {
    const log = rowLog();
    log.turn("Fix it");
    const { rows } = log;
    const options = { paused: false, marks: false, previousMessageId: 'msg_"1' };
    const conversation = createConversation(head, prompt);
    conversation.append(rows);
    const { text } = conversation.body(options);
    assert.equal(
      text,
      `{${head},${prompt.replace(CACHE_MARK, "")},"messages":[{"role":"user","content":[{"type":"text","text":"Fix it"}]}],` +
        `"diagnostics":{"previous_message_id":"msg_\\"1"}}`,
    );
    assert.equal(rebuild({ head, prompt, rows, renderer: RENDERER_VERSION, ...options }), text);
  });

  it("begins with the one before it, byte for byte, and says what the rows say", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        const bodies = bodiesOf(rows, requests);
        bodies.forEach(({ text }, index) => {
          const next = bodies[index + 1];
          if (next !== undefined) assert.ok(frozenPart(next.text).startsWith(frozenPart(text)));
          const sent = rows.slice(0, requests[index]);
          assert.deepEqual(unmarked(judged(text)), plainly(sent));
          for (const row of sent)
            if (row.type === "tool_call") assert.ok(text.includes(`"input":${row.data.argumentsText}`));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("is the same when it is built anew from the log, at any step", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        bodiesOf(rows, requests).forEach(({ text }, index) => {
          assert.equal(text, bodyOf(rows.slice(0, requests[index])));
        });
      }),
      { numRuns: 100 },
    );
  });

  it("comes in pieces that only grow, so that each is hashed once", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        let before: readonly string[] = [];
        for (const { text, stable, rest } of bodiesOf(rows, requests)) {
          assert.equal(stable.join("") + rest, text);
          assert.deepEqual(stable.slice(0, before.length), before);
          before = stable;
        }
      }),
      { numRuns: 100 },
    );
  });

  it("does not change by being asked for twice, or by rows that it has already", () => {
    const log = rowLog();
    log.turn("a");
    log.step().call("c1").call("c2").result("c2");
    const conversation = createConversation(head, prompt);
    conversation.append(log.rows);
    const early = conversation.body().text;
    assert.equal(conversation.body().text, early);
    conversation.append(log.result("c1").rows);
    assert.equal(conversation.body().text, bodyOf(log.rows));
  });

  it("marks the end of the last user message, and where the last request had that mark", () => {
    const log = rowLog();
    log.turn("a", ["context"]);
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["0.1"]);
    log.step().thinking("hm").call("c1").call("c2").result("c1").result("c2");
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["0.1", "2.1"]);
    log.steer("and quickly");
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["0.1", "2.2"]);
    log.step().call("c3").result("c3");
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["2.2", "4.0"]);
    log.step().text("Done.");
    log.turn("b");
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["4.0", "6.0"]);
    log.error("overloaded");
    log.turn("c");
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["4.0", "6.1"]);
  });

  it("marks a block in between when a step appends many, and never a thinking block", () => {
    const log = rowLog();
    log.turn("a");
    log.step().thinking("hm");
    for (let i = 0; i < 12; i++) log.call(`c${i}`);
    for (let i = 0; i < 12; i++) log.result(`c${i}`);
    assert.deepEqual(marksOf(bodyOf(log.rows)), ["0.0", "2.1", "2.11"]);
    const thoughtful = rowLog();
    thoughtful.turn("a");
    thoughtful.step();
    for (let i = 0; i < 20; i++) thoughtful.thinking("hm");
    assert.deepEqual(marksOf(bodyOf(thoughtful.call("c").result("c").rows)), ["0.0", "1.20", "2.0"]);
    const many = rowLog();
    many.turn(
      "a",
      Array.from({ length: 30 }, (_, i) => `context ${i}`),
    );
    assert.deepEqual(marksOf(bodyOf(many.rows)), ["0.14", "0.30"]);
  });

  it("has at most four marks, always on the last block of the user's last message", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        for (const { text } of bodiesOf(rows, requests)) {
          assert.ok(text.split(CACHE_MARK).length - 1 <= 4);
          assert.ok(text.endsWith(`${CACHE_MARK}}]}]}`));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("does not send thinking behind a row that was lost: its signature covers that row", () => {
    const log = rowLog();
    log.turn("a");
    log.step().thinking("one", "s1").call("c1").result("c1").step().thinking("two", "s2").call("c2").result("c2");
    const lost = log.rows.filter((row) => row.type !== "tool_result" || row.data.callId !== "c1");
    const body = bodyOf(lost);
    judged(body);
    assert.deepEqual([body.includes(`"s1"`), body.includes(`"s2"`)], [true, false]);
  });

  it("leaves out the tools when there are none", () => {
    const conversation = createConversation(head, renderPrompt("You are Dispatch.", []));
    conversation.append(rowLog().steer("a").rows);
    const { text } = conversation.body();
    judged(text);
    assert.ok(text.startsWith(`{${head},"system":[{"type":"text","text":"You are Dispatch.","cache_control"`));
  });

  it("is not made of nothing, nor by a renderer that is not there", () => {
    assert.throws(() => createConversation(head, prompt).body(), /at least one row/);
    assert.equal(rebuild({ head, prompt, rows: rowLog().text("a").rows, renderer: 99 }), undefined);
  });

  it("is valid for any log, however broken", () => {
    fc.assert(
      fc.property(anyLog, fc.boolean(), (rows, paused) => {
        if (rows.length > 0) judged(bodyOf(rows, paused), paused);
      }),
      { numRuns: 600 },
    );
  });

  it("begins with the one before it also in a broken log, once that one was answered", () => {
    fc.assert(
      fc.property(anyLog, (rows) => {
        const answered = rows.flatMap((row, index) => (opensStep(rows, index) ? [{ row, index }] : []));
        for (const { row, index } of answered) {
          if (index === 0) continue;
          const before = rows.slice(0, index);
          const paused = before.findLast((other) => other.role === "assistant")?.turnId === row.turnId;
          const text = bodyOf(before, paused);
          assert.ok(frozenPart(bodyOf(rows)).startsWith(frozenPart(text)), `at row ${index}`);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** Whether the row begins a response that is sent back later: an assistant row of a step that was not there before. */
function opensStep(rows: readonly Row[], index: number): boolean {
  const row = rows[index];
  if (row === undefined || row.role !== "assistant" || row.type === "thinking" || !isSent(row)) return false;
  return !rows
    .slice(0, index)
    .some((other) => other.turnId === row.turnId && other.step === row.step && other.role === "assistant");
}

/** What a healthy log must be sent as, worked out the plain way. */
function plainly(rows: readonly Row[]): readonly unknown[] {
  const messages: { role: string; content: unknown[] }[] = [];
  const add = (role: string, block: unknown): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(block);
    else messages.push({ role, content: [block] });
  };
  const results = new Map(
    rows.flatMap((row) => (row.type === "tool_result" ? [[row.data.callId, row.data] as const] : [])),
  );
  let calls: string[] = [];
  for (const row of rows) {
    if (row.type === "tool_result") {
      for (const id of calls) {
        const result = results.get(id);
        const content = result === undefined || result.text.trim() === "" ? {} : { content: wellFormed(result.text) };
        const failed = { content: "The tool failed without a message.", ...content, is_error: true };
        add("user", { type: "tool_result", tool_use_id: id, ...(result?.isError ? failed : content) });
      }
      calls = [];
    } else if (row.type === "tool_call") {
      calls.push(row.data.callId);
      const input: unknown = JSON.parse(row.data.argumentsText);
      add("assistant", { type: "tool_use", id: row.data.callId, name: row.data.name, input });
    } else if (row.type === "thinking") {
      const { text: thinking, signature, redacted: data } = row.data;
      add(
        "assistant",
        data === undefined ? { type: "thinking", thinking, signature } : { type: "redacted_thinking", data },
      );
    } else if (row.type === "text" && row.data.text.trim() !== "") {
      add(row.role, { type: "text", text: wellFormed(row.data.text) });
    }
  }
  return messages;
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
