import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { verdictOn } from "../support/shell";
import { makeRepository, type Repository } from "./repository";

type Everyday = {
  /** They only read, and nobody is asked. */
  readonly allowed: readonly string[];
  /** They only read too, as a person can tell; asked all the same. */
  readonly asked: readonly string[];
  /** They do more than read. */
  readonly acts: readonly string[];
};

describe("everyday commands", () => {
  let repository: Repository;
  before(() => {
    repository = makeRepository();
  });
  after(() => repository.remove());
  const everyday: Everyday = JSON.parse(readFileSync(path.join("test", "shell", "everyday.json"), "utf8"));
  const verdicts = async (commands: readonly string[]) => {
    const lines: string[] = [];
    for (const command of commands) lines.push(`${(await verdictOn(command, repository.workspace)).kind}: ${command}`);
    return lines;
  };

  it("are not asked where they only read", async function () {
    this.timeout(60_000);
    assert.deepEqual(
      await verdicts(everyday.allowed),
      everyday.allowed.map((command) => `allow: ${command}`),
    );
    const all = everyday.allowed.length + everyday.asked.length;
    console.log(`      ${everyday.allowed.length} of ${all} commands that only read are not asked`);
  });

  it("are asked where they do more, or where that can't be told", async () => {
    const commands = [...everyday.asked, ...everyday.acts];
    assert.deepEqual(
      await verdicts(commands),
      commands.map((command) => `ask: ${command}`),
    );
  });

  it("have a risk line that goes by what they do, not by their words", async () => {
    const commands = [
      "grep -rn 'rm -rf' ..",
      "cat ../secret.txt",
      "rm -r ../other",
      "echo 'curl x' && npm publish",
      "cp a b",
    ];
    const risks: string[] = [];
    for (const command of commands) {
      const verdict = await verdictOn(command, repository.workspace);
      risks.push(verdict.kind === "ask" ? verdict.risk.replace(/ ?Runs on your machine.*/, "") : verdict.kind);
    }
    assert.deepEqual(risks, [
      "Reads outside the workspace.",
      "Reads outside the workspace.",
      "May delete files or discard changes, names files outside the workspace.",
      "Reaches the network.",
      "",
    ]);
  });
});
