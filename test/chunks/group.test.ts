import assert from "node:assert/strict";
import fc from "fast-check";
import { group, mergeRows } from "../../src/chunks/group";
import type { Message } from "../../src/chunks/messages";
import type { Row } from "../../src/chunks/rows";
import { denied, rowLog } from "../support/rows";
import { anyLog } from "./logs";

/** A message in one line, its parts by kind. */
function sketch(messages: readonly Message[]): readonly string[] {
  return messages.map(sketchMessage);
}

function sketchMessage(message: Message): string {
  switch (message.kind) {
    case "user":
      return `${message.turnId} user "${message.text}"${message.context.map((text) => ` +"${text}"`).join("")}`;
    case "system":
      return `${message.turnId} system ${message.notices.map((notice) => notice.kind).join(" ")}`;
    case "agent":
      return `${message.turnId} agent ${message.parts.map(sketchPart).join(", ")}`;
  }
}

function sketchPart(part: Extract<Message, { kind: "agent" }>["parts"][number]): string {
  switch (part.kind) {
    case "text":
      return `"${part.text}"`;
    case "thinking":
      return part.redacted ? "redacted" : `thinking "${part.text}"`;
    case "error":
      return `error ${part.error.code}`;
    case "notice":
      return `notice ${part.notice.kind}`;
    case "tool":
      return `${part.callId}(${part.argumentsText ?? "?"})→${part.result?.text ?? "…"}`;
  }
}

describe("group", () => {
  it("makes one message of the person and one of the agent from a turn of several steps", () => {
    const log = rowLog();
    log.turn("Fix it", ["Today is Sunday.", "The folder is /w."]);
    log.step().thinking("hm").text("Looking.").call("c1").call("c2").result("c2", "two").result("c1", "one");
    log.step().redacted("xx").text("Done.");
    assert.deepEqual(sketch(group(log.rows)), [
      `t1 user "Fix it" +"Today is Sunday." +"The folder is /w."`,
      `t1 agent thinking "hm", "Looking.", c1({"path": "a.ts"})→one, c2({"path": "a.ts"})→two, redacted, "Done."`,
    ]);
  });

  it("keeps turns apart that have no user row between them", () => {
    const log = rowLog();
    log.turn("a");
    log.step().text("one");
    log.turn("b");
    const rows = log
      .step()
      .text("two")
      .rows.filter((row) => row.role !== "user");
    assert.deepEqual(sketch(group(rows)), [`t1 agent "one"`, `t2 agent "two"`]);
  });

  it("takes a system row of an open agent message as a part of it, and gathers the others by turn", () => {
    const log = rowLog();
    log.turn("a");
    log.system("notice").system("model-changed");
    log.step().text("one").system("interrupted").system("resumed").text("two");
    log.turn("b");
    log.system("notice");
    assert.deepEqual(sketch(group(log.rows)), [
      `t1 user "a"`,
      "t1 system notice model-changed",
      `t1 agent "one", notice interrupted, notice resumed, "two"`,
      `t2 user "b"`,
      "t2 system notice",
    ]);
  });

  it("lets the agent's message go on behind a word in mid-turn, and joins late results across it", () => {
    const log = rowLog();
    log.turn("a");
    log.step().call("c1").call("c2").result("c1", "one").steer("and quickly").result("c2", "two").step().text("done");
    assert.deepEqual(sketch(group(log.rows)), [
      `t1 user "a"`,
      `t1 agent c1({"path": "a.ts"})→one, c2({"path": "a.ts"})→two`,
      `t1 user "and quickly"`,
      `t1 agent "done"`,
    ]);
  });

  it("keeps user rows of different steps apart and joins those of one", () => {
    const log = rowLog();
    log.turn("a");
    log.steer("b").step().steer("c");
    assert.deepEqual(sketch(group(log.rows)), [`t1 user "a\n\nb"`, `t1 user "c"`]);
  });

  it("shows a result without its call in place, until the older page brings the call", () => {
    const log = rowLog();
    log.turn("a");
    log.step().call("c1").call("c2").result("c1", "one").result("c2", "no", { isError: true, decision: denied });
    log.step().text("done");
    const [older, newer] = [log.rows.slice(0, 4), log.rows.slice(4)];
    assert.deepEqual(sketch(group(older)), [
      `t1 user "a"`,
      `t1 agent c1({"path": "a.ts"})→one, c2({"path": "a.ts"})→…`,
    ]);
    assert.deepEqual(sketch(group(newer)), [`t1 agent c2(?)→no, "done"`]);
    const whole = group(mergeRows(newer, older));
    assert.deepEqual(whole, group(log.rows));
    const agent = whole[1];
    assert.deepEqual(agent?.kind === "agent" && agent.parts[1]?.kind === "tool" && agent.parts[1].decision, denied);
  });

  it("gives each step its own result when a server uses one id for every call", () => {
    const log = rowLog();
    log.turn("a");
    log.step().call("x").result("x", "one").step().call("x").result("x", "two");
    log.turn("b");
    log.step().call("x");
    assert.deepEqual(
      sketch(group(log.rows)).filter((line) => line.includes("agent")),
      [`t1 agent x({"path": "a.ts"})→one, x({"path": "a.ts"})→two`, `t2 agent x({"path": "a.ts"})→…`],
    );
  });

  it("loses and doubles nothing, in any window of any log", () => {
    fc.assert(
      fc.property(anyLog, fc.nat(60), fc.nat(60), (rows, a, b) => {
        const window = rows.slice(Math.min(a, b), Math.max(a, b));
        assert.deepEqual(contents(group(window)).sort(), expectedContents(window).sort());
      }),
    );
  });

  it("does not depend on the order and the cuts in which pages arrive", () => {
    const pages = fc.tuple(anyLog, fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 8 }));
    fc.assert(
      fc.property(pages, ([rows, cuts]) => {
        let merged: readonly Row[] = [];
        for (const [a, b] of cuts) merged = mergeRows(merged, rows.slice(Math.min(a, b), Math.max(a, b)).reverse());
        const seqs = new Set(
          cuts.flatMap(([a, b]) => rows.slice(Math.min(a, b), Math.max(a, b))).map((row) => row.seq),
        );
        assert.deepEqual(
          merged,
          rows.filter((row) => seqs.has(row.seq)),
        );
        assert.deepEqual(group(mergeRows(merged, rows)), group(rows));
      }),
    );
  });

  it("never mixes turns in a message", () => {
    fc.assert(
      fc.property(anyLog, (rows) => {
        const turnOf = new Map(rows.map((row) => [row.seq, row.turnId]));
        for (const message of group(rows)) {
          if (message.kind !== "agent") continue;
          for (const part of message.parts) assert.equal(turnOf.get(part.seq), message.turnId);
        }
      }),
    );
  });
});

describe("mergeRows", () => {
  it("gives back the first window itself when the other adds nothing", () => {
    const { rows } = rowLog().text("a").text("b").text("c");
    assert.equal(mergeRows(rows, []), rows);
    assert.equal(mergeRows(rows, rows.slice(1)), rows);
  });
});

/** Every text of a message with its kind; a joined call and result count as both. */
function contents(messages: readonly Message[]): string[] {
  return messages.flatMap((message): string[] => {
    if (message.kind === "user")
      return [...message.text.split("\n\n"), ...message.context].filter((text) => text !== "");
    if (message.kind === "system") return message.notices.map((notice) => notice.text);
    return message.parts.flatMap((part): string[] => {
      if (part.kind === "error") return [part.error.message];
      if (part.kind === "notice") return [part.notice.text];
      if (part.kind !== "tool") return [part.text];
      const call = part.argumentsText === undefined ? [] : [part.argumentsText];
      return part.result === undefined ? call : [...call, part.result.text];
    });
  });
}

function expectedContents(rows: readonly Row[]): string[] {
  return rows.flatMap((row): string[] => {
    if (row.type === "tool_call") return [row.data.argumentsText];
    if (row.type === "error") return [row.data.message];
    return row.role === "user" && row.data.text === "" ? [] : [row.data.text];
  });
}
