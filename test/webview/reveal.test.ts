import assert from "node:assert/strict";
import fc from "fast-check";
import { excerpt } from "../../webview/text/excerpt";
import { reveal, revealText, stripTerminal } from "../../webview/text/reveal";

describe("revealing what a text could hide", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["plain text\n\tkept", "plain text\n\tkept"],
    ["a\u202eb\u2066c", "a‹U+202E›b‹U+2066›c"],
    ["zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"],
    ["tag\u{e0041}\u{e007f}", "tag‹U+E0041›‹U+E007F›"],
    ["\u001b[31mred\u0007\u0000", "‹U+001B›[31mred‹U+0007›‹U+0000›"],
    ["carriage\rreturn", "carriage‹U+000D›return"],
    ["no\u00a0break\u3164filler", "no‹U+00A0›break‹U+3164›filler"],
    ["line\u2028paragraph\u2029", "line‹U+2028›paragraph‹U+2029›"],
    ["lone \ud800 half", "lone ‹U+D800› half"],
    [`a${" ".repeat(30)}b`, "a‹30 blanks›b"],
    [`a${"\n".repeat(9)}b`, "a‹9 line breaks›b"],
    ["café 🚀", "café 🚀"],
  ];
  for (const [text, shown] of cases) {
    it(`shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () => assert.equal(revealText(text), shown));
  }

  it("marks letters that may look like others", () => {
    assert.deepEqual(reveal("curl еxаmple"), [
      { kind: "plain", text: "curl " },
      { kind: "foreign", text: "е" },
      { kind: "plain", text: "x" },
      { kind: "foreign", text: "а" },
      { kind: "plain", text: "mple" },
    ]);
  });

  it("marks what the host has named, as it marks what it finds itself", () => {
    assert.deepEqual(reveal("rm ‹U+202E›x ‹120 blanks› ‹one›"), [
      { kind: "plain", text: "rm " },
      { kind: "hidden", label: "‹U+202E›" },
      { kind: "plain", text: "x " },
      { kind: "hidden", label: "‹120 blanks›" },
      { kind: "plain", text: " " },
      { kind: "foreign", text: "‹" },
      { kind: "plain", text: "one" },
      { kind: "foreign", text: "›" },
    ]);
  });

  it("never shows an invisible character as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        assert.doesNotMatch(revealText(text), /(?![\n\t])\p{Cc}|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u);
      }),
    );
  });

  it("takes terminal control sequences out of an output", () => {
    const output =
      "\u001b]0;title\u0007\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\r\n10%\r50%\r100%\n";
    assert.equal(stripTerminal(output), "red link\n100%\n");
  });
});

describe("an excerpt", () => {
  it("keeps the first and the last lines and counts what is between", () => {
    const text = Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n");
    assert.deepEqual(excerpt(text, { lines: 6, characters: 1000 }), {
      head: "line 0\nline 1\nline 2\nline 3",
      tail: "line 28\nline 29",
      hiddenLines: 25,
      hiddenCharacters: text.length - 27 - 15,
    });
  });

  it("shows the text whole, or its two ends without an overlap", () => {
    const limits = { lines: 5, characters: 40 };
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "b", "\n", "🚀"), maxLength: 120 }), (text) => {
        const { head, tail, hiddenCharacters } = excerpt(text, limits);
        assert.ok(text.startsWith(head) && text.endsWith(tail ?? ""));
        assert.equal(head.length + hiddenCharacters + (tail?.length ?? 0), text.length);
      }),
    );
  });
});
