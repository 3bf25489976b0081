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
        errorOf(text, ["let c", "x"]),
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
        "old_text was not found. Read the file again: it may have changed. Copy the text exactly, with its blanks and line breaks.",
        "old_text occurs 2 times, at lines 1, 3. Add lines before or after it until it is unique.",
        "old_text was not found. Read the file again: it may have changed. Copy the text exactly, with its blanks and line breaks.",
        "old_text was not found. It starts with the line numbers of read_file, which are not part of the file. Leave them and the tab out.",
        "old_text and new_text are the same, so there is nothing to change.",
        "old_text is empty. Give the text to replace; to add text, replace a line next to the place by itself and the new text.",
        "Edit 2 of 2: old_text was not found. Read the file again: it may have changed. Copy the text exactly, with its blanks and line breaks.",
        "The edits leave the text as it was.",
        "old_text occurs 2 times, at lines 1, 1. Add lines before or after it until it is unique.",
      ],
    );
    assert.match(
      errorOf(text, ["    let b = 2;\n    let a = 1;", "x"]),
      /From line 2 there is a text that differs only in blanks/,
    );
  });

  it("keeps CRLF in a text that uses it throughout, and matches exactly in one that mixes", () => {
    assert.equal(errorOf("a\r\nb\r\nc\r\n", ["a\nb", "x\ny\nz"]), "applied: x\r\ny\r\nz\r\nc\r\n");
    assert.equal(errorOf("a\r\nb\r\nc\r\n", ["b\r\n", "B\r\n"]), "applied: a\r\nB\r\nc\r\n");
    assert.match(errorOf("a\r\nb\n", ["a\nb", "x"]), /not found/);
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
