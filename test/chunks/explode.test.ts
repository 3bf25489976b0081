import assert from "node:assert/strict";
import { explode, resultDraft, type StepBlock, userDraft } from "../../src/chunks/explode";
import { group } from "../../src/chunks/group";
import type { Row } from "../../src/chunks/rows";

describe("explode", () => {
  it("makes one row of each block, in order, with the arguments as they were streamed", () => {
    const blocks: readonly StepBlock[] = [
      { kind: "thinking", text: "hm", signature: "sig" },
      { kind: "redacted", data: "opaque" },
      { kind: "text", text: "Looking." },
      {
        kind: "tool",
        callId: "c1",
        name: "read_file",
        argumentsText: `{"n":1.0, "1":12345678901234567890}`,
        cut: false,
      },
      { kind: "tool", callId: "c2", name: "list_files", argumentsText: "", cut: false },
    ];
    assert.deepEqual(explode(3, blocks), [
      { role: "assistant", type: "thinking", step: 3, data: { text: "hm", signature: "sig" } },
      { role: "assistant", type: "thinking", step: 3, data: { text: "", signature: "", redacted: "opaque" } },
      { role: "assistant", type: "text", step: 3, data: { text: "Looking." } },
      {
        role: "assistant",
        type: "tool_call",
        step: 3,
        data: { callId: "c1", name: "read_file", argumentsText: `{"n":1.0, "1":12345678901234567890}` },
      },
      { role: "assistant", type: "tool_call", step: 3, data: { callId: "c2", name: "list_files", argumentsText: "" } },
    ]);
  });

  it("leaves no row of empty text and of a call that was cut off", () => {
    const blocks: readonly StepBlock[] = [
      { kind: "text", text: "" },
      { kind: "tool", callId: "c1", name: "write_file", argumentsText: `{"path":"a.txt"}`, cut: true },
    ];
    assert.deepEqual(explode(1, blocks), []);
  });

  it("goes through group and back: what the model said is what the view shows", () => {
    const drafts = [
      userDraft(0, "Today is Sunday.", "context"),
      userDraft(0, "Fix it"),
      ...explode(1, [
        { kind: "text", text: "Looking." },
        { kind: "tool", callId: "c1", name: "read_file", argumentsText: "{}", cut: false },
      ]),
      resultDraft(1, { callId: "c1", name: "read_file", text: "one", isError: false }),
    ];
    const rows = drafts.map((draft, index): Row => {
      return { ...draft, id: `r${index}`, tabId: "tab", seq: index + 1, turnId: "t1", createdAt: 0 };
    });
    const result = { callId: "c1", name: "read_file", text: "one", isError: false };
    assert.deepEqual(group(rows), [
      { kind: "user", seq: 1, turnId: "t1", createdAt: 0, text: "Fix it", context: ["Today is Sunday."] },
      {
        kind: "agent",
        seq: 3,
        turnId: "t1",
        createdAt: 0,
        parts: [
          { kind: "text", seq: 3, step: 1, text: "Looking." },
          { kind: "tool", seq: 4, step: 1, callId: "c1", name: "read_file", argumentsText: "{}", result },
        ],
      },
    ]);
  });
});
