/** What a chat is called by its first message, however odd that is. */
import assert from "node:assert/strict";
import { titleFrom } from "../../src/agent/title";

const family = "👩‍👩‍👧‍👦";

const titles: Readonly<Record<string, readonly [message: string, title: string | undefined]>> = {
  "one line": ["Fix the parser", "Fix the parser"],
  "several lines": ["\n\n  Fix the parser  \nand the lexer", "Fix the parser"],
  "lines of another system": ["Fix it\r\nnow\rplease", "Fix it"],
  "a heading": ["# Fix the *parser*\nIt fails.", "Fix the *parser*"],
  "an empty heading": ["## \n\nFix it", "Fix it"],
  "a word with a hash": ["#include <stdio.h> is missing", "#include <stdio.h> is missing"],
  "a quote in a list": ["> - [ ] 1. Fix it", "Fix it"],
  "a line, then text": ["---\nFix it", "Fix it"],
  "code alone": ["```ts\n\nconst a = 1;\n```", "const a = 1;"],
  "code, then a question": ["~~~\n~~~\nWhat is this?", "What is this?"],
  "a fence alone": ["```ts\n```", "```ts ```"],
  "marks alone": ["???", "???"],
  "a sign alone": ["🚀", "🚀"],
  "an address": [`https://www.example.com/${"a/".repeat(140)}`, `example.com/${"a/".repeat(23)}a…`],
  "a word without end": ["x".repeat(300), `${"x".repeat(59)}…`],
  "sixty letters": ["y".repeat(60), "y".repeat(60)],
  "emoji of many characters": [family.repeat(70), `${family.repeat(59)}…`],
  "accents without end": [`a${"\u0301".repeat(5000)}`, `a${"\u0301".repeat(4)}`],
  "half a character": ["Fix \ud83d it", "Fix \ufffd it"],
  "right to left": ["\u202eשלום עולם\u202c, תקן את זה", "שלום עולם, תקן את זה"],
  "colours of a terminal": ["\u001b[31merror\u001b[0m:\u0007 it\u0000fails", "error: it fails"],
  "what is not seen": ["\ufeffFix\u200b it", "Fix it"],
  "control characters alone": ["\u0000\u0001\n\u001b[0m", undefined],
};

describe("the title from the first message", () => {
  for (const [name, [message, title]] of Object.entries(titles)) {
    it(`is sensible for ${name}`, () => assert.equal(titleFrom(message), title));
  }
});
