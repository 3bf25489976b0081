import assert from "node:assert/strict";
import fc from "fast-check";
import { createBoundedText } from "../../src/tools/bounded-text";

describe("a text in bounded memory", () => {
  it("is its head and its tail, with what is dropped between them counted, however it comes in pieces", () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "\n", "😀"), maxLength: 30 }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        pieces,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (parts, headLimit, tailLimit) => {
          const bounded = createBoundedText(headLimit, tailLimit);
          for (const part of parts) bounded.push(part);
          const whole = parts.join("");
          const text = bounded.text();
          const dropped = bounded.droppedBytes();
          assert.equal(bounded.length(), whole.length);
          if (dropped === 0) return assert.equal(text, whole);
          const [head = "", tail = ""] = text.split(`[... ${dropped} bytes were dropped here to bound memory ...]\n`);
          // The notice is on a line of its own.
          const kept = head.length <= headLimit && whole.startsWith(head) ? head.length : head.length - 1;
          assert.ok(whole.startsWith(head.slice(0, kept)) && kept <= headLimit);
          assert.ok(whole.endsWith(tail) && tail.length <= tailLimit);
          const gone = whole.slice(kept, whole.length - tail.length);
          assert.equal(new TextEncoder().encode(gone).length, dropped);
        },
      ),
    );
  });
});
