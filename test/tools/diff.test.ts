import assert from "node:assert/strict";
import fc from "fast-check";
import type { DiffLine } from "../../src/chunks/protocol";
import { diffLines } from "../../src/tools/diff";

describe("diffLines", () => {
  const drawn = (lines: readonly DiffLine[]): string =>
    lines
      .map(({ kind, line, text }) => `${{ same: " ", add: "+", remove: "-", gap: "~" }[kind]}${line} ${text}`)
      .join("\n");

  it("shows changes with their surroundings and counts what is between", () => {
    const before = Array.from({ length: 30 }, (_, i) => `l${i + 1}\n`).join("");
    const after = before.replace("l5\n", "five\n").replace("l25\n", "");
    const diff = diffLines(before, after);
    assert.deepEqual([diff.added, diff.removed], [1, 2]);
    assert.equal(
      drawn(diff.lines),
      [
        "~1 1 unchanged line",
        " 2 l2",
        " 3 l3",
        " 4 l4",
        "-5 l5",
        "+5 five",
        " 6 l6",
        " 7 l7",
        " 8 l8",
        "~9 13 unchanged lines",
        " 22 l22",
        " 23 l23",
        " 24 l24",
        "-25 l25",
        " 25 l26",
        " 26 l27",
        " 27 l28",
        "~28 2 unchanged lines",
      ].join("\n"),
    );
  });

  it("shows a new file as added lines, an emptied one as removed lines", () => {
    assert.equal(drawn(diffLines("", "a\nb\n").lines), "+1 a\n+2 b");
    assert.equal(drawn(diffLines("a\nb\n", "").lines), "-1 a\n-2 b");
  });

  it("says when only the line break at the end differs", () => {
    assert.equal(
      drawn(diffLines("a\n", "a").lines),
      "~1 1 unchanged line\n~1 the new text has no line break at its end",
    );
    assert.equal(
      drawn(diffLines("a", "a\n").lines),
      "~1 1 unchanged line\n~1 the old text had no line break at its end",
    );
  });

  it("hides the CR of lines when both sides use CRLF, and shows a change of line ends as a change", () => {
    assert.equal(drawn(diffLines("a\r\nb\r\n", "a\r\nc\r\n").lines), " 1 a\n-2 b\n+2 c");
    assert.equal(drawn(diffLines("a\r\n", "a\n").lines), "-1 a\r\n+1 a");
  });

  it("caps lines and characters and says how much is missing", () => {
    const diff = diffLines("", `${"x".repeat(30)}\n${"y\n".repeat(9)}`, { maxLines: 3, maxCharacters: 10 });
    assert.deepEqual(diff.added, 10);
    assert.equal(drawn(diff.lines), "+1 xxxxxxxxxx… (20 more characters)\n+2 y\n+3 y\n~4 7 more lines not shown here");
  });

  it("caps all lines together", () => {
    const diff = diffLines("", "12345\n".repeat(9), { maxTotal: 17 });
    assert.equal(drawn(diff.lines), "+1 12345\n+2 12345\n+3 12345\n~4 6 more lines not shown here");
  });

  it("shows texts that share almost nothing as one replaced block", () => {
    const text = (word: string): string => Array.from({ length: 5_000 }, (_, i) => `${word} ${i}\n`).join("");
    const diff = diffLines(`same\n${text("old")}`, `same\n${text("new")}`);
    assert.deepEqual([diff.added, diff.removed, diff.lines.length], [5_000, 5_000, 401]);
  });

  it("holds both sides, whatever the texts are", () => {
    const texts = fc
      .array(fc.constantFrom("a\n", "b\n", "c\r\n", "\n", "d", "é\n"), { maxLength: 40 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 4 }), (before, after, context) => {
        const all = diffLines(before, after, { context: Number.POSITIVE_INFINITY, maxLines: 1_000 });
        const side = (kind: "add" | "remove"): readonly string[] =>
          all.lines.filter((line) => line.kind === "same" || line.kind === kind).map(({ text }) => text);
        assert.deepEqual(side("remove"), linesOf(before, after));
        assert.deepEqual(side("add"), linesOf(after, before));
        assert.equal(all.added, all.lines.filter(({ kind }) => kind === "add").length);
        const folded = diffLines(before, after, { context });
        const isShown = new Set(all.lines.map((line) => JSON.stringify(line)));
        assert.ok(folded.lines.every((line) => line.kind === "gap" || isShown.has(JSON.stringify(line))));
        assert.deepEqual([folded.added, folded.removed], [all.added, all.removed]);
      }),
    );
  });

  function linesOf(text: string, other: string): readonly string[] {
    if (text === "") return [];
    const crlf = [text, other].every((side) => side.includes("\r\n") && !/[^\r]\n|^\n|\r(?!\n)/.test(side));
    const lines = text.replace(/\n$/, "").split("\n");
    return crlf ? lines.map((line) => line.replace(/\r$/, "")) : lines;
  }
});
