import assert from "node:assert/strict";
import { applyLive, LIVE_OUTPUT_LIMIT, settleLive } from "../../src/chunks/live";
import type { Live, LiveEvent } from "../../src/chunks/protocol";
import { rowLog } from "../support/rows";

function play(events: readonly LiveEvent[], from?: Live): Live | undefined {
  return events.reduce<Live | undefined>(applyLive, from);
}

const begin: LiveEvent = { kind: "begin", turnId: "t1", step: 1, startedAt: 5 };
const text: LiveEvent = { kind: "block", index: 0, block: { kind: "text", text: "" } };
const call: LiveEvent = {
  kind: "block",
  index: 1,
  block: { kind: "tool", callId: "c1", name: "run_shell", argumentsText: "" },
};
const running: LiveEvent = { kind: "tool", tool: { callId: "c1", state: "running", startedAt: 7, output: "" } };

describe("the live tail", () => {
  it("grows by blocks and deltas, and lists the calls that run", () => {
    const deltas: readonly LiveEvent[] = [
      { kind: "delta", index: 0, text: "Hel" },
      { kind: "delta", index: 0, text: "lo" },
    ];
    const argumentsDelta: LiveEvent = { kind: "delta", index: 1, text: `{"a":` };
    const pending: LiveEvent = { kind: "tool", tool: { callId: "c1", state: "pending", startedAt: 6, output: "" } };
    const output: LiveEvent = { kind: "output", callId: "c1", text: "line\n" };
    assert.deepEqual(play([begin, text, ...deltas, call, argumentsDelta, pending, running, output]), {
      turnId: "t1",
      step: 1,
      startedAt: 5,
      blocks: [
        { kind: "text", text: "Hello" },
        { kind: "tool", callId: "c1", name: "run_shell", argumentsText: `{"a":` },
      ],
      tools: [{ callId: "c1", state: "running", startedAt: 7, output: "line\n" }],
    });
  });

  it("forgets the blocks of a failed attempt and starts anew", () => {
    const live = play([begin, text, { kind: "delta", index: 0, text: "half" }, { kind: "discard" }, text]);
    assert.deepEqual(live?.blocks, [{ kind: "text", text: "" }]);
  });

  it("gives way to the rows: blocks of the sealed step, calls with their result", () => {
    const live = play([begin, text, call, running]);
    const log = rowLog();
    log.turn("a");
    const sealed = log.step().text("Hello").call("c1").rows;
    const afterSeal = settleLive(live, sealed);
    assert.deepEqual(afterSeal, { ...live, blocks: [] });
    assert.deepEqual(settleLive(afterSeal, log.result("c1").rows.slice(-1)), { ...live, blocks: [], tools: [] });
  });

  it("stays itself when rows of another step or turn arrive, or an event finds nothing to apply to", () => {
    const live = play([begin, text]);
    const log = rowLog();
    log.turn("a");
    assert.equal(settleLive(live, log.rows), live);
    assert.equal(settleLive(live, log.step().step().text("later").rows), live);
    assert.equal(play([{ kind: "delta", index: 4, text: "x" }], live), live);
    assert.equal(play([{ kind: "output", callId: "c9", text: "x" }], live), live);
    assert.equal(play([text, call, running]), undefined);
  });

  it("keeps the last characters of an output, whole ones", () => {
    const printed = "😀".repeat(LIVE_OUTPUT_LIMIT);
    const odd = play([
      begin,
      running,
      { kind: "output", callId: "c1", text: printed },
      { kind: "output", callId: "c1", text: "!" },
    ]);
    assert.equal(odd?.tools[0]?.output, `${"😀".repeat(LIVE_OUTPUT_LIMIT / 2 - 1)}!`);
  });

  it("ends", () => {
    assert.equal(play([begin, text, { kind: "end" }]), undefined);
  });
});
