/** Every known attack is in the corpus, and what another test tries is there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { corpus } from "./cases";

/** A: files that run later. B: commands. C: paths. D: what leaves, and the page. E: the person who answers. F: hostile texts. */
const KNOWN = { A: 13, B: 27, C: 8, D: 10, E: 8, F: 7 };

describe("the corpus of attacks", () => {
  it("has at least one entry for each", () => {
    const tried = new Set(corpus().flatMap(({ cases }) => cases.map(({ id }) => /^[A-Z]\d+/.exec(id)?.[0])));
    const known = Object.entries(KNOWN).flatMap(([kind, last]) =>
      Array.from({ length: last }, (_, index) => `${kind}${index + 1}`),
    );
    assert.deepEqual(
      known.filter((id) => !tried.has(id)),
      [],
    );
  });

  it("names tests that are there", () => {
    for (const one of corpus().flatMap(({ cases }) => cases.filter((one) => "test" in one))) {
      const titles = readFileSync(one.test, "utf8");
      assert.ok(titles.includes(`it("${one.title}"`), `${one.id}: ${one.test} has no test "${one.title}"`);
    }
  });

  it("has texts for the page of each kind that only a page can show", () => {
    const texts: readonly { readonly id: string }[] = JSON.parse(readFileSync("test/webview/corpus.json", "utf8"));
    const kinds = new Set(texts.map(({ id }) => id.replace(/-.*/, "")));
    assert.deepEqual([...kinds].sort(), ["D1", "D2", "D3", "D4", "D5", "D8", "F"]);
  });
});
