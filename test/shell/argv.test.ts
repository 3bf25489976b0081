import assert from "node:assert/strict";
import { randomNumbers } from "../store/random";
import { shellParser } from "../support/shell";
import { compareWithBash, textOf } from "./real-argv";

describe("the words of a command", () => {
  it("are those that bash makes, wherever a text is read as plain commands", async function () {
    this.timeout(120_000);
    const random = randomNumbers(20_251);
    const pick = <T>(from: readonly T[]): T => {
      const one = from[Math.floor(random() * from.length)];
      assert.ok(one !== undefined);
      return one;
    };
    const texts = Array.from({ length: 4_000 }, () => textOf(pick, random));
    const { known, different } = compareWithBash(await shellParser(), texts);
    assert.deepEqual(different, []);
    assert.ok(known > 1_500, `${known} of ${texts.length} are read at all`);
  });
});
