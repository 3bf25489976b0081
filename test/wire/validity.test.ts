import assert from "node:assert/strict";
import fc from "fast-check";
import type { Row } from "../../src/chunks/rows";
import { CONTINUE, createRepair, repair, UNKNOWN_OUTCOME } from "../../src/wire/validity";
import { anyLog } from "../chunks/logs";
import { type RowLog, rowLog } from "../support/rows";
import { anyConversation } from "./conversations";

/** Rows in short: what they are, and the id or the text that they carry. */
function sketch(rows: readonly Row[]): string {
  return rows.map(sketchRow).join(" ");
}

function sketchRow(row: Row): string {
  switch (row.type) {
    case "text":
      return `${row.role === "user" ? "user" : "says"}:${row.data.text === CONTINUE ? "CONTINUE" : row.data.text}`;
    case "thinking":
      return "thinks";
    case "tool_call":
      return `call:${row.data.callId}`;
    case "tool_result":
      return `result:${row.data.callId}${row.data.text === UNKNOWN_OUTCOME ? "=UNKNOWN" : ""}`;
    case "error":
      return "error";
    case "system":
      return "system";
  }
}

function begun(): RowLog {
  const log = rowLog();
  log.turn("a");
  return log.step();
}

describe("repair", () => {
  const cases: readonly (readonly [string, RowLog, string])[] = [
    [
      "answers a call that has no result",
      begun().call("c1").call("c2").result("c2"),
      "user:a call:c1 call:c2 result:c1=UNKNOWN result:c2",
    ],
    [
      "answers it before the next step",
      begun().call("c1").step().text("on").steer("b"),
      "user:a call:c1 result:c1=UNKNOWN says:on user:b",
    ],
    ["drops a result without a call", begun().result("c9").text("on").steer("b"), "user:a says:on user:b"],
    ["drops a second result", begun().call("c1").result("c1").result("c1"), "user:a call:c1 result:c1"],
    [
      "puts results in the order of the calls",
      begun().call("c1").call("c2").result("c2").result("c1"),
      "user:a call:c1 call:c2 result:c1 result:c2",
    ],
    [
      "puts the person's words behind the results",
      begun().call("c1").steer("b").system("notice").result("c1"),
      "user:a call:c1 result:c1 user:b system",
    ],
    [
      "gives a second call with the same id another one",
      begun().call("x").call("x").result("x").result("x").step().call("x").result("x"),
      "user:a call:x call:x-2 result:x result:x-2 call:x-3 result:x-3",
    ],
    [
      "does so although the other one is taken",
      begun().call("x-2").call("x").call("x").result("x-2").result("x").result("x"),
      "user:a call:x-2 call:x call:x-3 result:x-2 result:x result:x-3",
    ],
    ["lets the user begin", rowLog().text("on").steer("b"), "user:CONTINUE says:on user:b"],
    ["lets the user end", begun().text("half"), "user:a says:half user:CONTINUE"],
    ["drops thinking at the end of a message", begun().text("on").thinking("hm").steer("b"), "user:a says:on user:b"],
    [
      "drops a response of nothing but thinking",
      begun().thinking("hm").system("cancelled").steer("b"),
      "user:a system user:b",
    ],
    [
      "keeps errors and system rows where they are",
      begun().system("notice").error("overloaded").steer("b"),
      "user:a system error user:b",
    ],
  ];
  for (const [name, log, expected] of cases) {
    it(name, () => assert.equal(sketch(repair(log.rows)), expected));
  }

  it("gives the calls of an answer ids that are new, and keeps those that are", () => {
    const state = createRepair();
    for (const row of begun().call("x").call("x-3").result("x").result("x-3").rows) state.push(row);
    const ids = ["y", "x", "x", "y", "", ""];
    assert.deepEqual(ids.map(state.newCallIds()), ["y", "x-2", "x-4", "y-2", "call", "call-2"]);
    // Nothing is taken by being asked for: an answer may be lost on the way.
    assert.deepEqual(ids.map(state.newCallIds()), ["y", "x-2", "x-4", "y-2", "call", "call-2"]);
  });

  it("sends a paused response back as it is, and joins what follows to it", () => {
    const log = begun().text("half");
    assert.equal(repair(log.rows, true), log.rows);
    assert.equal(sketch(repair(log.step().text("whole").steer("b").rows)), "user:a says:half says:whole user:b");
  });

  it("keeps the turns of two answers apart", () => {
    const log = begun().text("one");
    log.turn("lost");
    const rows = log
      .step()
      .text("two")
      .steer("b")
      .rows.filter((row) => row.type !== "text" || row.data.text !== "lost");
    assert.equal(sketch(repair(rows)), "user:a says:one user:CONTINUE says:two user:b");
  });

  it("changes nothing in a healthy log", () => {
    fc.assert(
      fc.property(anyConversation, ({ rows, requests }) => {
        const sent = rows.slice(0, requests.at(-1));
        const repaired = repair(sent);
        const bySeq = [...repaired].sort((a, b) => a.seq - b.seq);
        assert.deepEqual(bySeq, sent);
        if (isInCallOrder(sent)) assert.equal(repaired, sent);
      }),
    );
  });

  it("has nothing left to do the second time", () => {
    fc.assert(
      fc.property(anyLog, fc.boolean(), (rows, paused) => {
        const repaired = repair(rows, paused);
        assert.equal(repair(repaired, paused), repaired);
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves the log as it is", () => {
    fc.assert(
      fc.property(anyLog, (rows) => {
        const before = JSON.stringify(rows);
        repair(rows);
        assert.equal(JSON.stringify(rows), before);
      }),
    );
  });
});

/** Results may be logged in the order in which they came; then, and only then, a healthy log is sent in another order. */
function isInCallOrder(rows: readonly Row[]): boolean {
  const calls = rows.flatMap((row) => (row.type === "tool_call" ? [row.data.callId] : []));
  const results = rows.flatMap((row) => (row.type === "tool_result" ? [row.data.callId] : []));
  return results.every((id, index) => id === calls[index]);
}
