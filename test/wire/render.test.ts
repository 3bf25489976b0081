import assert from "node:assert/strict";
import fc from "fast-check";
import type { Chunk } from "../../src/chunks/rows";
import { renderRow, wireArguments, wireCallId } from "../../src/wire/render";
import { anyChunk } from "../chunks/logs";

function render(chunk: Chunk): string | undefined {
  return renderRow({ ...chunk, id: "r1", tabId: "tab", seq: 1, turnId: "t1", step: 1, createdAt: 0 });
}

function call(argumentsText: string, callId = "c1", name = "read_file"): Chunk {
  return { role: "assistant", type: "tool_call", data: { callId, name, argumentsText } };
}

function result(text: string, isError = false): Chunk {
  return { role: "tool", type: "tool_result", data: { callId: "c1", name: "read_file", text, isError } };
}

describe("a block", () => {
  it("is written for each kind of row, and for some not at all", () => {
    const thinking = (data: { text: string; signature: string; redacted?: string }): Chunk => {
      return { role: "assistant", type: "thinking", data };
    };
    const written: readonly (readonly [Chunk, string | undefined])[] = [
      [{ role: "user", type: "text", data: { text: 'a\n"b"' } }, `{"type":"text","text":"a\\n\\"b\\""}`],
      [{ role: "user", type: "text", data: { text: " \n" } }, undefined],
      [{ role: "assistant", type: "text", data: { text: "" } }, undefined],
      [thinking({ text: "hm", signature: "s" }), `{"type":"thinking","thinking":"hm","signature":"s"}`],
      [thinking({ text: "", signature: "s" }), `{"type":"thinking","thinking":"","signature":"s"}`],
      [thinking({ text: "hm", signature: "" }), undefined],
      [thinking({ text: "", signature: "", redacted: "d" }), `{"type":"redacted_thinking","data":"d"}`],
      [call(`{ "n": 1.0 }`), `{"type":"tool_use","id":"c1","name":"read_file","input":{ "n": 1.0 }}`],
      [call(""), `{"type":"tool_use","id":"c1","name":"read_file","input":{}}`],
      [call("{}", "c 1", "run shell!"), `{"type":"tool_use","id":"id-c_00201","name":"run_shell_","input":{}}`],
      [call("{}", "c1", ""), `{"type":"tool_use","id":"c1","name":"unknown","input":{}}`],
      [result("ok"), `{"type":"tool_result","tool_use_id":"c1","content":"ok"}`],
      [result(""), `{"type":"tool_result","tool_use_id":"c1"}`],
      [result("no", true), `{"type":"tool_result","tool_use_id":"c1","content":"no","is_error":true}`],
      [
        result("", true),
        `{"type":"tool_result","tool_use_id":"c1","content":"The tool failed without a message.","is_error":true}`,
      ],
      [{ role: "assistant", type: "error", data: { code: "e", message: "m", retryable: false } }, undefined],
      [{ role: "system", type: "system", data: { kind: "notice", text: "n" } }, undefined],
    ];
    assert.deepEqual(
      written.map(([chunk]) => render(chunk)),
      written.map(([, text]) => text),
    );
  });

  it("never holds half a character, which would make the API refuse the body", () => {
    assert.equal(render({ role: "user", type: "text", data: { text: "a\ud83d" } }), `{"type":"text","text":"a\ufffd"}`);
    assert.equal(render({ role: "user", type: "text", data: { text: "😀" } }), `{"type":"text","text":"😀"}`);
    assert.equal(wireArguments(`{"a":"\\ud83d"}`), `{"a":"\\ufffd"}`);
    assert.equal(wireArguments(`{"a":"\\ud83d\\ude00 \\\\ud83d \\uDE00"}`), `{"a":"\\ud83d\\ude00 \\\\ud83d \\ufffd"}`);
  });

  it("is one JSON object with the bytes of UTF-8 for any row", () => {
    const anyText = fc.string({ unit: "binary", maxLength: 20 });
    const chunks = fc.oneof(
      anyChunk,
      fc.tuple(anyText, anyText).map(([id, text]) => call(text, id, text)),
      anyText.map((text) => result(text)),
    );
    fc.assert(
      fc.property(chunks, (chunk) => {
        const text = render(chunk);
        if (text === undefined) return;
        assert.equal(Buffer.from(text).toString(), text);
        const value: unknown = JSON.parse(text);
        assert.ok(typeof value === "object" && value !== null);
      }),
    );
  });
});

describe("wireArguments", () => {
  it("keeps an object's text exactly, whatever a parser would make of it", () => {
    for (const text of [
      `{"2":1,"1":2}`,
      `{"n":12345678901234567890, "m":1.0}`,
      ` {\n} `,
      `{"__proto__":1}`,
      `{"a":1,"a":2}`,
    ]) {
      assert.equal(wireArguments(text), text);
    }
  });

  it("sends no arguments for what is not an object", () => {
    for (const text of ["", " ", "null", "[]", `"x"`, "1", `{"a":`, `{"a":"b`, "{}{}", `${'{"a":'.repeat(50_000)}1`]) {
      assert.equal(wireArguments(text), "{}");
    }
  });
});

describe("wireCallId", () => {
  it("keeps what is valid, and keeps different ids different", () => {
    assert.equal(wireCallId("toolu_01-Ab"), "toolu_01-Ab");
    const id = fc.oneof(fc.string({ maxLength: 6 }), fc.stringMatching(/^(id-)?[a-f0-9_.]{0,6}$/));
    fc.assert(
      fc.property(id, id, (a, b) => {
        assert.match(wireCallId(a), /^[a-zA-Z0-9_-]+$/);
        assert.equal(wireCallId(a) === wireCallId(b), a === b);
        assert.equal(wireCallId(wireCallId(a)) === wireCallId(b), wireCallId(a) === b);
      }),
      { numRuns: 2000 },
    );
  });
});
