import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { verdictOn } from "../support/shell";
import { makeRepository, type Repository } from "./repository";

describe("hostile commands", () => {
  let repository: Repository;
  before(() => {
    repository = makeRepository();
    writeFileSync(path.join(repository.root, "a".repeat(200)), "");
  });
  after(() => repository.remove());

  const full = (unit: string, before = "", after = "") =>
    before + unit.repeat(Math.floor((15_900 - before.length - after.length) / unit.length)) + after;

  it("are decided before the test's time is over, however they are made to keep an expression busy", async () => {
    const commands = [
      full("{"),
      full("{", "ls "),
      full("*a", "ls ", "b"),
      `ls ${"*a".repeat(30)}b`,
      `ls ${"[a]".repeat(80)}b`,
      full("a/", "ls ", ".."),
      full("a/", "ls *", ".."),
      full("0", "printf %"),
      full("%0", "printf "),
      full(" ", "awk '{print $1", "x'"),
      full("$1 ", "awk '{print ", ";;'"),
      full("1,", "sed -n '", "'"),
      full("\\/", "sed 's/", "/x'"),
      full("p;", "sed -n '"),
      full("a.", "git config branch.", "!"),
      full("../", "cat "),
      full("a=", "echo "),
      full("-", "ls "),
      full("a ", "[ "),
      full("true;"),
      full("cd src; "),
      full("cd src && cd .. || ", "", "ls"),
      full("#"),
      full("\\\n"),
      full("''", "ls "),
      full("! "),
      full("( "),
      full("x|"),
      full(">"),
      full("2>&1 ", "ls "),
    ];
    const allowed: string[] = [];
    for (const command of commands) {
      if ((await verdictOn(command, repository.workspace)).kind === "allow") allowed.push(command.slice(0, 12));
    }
    assert.deepEqual(allowed, ["ls *a*a*a*a*", "ls *a*a*a*a*", "echo a=a=a=a", "ls 2>&1 2>&1"]);
  });
});
