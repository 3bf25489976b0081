import assert from "node:assert/strict";
import type { RuleLine, RuleUse } from "../../src/agent/session-rules";
import { ruleActs, ruleItems } from "../../src/host/rule-items";

const NOW = 1_800_000_000_000;
const use = (at: number, change: Partial<RuleUse> = {}): RuleUse => ({
  tab: "t1",
  title: "Fix\nthe loader",
  tool: "run_shell",
  decision: { by: "rule", rule: "r", effect: "allow" },
  at,
  ...change,
});
const line = (change: Partial<RuleLine>): RuleLine => ({
  group: "user",
  words: "allow: npm test",
  count: 0,
  last: [],
  ...change,
});

describe("the list of rules", () => {
  it("groups them by whose they are, and says how often each has decided", () => {
    const lines = [
      line({ count: 3, last: [use(NOW - 120_000)] }),
      line({ words: "deny: git push *", note: "I push\u202e myself." }),
      line({ group: "always", words: "allow: a.ts", count: 1, last: [use(NOW)] }),
      line({ group: "built-in", words: "no-effect", note: "Nothing happens." }),
    ];
    assert.deepEqual(
      ruleItems(lines, NOW).map((item) => (item.is === "group" ? `[${item.label}]` : [item.label, item.detail])),
      [
        "[Your settings]",
        ["allow: npm test", "Decided 3 times in the open chats, last 2 min ago."],
        ["deny: git push *", "I push myself."],
        "[Always allowed in this folder]",
        ["allow: a.ts", "Decided once in the open chats, last just now."],
        "[Dispatch itself]",
        ["Nothing happens.", undefined],
      ],
    );
  });

  it("offers for each rule what can be done with it, and leads to its last calls", () => {
    const last = [use(NOW), use(NOW - 3_600_000, { decision: { by: "person", effect: "deny" }, tool: "write_file" })];
    const acts = (group: RuleLine["group"]) => ruleActs(line({ group }), NOW).map(({ is }) => is);
    assert.deepEqual(
      [
        ...(["user", "workspace", "always", "tab", "mode", "built-in"] as const).map(acts),
        ruleActs(line({ last }), NOW).flatMap((act) => (act.is === "use" ? [[act.label, act.description]] : [])),
      ],
      [
        ["open-settings", "back"],
        ["open-folder-settings", "back"],
        ["remove", "back"],
        ["remove", "back"],
        ["select-mode", "back"],
        ["back"],
        [
          ["$(check) Allowed: run_shell", "just now · Fix the loader"],
          ["$(circle-slash) Refused by you: write_file", "1 h ago · Fix the loader"],
        ],
      ],
    );
  });
});
