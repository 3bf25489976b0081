import assert from "node:assert/strict";
import fc from "fast-check";
import { lineChanges, merge, splitLines } from "../../src/tools/line-changes";

/** `a b c` is a text of three lines. */
const lines = (words: string): string => (words === "" ? "" : `${words.split(" ").join("\n")}\n`);
const words = (text: string | undefined): string =>
  text === undefined ? "(meet)" : text.replace(/\n$/, "").replaceAll("\n", " ");

describe("two changes of one text", () => {
  const table: readonly (readonly [name: string, base: string, ours: string, theirs: string, merged: string])[] = [
    ["only one side has changed", "a b c", "a b c", "a X c", "a X c"],
    ["only the other side has", "a b c", "a X c", "a b c", "a X c"],
    ["both the same way", "a b c", "a X c", "a X c", "a X c"],
    ["apart from each other", "a b c d e", "A b c d e", "a b c d E", "A b c d E"],
    ["with one line between them", "a b c", "A b c", "a b C", "A b C"],
    ["at lines next to each other", "a b c d", "a B c d", "a b C d", "(meet)"],
    ["at the same line", "a b c", "a X c", "a Y c", "(meet)"],
    ["inserted at the same place", "a b", "a X b", "a Y b", "(meet)"],
    ["inserted at two places", "a b c d", "a X b c d", "a b c Y d", "a X b c Y d"],
    ["changed where the other deletes", "a b c", "a c", "a X c", "(meet)"],
    ["deleted by both, one deletes more", "a b c d e f", "a d e f", "a b c e f", "(meet)"],
    ["the same change, and one more each", "a b c d e f g", "A b c d E f g", "A b C d e f g", "A b C d E f g"],
    ["one side empties it", "a b c", "", "a b X", "(meet)"],
    ["into an empty text", "", "a", "b", "(meet)"],
    ["a moved line, changed on the other side", "a b c d e", "b c d e a", "A b c d e", "(meet)"],
  ];
  for (const [name, base, ours, theirs, merged] of table) {
    it(`${merged === "(meet)" ? "meet" : "join"}: ${name}`, () => {
      assert.equal(words(merge(lines(base), lines(ours), lines(theirs))), merged);
      assert.equal(words(merge(lines(base), lines(theirs), lines(ours))), merged);
    });
  }

  it("keep line ends and a last line without one, and meet where line ends were changed throughout", () => {
    assert.equal(merge("a\r\nb\r\nc\r\nd", "A\r\nb\r\nc\r\nd", "a\r\nb\r\nc\r\nD"), "A\r\nb\r\nc\r\nD");
    assert.equal(merge("a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nb\nC\n"), undefined);
  });

  const text = fc
    .array(fc.constantFrom("a\n", "b\n", "c\n", "d\r\n", "\n", "e"), { maxLength: 12 })
    .map((all) => all.join(""));

  /** For each of ten lines: whether it stays, and how many new ones come before it. */
  const mostly = <T>(usual: T, ...others: readonly T[]) => fc.constantFrom(...Array<T>(12).fill(usual), ...others);
  const change = fc.array(fc.record({ stays: mostly(true, false), before: mostly(0, 1, 2) }), {
    minLength: 10,
    maxLength: 10,
  });

  it("lose nothing: every new line of both sides is there in its order, and the old ones that neither has deleted", () => {
    const made = (name: string, changes: readonly { readonly stays: boolean; readonly before: number }[]) =>
      changes.flatMap(({ stays, before }, at) => [
        ...Array.from({ length: before }, (_, i) => `${name}${at}.${i}`),
        ...(stays ? [`base${at}`] : []),
      ]);
    const textOf = (all: readonly string[]) => all.map((line) => `${line}\n`).join("");
    const base = Array.from({ length: 10 }, (_, at) => `base${at}`);
    let joined = 0;
    fc.assert(
      fc.property(change, change, (mine, other) => {
        const [ours, theirs] = [made("ours", mine), made("theirs", other)];
        const merged = merge(textOf(base), textOf(ours), textOf(theirs));
        assert.equal(merged, merge(textOf(base), textOf(theirs), textOf(ours)));
        if (merged === undefined) return;
        joined++;
        const found = merged.split("\n").filter((line) => line !== "");
        const of = (name: string, all: readonly string[]) => all.filter((line) => line.startsWith(name));
        assert.deepEqual(of("ours", found), of("ours", ours));
        assert.deepEqual(of("theirs", found), of("theirs", theirs));
        assert.deepEqual(
          of("base", found),
          base.filter((line) => ours.includes(line) && theirs.includes(line)),
        );
      }),
      { numRuns: 3_000 },
    );
    assert.ok(joined > 20, `${joined} joined`);
  });

  it("are made of changes that give the new text, none touching the next", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const old = splitLines(before);
        const changes = lineChanges(old, splitLines(after));
        let result = "";
        let at = 0;
        for (const change of changes) {
          assert.ok(change.from > at || at === 0);
          result += old.slice(at, change.from).join("") + change.lines.join("");
          at = change.to;
        }
        assert.equal(result + old.slice(at).join(""), after);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of very many lines are one block, in bounded time", () => {
    const before = Array.from({ length: 20_000 }, (_, i) => `a${i}\n`);
    const after = before.map((line) => `b${line}`);
    assert.deepEqual(lineChanges(before, after), [{ from: 0, to: 20_000, lines: after }]);
  });
});
