import assert from "node:assert/strict";
import { inOrder, newProblems, problemCounts, problemLine, tellable } from "../../src/tools/problems";
import type { Problem } from "../../src/tools/types";
import { refused, useFolder } from "./folder";

const problem = (change: Partial<Problem> = {}): Problem => ({
  ...{
    path: "src/a.ts",
    file: "/w/src/a.ts",
    real: "/w/src/a.ts",
    line: 3,
    column: 5,
    severity: "error",
    message: "Cannot find name 'x'.",
  },
  ...change,
});

describe("problems of language services", () => {
  const folder = useFolder();

  it("are lines with who says it, errors first, long messages cut and on one line", () => {
    const all = [
      problem({ severity: "hint", message: "unused" }),
      problem({ path: "src/b.ts", source: "ts", code: "2304" }),
      problem({ line: 12, column: 1, source: "eslint", message: `a\n  b ${"c".repeat(500)}` }),
      problem({ severity: "warning" }),
    ];
    assert.deepEqual(inOrder(all).map(problemLine), [
      `src/a.ts:12:1 error eslint: a b ${"c".repeat(396)}…`,
      "src/b.ts:3:5 error ts(2304): Cannot find name 'x'.",
      "src/a.ts:3:5 warning: Cannot find name 'x'.",
      "src/a.ts:3:5 hint: unused",
    ]);
    assert.deepEqual(
      [problemCounts(all), problemCounts([problem({ severity: "info" })]), problemCounts([])],
      ["2 errors, 1 warning, 1 hint", "1 note", "no problems"],
    );
  });

  it("are new when they were not there before, wherever their lines are now, each as often as it is new", () => {
    const before = [problem(), problem({ message: "b" }), problem({ severity: "warning", message: "w" })];
    const after = [
      problem({ line: 40 }),
      problem({ line: 41 }),
      problem({ path: "src/b.ts" }),
      problem({ severity: "error", message: "w" }),
      problem({ severity: "hint", message: "h" }),
      problem({ severity: "warning", message: "w", line: 9 }),
    ];
    assert.deepEqual(newProblems(before, after).map(problemLine), [
      "src/a.ts:41:5 error: Cannot find name 'x'.",
      "src/b.ts:3:5 error: Cannot find name 'x'.",
      "src/a.ts:3:5 error: w",
    ]);
    assert.deepEqual(newProblems(after, after), []);
  });

  it("in files that a rule withholds are counted only, by whatever name the editor has them open", () => {
    const all = [problem(), problem({ file: "/w/link.ts", real: "/w/secret.ts" }), problem({ file: "/w/secret.ts" })];
    assert.deepEqual(
      tellable(all, (path) => path !== "/w/secret.ts"),
      { told: all.slice(0, 1), note: ["[2 left out: a rule of the person withholds their files]"] },
    );
    assert.deepEqual(
      tellable(all, () => true),
      { told: all, note: [] },
    );
  });

  it("are not to be had without an editor, and the model is told so", async () => {
    assert.equal(
      await refused(folder().workspace, "diagnostics", { path: "a.ts" }),
      "Dispatch runs without an editor here, so there are no language services to ask. Run the project's own checker (compiler, linter) with run_shell.",
    );
  });
});
