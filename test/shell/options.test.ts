/**
 * Whether the table reads options as the programs do: each option of each program that is on this machine is run in the
 * ways in which a wrong idea of its value would let a file be read or written that the table takes for something else.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { programNamed, programNames } from "../../src/approvals/shell/programs/index";
import { makeCanary } from "./canary";
import { makeRepository } from "./repository";

const TABLE = path.join("src", "approvals", "shell", "programs");
/** Subcommands with options of their own; the others share the lists of these. */
const GIT = ["status", "log", "diff", "grep", "ls-files", "branch", "cat-file", "describe"];
/** A file outside, and one that is not there: whoever writes it is seen. */
const [SECRET, MADE] = ["../secret.txt", "made"];

const judge = ([name = "", ...args]: readonly string[]) =>
  programNamed(name)?.judge(args.map((value, at) => ({ value, start: at, end: at })));

/** As far as the words go: where the file outside is not among the paths, it is taken for something else. */
function isAllowed(words: readonly string[]): boolean {
  const judged = judge(words);
  return judged?.reads === true && judged.paths.every(({ value }) => !value.includes(SECRET));
}

function optionsOf(head: readonly string[], all: readonly string[]): readonly string[] {
  return all.filter((option) => {
    const judged = judge([...head, option, "1", "README.md"]);
    return judged !== undefined && (judged.reads || !judged.why.startsWith("the option"));
  });
}

function usesOf(option: string): readonly (readonly string[])[] {
  const bundles = option.startsWith("--") ? [] : ["o", "s"].map((letter) => `${option}${letter}`);
  return [
    [option, SECRET, "README.md"],
    [option, "README.md", SECRET],
    [option, "README.md", MADE],
    ["README.md", option, MADE],
    [`${option}=${SECRET}`, "README.md"],
    ...bundles.flatMap((bundle) => [
      [bundle, "README.md", MADE],
      [bundle, "x", MADE, "README.md"],
    ]),
  ];
}

describe("the options of the table", () => {
  it("have a value where the table sees one, and nowhere else", async function () {
    this.timeout(180_000);
    const source = readdirSync(TABLE).map((file) => readFileSync(path.join(TABLE, file), "utf8"));
    const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].map((letter) => `-${letter}`);
    const all = [...letters, ...new Set(source.join("\n").match(/--[a-z][a-z0-9-]*/g))];
    const own = programNames.filter((name) => !["git", "sleep", "seq"].includes(name)).map((name) => [name]);
    const heads = [...own, ...GIT.map((name) => ["git", name])];
    const commands = heads.flatMap((head) =>
      optionsOf(head, all).flatMap((option) => usesOf(option).map((use) => [...head, ...use])),
    );
    const allowed = commands.filter(isAllowed).map((words) => words.join(" "));
    const repository = makeRepository();
    try {
      const canary = makeCanary(repository);
      const found: string[] = [];
      for (let at = 0; at < allowed.length && found.length === 0; at += 250) {
        found.push(...canary.run(allowed.slice(at, at + 250)));
      }
      assert.deepEqual(found.slice(0, 10), []);
      assert.ok(allowed.length > 2_000, `${allowed.length} are allowed at all`);
    } finally {
      repository.remove();
    }
  });
});
