import assert from "node:assert/strict";
import type { Message } from "../../src/chunks/messages";
import type { Live, LiveTool } from "../../src/chunks/protocol";
import { type Item, itemsOf, sections } from "../../webview/items";
import { decisionLine, objectText, readsLine, toolObject, toolVerb } from "../../webview/tools";
import { duration, tokens, turnLine } from "../../webview/words";
import { call, commandCard, result, rowsOf, type Spec, said, thought, turnSummary, user } from "./harness/build";

function partsOf(specs: readonly Spec[]) {
  const message = sections(rowsOf(specs), [])[0]?.messages.find((found: Message) => found.kind === "agent");
  return message?.kind === "agent" ? message.parts : [];
}

function outline(items: readonly Item[]): string {
  return items
    .map((item) => {
      switch (item.kind) {
        case "tool":
          return `${item.tool.name} ${item.tool.state}${item.tool.card === undefined ? "" : " asked"}`;
        case "reads":
          return readsLine(item.tools);
        case "text":
        case "thinking":
          return `${item.live ? "live " : ""}${item.kind} ${item.key}`;
        default:
          return item.kind;
      }
    })
    .join("; ");
}

const idle = { cards: [], open: false };

describe("the items of a turn", () => {
  it("folds neighbouring finished reads, not failed ones, and not across other items", () => {
    const specs = [
      call("a", "read_file", { path: "a.ts" }),
      call("b", "list_files", { path: "src" }),
      call("c", "read_file", { path: "a.ts" }),
      call("d", "read_file", { path: "d.ts" }),
      call("e", "read_file", { path: "e.ts" }),
      result("a", "read_file", ""),
      result("b", "list_files", ""),
      result("c", "read_file", ""),
      result("d", "read_file", "missing", { isError: true }),
      result("e", "read_file", ""),
    ];
    const items = itemsOf(partsOf(specs), idle);
    assert.equal(outline(items), "Read 1 file, listed 1 folder; read_file error; read_file done");
  });

  it("folds searches with the other reads", () => {
    const specs = [
      call("a", "read_file", { path: "a.ts" }),
      call("b", "search", { pattern: "x+" }),
      call("c", "find_files", { globs: ["*.ts"] }),
      result("a", "read_file", ""),
      result("b", "search", ""),
      result("c", "find_files", ""),
    ];
    assert.equal(outline(itemsOf(partsOf(specs), idle)), "Read 1 file, searched twice");
  });

  it("says of each call how it stands", () => {
    const outcomes = ["done", "error", "denied", "cancelled", "unknown"] as const;
    const specs = [
      ...outcomes.map((outcome) => call(outcome, "run_shell", { command: outcome })),
      call("waits", "run_shell", { command: "w" }),
      call("runs", "run_shell", { command: "r" }),
      ...outcomes.map((outcome) => result(outcome, "run_shell", "", { outcome })),
    ];
    const tools: LiveTool[] = [{ callId: "runs", state: "running", startedAt: 0, output: "" }];
    const live: Live = { turnId: "turn1", step: 1, startedAt: 0, blocks: [], tools };
    const around = { live, cards: [commandCard({ callId: "waits" })], open: true };
    const words = (items: readonly Item[]) => outline(items).replaceAll("run_shell ", "");
    assert.deepEqual(
      [words(itemsOf(partsOf(specs), around)), words(itemsOf(partsOf(specs), idle))],
      [
        "done; error; denied; cancelled; error; pending asked; running",
        "done; error; denied; cancelled; error; cancelled; cancelled",
      ],
    );
  });

  it("gives a block the same key while it streams and when it is sealed", () => {
    const before = itemsOf([], {
      ...idle,
      live: {
        turnId: "turn1",
        step: 1,
        startedAt: 0,
        blocks: [
          { kind: "thinking", text: "hm" },
          { kind: "text", text: "I" },
          { kind: "tool", callId: "c", name: "run_shell", argumentsText: '{"comm' },
        ],
        tools: [],
      },
    });
    const after = itemsOf(partsOf([thought("hm"), said("I see"), call("c", "run_shell", { command: "ls" })]), idle);
    assert.deepEqual(
      [outline(before), before.map((item) => item.key)],
      ["live thinking 1.0; live text 1.1; run_shell pending", after.map((item) => item.key)],
    );
  });

  it("keeps turns that did not change as the same objects", () => {
    const rows = rowsOf([user("a"), said("b"), user("c", "turn2")]);
    const first = sections(rows, []);
    const second = sections([...rows, ...rowsOf([said("d", 1, "turn2")], 4)], first);
    assert.deepEqual(
      second.map((section, index) => section === first[index]),
      [true, false],
    );
  });
});

describe("a call in words", () => {
  it("names its object, also while its arguments stream in", () => {
    const calls: readonly (readonly [string, string])[] = [
      ["read_file", '{"path": "src/a.ts", "offset": 10, "limit": 40}'],
      ["read_file", '{"path": "src/a'],
      ["run_shell", '{"command": "npm\\ntest", "cwd": "x"}'],
      ["run_shell", '{"command": "echo \\"a'],
      ["list_files", "{}"],
      ["list_files", '{"path":"src"}'],
      ["search", '{"pattern":"a\\\\d+","path":"src"}'],
      ["search", '{"pattern":"a\\\\d'],
      ["find_files", '{"globs":["*.ts","!test"]}'],
      ["other", '{"query":"x y"}'],
      ["other", "[1]"],
      ["other", ""],
    ];
    assert.deepEqual(
      calls.map(([name, args]) => objectText(toolObject(name, args))),
      ["src/a.ts", "src/a", "npm test", 'echo "a', ".", "src", "a\\d+", "a\\d", "*.ts !test", "x y", "", ""],
    );
    assert.deepEqual(toolObject("read_file", '{"path": "a.ts", "offset": 10, "limit": 40}'), {
      kind: "file",
      path: "a.ts",
      range: ":10–49",
      line: 10,
    });
  });

  it("claims as done only what was done", () => {
    const call = (name: string, state: "done" | "error" | "denied", outcome: "done" | "error" | "unknown") =>
      toolVerb({ name, state, result: { callId: "c", name, text: "", isError: false, outcome } });
    assert.deepEqual(
      [
        call("write_file", "done", "done"),
        call("write_file", "error", "error"),
        call("run_shell", "error", "error"),
        call("run_shell", "error", "unknown"),
        call("run_shell", "denied", "error"),
      ],
      ["Wrote", "Write", "Ran", "Run", "Run"],
    );
  });

  it("says who let it run", () => {
    assert.deepEqual(
      [
        decisionLine({ by: "rule", rule: "read inside the workspace", effect: "allow" }),
        decisionLine({ by: "person", effect: "allow_tab" }),
        decisionLine({ by: "person", effect: "deny", reason: "not now" }),
        decisionLine({ by: "person", effect: "allow_always", rule: "allow: npm test" }),
        decisionLine({ by: "rule", rule: "read-inside-workspace", effect: "allow", from: "built-in" }),
        decisionLine({ by: "rule", rule: "allowed in this tab: edits to /w/a", effect: "allow", from: "tab" }),
        decisionLine({ by: "rule", rule: "Plan", effect: "deny", from: "mode" }),
        decisionLine({ by: "rule", rule: "allow: git status", effect: "allow", from: "user" }),
        decisionLine({ by: "rule", rule: "deny: git push *", effect: "deny", from: "workspace" }),
        decisionLine({ by: "rule", rule: "allow: npm test", effect: "allow", from: "always" }),
      ],
      [
        "Allowed by the rule “read inside the workspace”",
        "Allowed by you, for this tab",
        "Denied by you: not now",
        "Allowed by you, from now on by the rule “allow: npm test”",
        "Allowed by Dispatch itself: it reads inside the workspace",
        "Allowed, as you allowed in this tab: edits to /w/a",
        "Refused by the mode Plan",
        "Allowed by the rule “allow: git status” of your settings",
        "Refused by the rule “deny: git push *” of this folder’s settings",
        "Allowed by the rule “allow: npm test”, which you always allow",
      ],
    );
  });
});

describe("numbers in words", () => {
  it("are short", () => {
    assert.deepEqual(
      [duration(380), duration(9_960), duration(59_600), duration(185_000), duration(7_500_000)],
      ["0.4 s", "10 s", "1 min 0 s", "3 min 5 s", "2 h 5 min"],
    );
    assert.deepEqual([812, 1_000, 9_400, 181_700, 999_600, 1_240_000].map(tokens), [
      "812",
      "1 k",
      "9.4 k",
      "182 k",
      "1 M",
      "1.2 M",
    ]);
    assert.deepEqual(
      [
        turnLine(turnSummary()),
        turnLine(turnSummary({ steps: 1, endReason: "cancelled" })),
        turnLine(turnSummary({ cost: 0.1399, missed: 2 })),
      ],
      [
        "12 steps · 48 s · 182 k read, 9 k written",
        "Stopped · 1 step · 48 s · 182 k read, 9 k written",
        "12 steps · 48 s · 182 k read, 9 k written · $0.14 · cache missed 2 times",
      ],
    );
  });
});
