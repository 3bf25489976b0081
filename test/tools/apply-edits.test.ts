import assert from "node:assert/strict";
import fc from "fast-check";
import { applyEdits } from "../../src/tools/apply-edits";

describe("applyEdits", () => {
  const errorOf = (text: string, ...edits: readonly [string, string][]): string => {
    const applied = applyEdits(
      text,
      edits.map(([oldText, newText]) => ({ oldText, newText })),
    );
    return applied.ok ? `applied: ${applied.text}` : applied.error;
  };

  const nearest = (lines: string): string =>
    `The file may have changed since you read it. The nearest text is:\n${lines}\nCopy exactly what is there (without the numbers), with its blanks and line breaks.`;

  it("applies each edit to what the one before has left", () => {
    assert.equal(errorOf("one two", ["one", "two three"], ["two three", "1"], [" two", ""]), "applied: 1");
  });

  it("takes new text as it is, dollar signs too", () => {
    assert.equal(errorOf("a b c", ["b", "$& $1 $`"]), "applied: a $& $1 $` c");
  });

  it("says why an edit does not fit", () => {
    const text = "let a = 1;\n  let b = 2;\nlet a = 1;\n";
    assert.deepEqual(
      [
        errorOf(text, ["const c", "x"]),
        errorOf(text, ["let a = 1;", "x"]),
        errorOf(text, ["let b = 2;\n    let a", "x"]),
        errorOf(text, ["1\tlet a = 1;\n2\t  let b", "x"]),
        errorOf(text, ["let b", "let b"]),
        errorOf(text, ["", "x"]),
        errorOf(text, ["let b", "let c"], ["let b", "let d"]),
        errorOf(text, ["let b", "let c"], ["let c", "let b"]),
        errorOf("aaa", ["aa", "b"]),
      ],
      [
        "old_text was not found. Nothing in the file is like it: read the file again, it may have changed, or look in another one.",
        "old_text occurs 2 times, at lines 1, 3. Add lines before or after it until it is unique.",
        `old_text was not found. ${nearest("2\t  let b = 2;\n3\tlet a = 1;")}`,
        "old_text was not found. It starts with the line numbers of read_file, which are not part of the file. Leave them and the tab out.",
        "old_text and new_text are the same, so there is nothing to change.",
        "old_text is empty. Give the text to replace; to add text, replace a line next to the place by itself and the new text.",
        "Edit 2 of 2: old_text was not found. Nothing in the file is like it: read the file again, it may have changed, or look in another one.",
        "The edits leave the text as it was.",
        "old_text occurs 2 times, at lines 1, 1. Add lines before or after it until it is unique.",
      ],
    );
    assert.match(
      errorOf(text, ["    let b = 2;\n    let a = 1;", "x"]),
      /From line 2 there is a text that differs only in blanks/,
    );
  });

  it("shows the nearest text: by lines that are the same, else by words", () => {
    const text = [
      "import { a } from './a';",
      "",
      "export function start(engine: Engine) {",
      "  const plugins = engine.plugins;",
      "  for (const name of plugins) load(name);",
      "  return engine;",
      "}",
    ].join("\n");
    assert.deepEqual(
      [
        errorOf(text, ["  const plugins = engine.all;\n  for (const name of plugins) load(name);\n  return null;", ""]),
        errorOf(text, ["export function start(engine: Motor): void {", ""]),
        errorOf(text, ["something else entirely", ""]),
      ],
      [
        `old_text was not found. ${nearest("4\t  const plugins = engine.plugins;\n5\t  for (const name of plugins) load(name);\n6\t  return engine;")}`,
        `old_text was not found. ${nearest("3\texport function start(engine: Engine) {")}`,
        "old_text was not found. Nothing in the file is like it: read the file again, it may have changed, or look in another one.",
      ],
    );
  });

  it("does not look through a very large text, nor count every place in it", () => {
    const large = "line of the file\n".repeat(100_000);
    assert.deepEqual(
      [errorOf(large, ["line of a file", "x"]), errorOf(large, ["line of the file\n", "x"])],
      [
        "old_text was not found. The file is too large to look for the place that was meant: find it with search, and copy exactly what read_file shows there.",
        "old_text occurs more than 1,000 times, at lines 1, 2, 3, 4, 5, 6, 7, 8 and more. Add lines before or after it until it is unique.",
      ],
    );
  });

  it("keeps CRLF in a text that uses it throughout, and matches exactly in one that mixes", () => {
    assert.equal(errorOf("a\r\nb\r\nc\r\n", ["a\nb", "x\ny\nz"]), "applied: x\r\ny\r\nz\r\nc\r\n");
    assert.equal(errorOf("a\r\nb\r\nc\r\n", ["b\r\n", "B\r\n"]), "applied: a\r\nB\r\nc\r\n");
    assert.equal(
      errorOf("0\na\r\nb\nc\n", ["a\nb", "x"]),
      "old_text was not found. The file mixes line ends, and only they differ: line 2 of the file ends in \\r\\n, the others in \\n. Write old_text and new_text with the same line ends.",
    );
    assert.equal(errorOf("0\na\r\nb\nc\n", ["a\r\nb", "x"]), "applied: 0\nx\nc\n");
    assert.equal(errorOf("a\r\nb\n", ["b\n", "x\r\n"]), "applied: a\r\nx\r\n");
  });

  it("changes exactly the part that was meant", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", "\n", " ", "\r\n", "é", "😀", "$&") });
    fc.assert(
      fc.property(part, part, part, part, (before, old, after, fresh) => {
        const text = before + old + after;
        const crlf = text.includes("\r\n") && !/(?<!\r)\n/.test(text);
        const plain = (one: string): string => (crlf ? one.replaceAll("\r\n", "\n") : one);
        const isUnique = old !== "" && plain(text).split(plain(old)).length === 2;
        const applied = applyEdits(text, [{ oldText: old, newText: fresh }]);
        if (!applied.ok) return;
        assert.ok(isUnique);
        const expected = plain(before) + plain(fresh) + plain(after);
        assert.equal(applied.text, crlf ? expected.replaceAll("\n", "\r\n") : expected);
      }),
      { numRuns: 1_000 },
    );
  });
});
