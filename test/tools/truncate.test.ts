import assert from "node:assert/strict";
import fc from "fast-check";
import { type CutPlace, isTooLong, truncateForModel } from "../../src/tools/truncate";

describe("truncateForModel", () => {
  it("leaves alone what is within the limits", () => {
    const text = `${"line\n".repeat(500)}`;
    assert.equal(truncateForModel(text), text);
    assert.equal(truncateForModel("x".repeat(10_000)), "x".repeat(10_000));
    assert.equal(truncateForModel(""), "");
  });

  it("keeps whole lines at both ends and says which ones are missing", () => {
    const text = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join("\n");
    assert.equal(
      truncateForModel(text, { characters: 10_000, lines: 6 }),
      [
        "line 1",
        "line 2",
        "line 3",
        "[... 106 characters left out here: lines 4-17 of 20. To see more, ask for less at a time: a range of lines, or a command that prints only the part that matters (grep, head, tail). ...]",
        "line 18",
        "line 19",
        "line 20",
      ].join("\n"),
    );
  });

  it("cuts within a line when a line is too long", () => {
    const text = truncateForModel("x".repeat(5_000), { characters: 1_000, lines: 100 });
    assert.equal(
      text,
      `${"x".repeat(340)}\n[... 4,320 characters left out here: within line 1 of 1. To see more, ask for less at a time: a range of lines, or a command that prints only the part that matters (grep, head, tail). ...]\n${"x".repeat(340)}`,
    );
  });

  it("names the place to read on from, within a long line too", () => {
    const on = ({ line, column }: CutPlace) => `${line}:${column ?? "-"}`;
    const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`).join("\n");
    assert.match(truncateForModel(lines, { characters: 10_000, lines: 6 }, on), /lines 4-17 of 20\. 4:- \.\.\.\]/);
    assert.match(
      truncateForModel(`ab\n${"x".repeat(5_000)}`, { characters: 1_000, lines: 100 }, on),
      /within line 2 of 2\. 2:338 \.\.\.\]/,
    );
  });

  it("never exceeds its limits, never splits a character, keeps both ends, counts right", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constant("\n"),
      fc.constant("😀".repeat(40)),
      fc.constant("\n".repeat(40)),
    );
    const texts = fc.array(piece, { maxLength: 100 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 640, max: 3_000 }),
        fc.integer({ min: 1, max: 60 }),
        (text, characters, lines) => {
          const cut = truncateForModel(text, { characters, lines });
          if (!isTooLong(text, { characters, lines })) return assert.equal(cut, text);
          assert.ok(cut.length <= characters, "too long");
          assert.ok(lineCount(cut) <= Math.max(lines, 2) + 1, "too many lines");
          assert.ok(!/\p{Surrogate}/u.test(cut) || /\p{Surrogate}/u.test(text), "split a pair");
          const notice =
            /\[\.\.\. ([\d,]+) characters left out here: (within )?lines? (\d+)(?:-(\d+))? of (\d+)\. [^\n]*\.\.\.\]\n/.exec(
              cut,
            );
          assert.ok(notice);
          const tail = cut.slice(notice.index + notice[0].length);
          const leftOut = Number(notice[1]?.replaceAll(",", ""));
          const head = text.slice(0, text.length - tail.length - leftOut);
          assert.ok(text.endsWith(tail) && cut.startsWith(head), "ends differ");
          assert.equal(Number(notice[5]), lineCount(text));
        },
      ),
      { numRuns: 200 },
    );
  });
});

function lineCount(text: string): number {
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n").length;
}
