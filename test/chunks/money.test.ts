import assert from "node:assert/strict";
import { dollars } from "../../src/chunks/money";

it("amounts of money are short, and the small ones keep a digit that says something", () => {
  assert.deepEqual([0, 0.0001, 0.0005, 0.0042, 0.0994, 0.0996, 0.14, 1.5, 1234.5].map(dollars), [
    "$0.00",
    "<$0.001",
    "$0.001",
    "$0.004",
    "$0.099",
    "$0.10",
    "$0.14",
    "$1.50",
    "$1,234.50",
  ]);
});
