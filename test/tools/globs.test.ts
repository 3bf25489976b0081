import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { createGlobs } from "../../src/tools/globs";
import { findRipgrep } from "../../src/tools/ripgrep-place";
import { useFolder } from "./folder";

describe("globs", () => {
  const folder = useFolder();

  it("match as ripgrep's own do", () => {
    const { root } = folder();
    const files = ["a.ts", "b/a.ts", "b/c/a.tsx", "b/c/d-e.js", "ab/[x].ts", "ab/x.ts", "b/{y}.ts", "c/a/b.ts"];
    for (const file of files) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      writeFileSync(path.join(root, file), "");
    }
    const token = fc.constantFrom(
      "a",
      "b",
      "x",
      "/",
      "*",
      "**",
      "**/",
      "?",
      ".ts",
      "{a,b}",
      "{ts,tsx}",
      "[ab]",
      "[a-c]",
      "\\[",
      "-",

      "e",
    );
    const glob = fc.array(token, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
    const program = findRipgrep([], process.env.PATH) ?? "";
    fc.assert(
      fc.property(glob, (pattern) => {
        // What differs on purpose: a pattern that ends with / concerns what is below, and [!a] is no / (to ripgrep it can be).
        fc.pre(!pattern.startsWith("/") && !pattern.endsWith("/") && !/\/\/|\*\*[^/]|[^/*]\*\*|\*{3}/.test(pattern));
        const { stdout, status } = spawnSync(program, ["--no-config", "--files", "--sort", "path", "--glob", pattern], {
          cwd: root,
          encoding: "utf8",
        });
        fc.pre(status !== 2);
        const ours = createGlobs([pattern]);
        const theirs = new Set(stdout.split("\n"));
        for (const file of files) assert.equal(ours.matches(file), theirs.has(file), `${pattern} on ${file}`);
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it("take any text in any time that is asked for, and never more than they must", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 4 }),
        fc.string({ unit: "binary" }),
        (patterns, file) => {
          createGlobs(patterns).matches(file);
          createGlobs(patterns, true).matches(file);
        },
      ),
    );
    const name = "a".repeat(250);
    assert.equal(createGlobs([`${"*a".repeat(200)}b`]).matches(name), false);
    assert.equal(createGlobs([`${"{a,b}".repeat(90)}*`]).matches(name), true);
    assert.equal(createGlobs([`${"**/*/".repeat(60)}b`]).matches(`${"a/".repeat(2_000)}a`), false);
  });
});
