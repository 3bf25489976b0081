import assert from "node:assert/strict";
import fc from "fast-check";
import { createBoundedText } from "../../src/tools/bounded-text";
import { createPlainText } from "../../src/tools/plain-output";

describe("createPlainText", () => {
  const plain = (text: string): string => createPlainText()(text);

  it("takes out what steers a terminal and keeps what was printed", () => {
    assert.deepEqual(
      [
        plain("\u001b[1;31mred\u001b[0m and \u001b(Bplain\u001b7"),
        plain("\u001b]0;title\u0007a\u001b]8;;http://evil/\u001b\\link\u001b]8;;\u001b\\"),
        plain("\u001b]52;c;c2VjcmV0\u0007clip"),
        plain("\u009b31mred \u009dtitle\u009cb"),
        plain("10%\r20%\r\ndone\r\n"),
        plain("a\u0007\u0008\u0000b\tc\n"),
        plain("never ended \u001b]0;title\nnext line"),
      ],
      ["red and plain", "alink", "clip", "red b", "10%\n20%\ndone\n", "ab\tc\n", "never ended \nnext line"],
    );
  });

  it("gives the same text however it is cut into pieces", () => {
    const unit = fc.constantFrom("a", "\n", "\r", "\u001b", "[", "]", "0;", "m", "\u0007", "\\", "\u009b", "😀", "\t");
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const pieces = createPlainText();
        const text = units.map((one) => pieces(one)).join("");
        assert.equal(text, plain(units.join("")));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may come through
        assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe("createBoundedText", () => {
  it("keeps the head and the tail, and counts what is missing", () => {
    const bounded = createBoundedText(4, 6);
    for (const piece of ["ab", "cdef", "gh", "é".repeat(50), "tail", "!!"]) bounded.push(piece);
    assert.equal(bounded.text(), "abcd\n[... 104 bytes were dropped here to bound memory ...]\ntail!!");
    assert.equal(bounded.droppedBytes(), 104);
  });

  it("loses nothing that fits, and never splits a character", () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n") }), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (all, head, tail) => {
        const bounded = createBoundedText(head, tail);
        for (const piece of all) bounded.push(piece);
        const whole = all.join("");
        const text = bounded.text();
        if (whole.length <= head + tail - 1) assert.equal(text, whole);
        if (bounded.droppedBytes() === 0) return assert.equal(text, whole);
        const [start = "", end = ""] = text.split(/\n?\[\.\.\. \d+ bytes were dropped here to bound memory \.\.\.\]\n/);
        assert.ok(whole.startsWith(start.trimEnd()) && whole.endsWith(end));
        assert.doesNotMatch(text, /\p{Surrogate}/u);
        assert.ok(
          Buffer.byteLength(whole) - Buffer.byteLength(start) - Buffer.byteLength(end) - bounded.droppedBytes() <= 1,
        );
      }),
    );
  });
});
