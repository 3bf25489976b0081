import assert from "node:assert/strict";
import fc from "fast-check";
import { type Step, takeBack } from "../../src/tools/take-back";

const lines = (words: string): string => (words === "" ? "" : `${words.split(" ").join("\n")}\n`);
const shown = (text: string | undefined): string =>
  text === undefined ? "(none)" : text.replace(/\n$/, "").replaceAll("\n", " ");

describe("undoing and redoing edits", () => {
  /** Files as words; `-`: there is none. Edits: before > after, in order. */
  const table: readonly (readonly [act: "undo" | "redo", edits: string, now: string, end: string])[] = [
    ["undo", "a b > a X", "a X", "a b"],
    ["undo", "a b > a X", "a b", "a b"],
    ["undo", "a b c > a X c", "a X c d", "a b c d, kept"],
    ["undo", "a b c > a X c", "a Y c", "meets"],
    ["undo", "a b c > a X c", "-", "gone"],
    ["undo", "a b c > A b c; A b c > A b C", "A b C", "a b c"],
    ["undo", "a b c > A b c", "A b C", "a b C, kept"],
    ["undo", "a b c e > A b c e; A b c e > A b C e", "A b C e d", "a b c e d, kept"],
    ["undo", "- > a b", "a b", "(none)"],
    ["undo", "- > a b", "a b c", "grown"],
    ["undo", "- > a b; a b > a X", "a X", "(none)"],
    ["undo", "- > a b", "-", "(none)"],
    ["redo", "a b > a X", "a b", "a X"],
    ["redo", "a b c > a X c", "a b c d", "a X c d, kept"],
    ["redo", "a b c > a X c", "a Y c", "meets"],
    ["redo", "- > a b; a b > a X", "-", "a X"],
    ["redo", "- > a b", "a b", "a b"],
    ["redo", "- > a b", "c", "taken"],
    ["redo", "a b > a X", "-", "gone"],
  ];
  for (const [act, edits, now, end] of table) {
    it(`${act} ${edits} where the file is ${now}: ${end}`, () => {
      const text = (words: string) => (words === "-" ? undefined : lines(words));
      const steps = edits.split("; ").map((edit): Step => {
        const [before = "", after = ""] = edit.split(" > ");
        return { before: text(before), after: lines(after) };
      });
      const result = takeBack(act, steps, text(now));
      assert.equal(result.kind === "text" ? `${shown(result.text)}${result.merged ? ", kept" : ""}` : result.kind, end);
    });
  }

  it("ends as a model of it says, and loses nothing of the person's, in any order of edits, undos, redos and typing", () => {
    const slots = 6;
    const slot = fc.nat({ max: slots - 1 });
    const act = fc.oneof(
      fc.record({ kind: fc.constant("edit" as const), slots: fc.uniqueArray(slot, { minLength: 1, maxLength: 3 }) }),
      fc.record({ kind: fc.constant("type" as const), slots: fc.uniqueArray(slot, { minLength: 1, maxLength: 2 }) }),
      fc.record({
        kind: fc.constantFrom("undo" as const, "redo" as const),
        which: fc.uniqueArray(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 }),
      }),
    );
    const textOf = (values: readonly string[]) => values.map((value, at) => `fixed ${at}\n${value}\n`).join("");
    const ends = { done: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        let values: readonly string[] = Array.from({ length: slots }, (_, at) => `first ${at}`);
        let text = textOf(values);
        const edits: (Step & { readonly from: readonly string[]; readonly to: readonly string[] })[] = [];
        acts.forEach((one, at) => {
          if (one.kind === "edit" || one.kind === "type") {
            const from = values;
            // Never the same line in two slots: which of them it came from could not be told, and would be refused.
            values = values.map((value, i) => (one.slots.includes(i) ? `${one.kind} ${at} of ${i}` : value));
            const before = text;
            text = textOf(values);
            if (one.kind === "edit") edits.push({ before, after: text, from, to: values });
            return;
          }
          const picked = [...new Set(one.which.map((n) => n % Math.max(1, edits.length)))].sort((a, b) => a - b);
          const chosen = picked.flatMap((n) => edits[n] ?? []);
          const expected = predict(one.kind, chosen, values);
          const result = takeBack(one.kind, chosen, text);
          if (expected === undefined) {
            assert.equal(result.kind, "meets");
            ends.refused++;
          } else {
            assert.ok(result.kind === "text");
            assert.equal(result.text, textOf(expected));
            values = expected;
            text = result.text ?? "";
            ends.done++;
          }
        });
      }),
      { numRuns: 2_000 },
    );
    assert.ok(ends.done > 500 && ends.refused > 500, JSON.stringify(ends));
  });
});

type Slots = { readonly from: readonly string[]; readonly to: readonly string[] };

/** Each slot that an edit has changed goes back if it is as the edit left it. @returns nothing when one is something else. */
function predict(
  act: "undo" | "redo",
  edits: readonly Slots[],
  values: readonly string[],
): readonly string[] | undefined {
  let now: readonly string[] | undefined = values;
  for (const { from, to } of act === "undo" ? edits.toReversed() : edits) {
    const [old, fresh] = act === "undo" ? [to, from] : [from, to];
    const next: string[] = [];
    for (const [at, value] of (now ?? []).entries()) {
      if (old[at] === fresh[at] || value === fresh[at]) next.push(value);
      else if (value === old[at]) next.push(fresh[at] ?? "");
      else return undefined;
    }
    now = next;
  }
  return now;
}
