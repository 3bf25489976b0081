/**
 * Deciding a command: how long it takes, how many everyday commands that only read are not asked; and the long form of two
 * tests: 100,000 changed commands of which those that are allowed run in a real bash, 100,000 texts beside bash's argv.
 * The environment variable DISPATCH_SHELL_ROUNDS says how many.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fuzz } from "../shell/fuzz";
import { compareWithBash, textOf } from "../shell/real-argv";
import { makeRepository } from "../shell/repository";
import { randomNumbers } from "../store/random";
import { shellParser, verdictOn } from "../support/shell";
import type { Figure } from "./figures";

const rounds = Number(process.env.DISPATCH_SHELL_ROUNDS ?? 100_000);

export async function bench(): Promise<readonly Figure[]> {
  return [...(await times()), ...(await share()), ...(await argvs()), ...(await mutations())];
}

async function times(): Promise<readonly Figure[]> {
  const repository = makeRepository();
  try {
    const begun = performance.now();
    await verdictOn("ls", repository.workspace);
    const first = performance.now() - begun;
    const { allowed } = everyday();
    const isGit = (command: string) => /\bgit\b/.test(command);
    const plain = await timesOf(
      allowed.filter((command) => !isGit(command)),
      20,
      repository.workspace,
    );
    const git = await timesOf(allowed.filter(isGit), 1, repository.workspace);
    return [
      { name: "deciding a command: the first, with the parser", value: first, unit: "ms", note: "once in a host" },
      { name: "deciding a command, p50", value: at(plain, 0.5), unit: "ms" },
      { name: "deciding a command, p99", value: at(plain, 0.99), unit: "ms" },
      { name: "deciding a git command, p50", value: at(git, 0.5), unit: "ms", note: "git is asked for its settings" },
      { name: "deciding a git command, p99", value: at(git, 0.99), unit: "ms" },
    ];
  } finally {
    repository.remove();
  }
}

async function timesOf(
  commands: readonly string[],
  repeats: number,
  workspace: Parameters<typeof verdictOn>[1],
): Promise<readonly number[]> {
  const all: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const command of commands) {
      const begun = performance.now();
      await verdictOn(command, workspace);
      all.push(performance.now() - begun);
    }
  }
  return all.sort((left, right) => left - right);
}

async function share(): Promise<readonly Figure[]> {
  const { allowed, asked } = everyday();
  const value = allowed.length / (allowed.length + asked.length);
  const note = `${allowed.length} of ${allowed.length + asked.length}; test/shell/everyday.json`;
  return [{ name: "everyday commands that only read and are not asked", value, unit: "ratio", note }];
}

async function argvs(): Promise<readonly Figure[]> {
  const random = randomNumbers(1);
  const parse = await shellParser();
  let known = 0;
  for (let left = rounds; left > 0; left -= 5_000) {
    const texts = Array.from({ length: Math.min(left, 5_000) }, () => textOf(pickWith(random), random));
    const compared = compareWithBash(parse, texts);
    if (compared.different.length > 0) throw new Error(`bash reads otherwise: ${JSON.stringify(compared.different)}`);
    known += compared.known;
  }
  return [
    {
      name: "texts whose words are those that bash makes",
      value: known,
      unit: "count",
      note: `all that were read, of ${rounds}`,
    },
  ];
}

async function mutations(): Promise<readonly Figure[]> {
  const { allowed, found } = await fuzz(rounds, 2);
  if (found.length > 0) throw new Error(`allowed, and did more than read: ${JSON.stringify(found)}`);
  return [
    { name: "changed commands that were allowed and ran", value: allowed, unit: "count", note: `of ${rounds}` },
    { name: "of those, did more than read", value: found.length, unit: "count" },
  ];
}

function everyday(): { readonly allowed: readonly string[]; readonly asked: readonly string[] } {
  return JSON.parse(readFileSync(path.join("test", "shell", "everyday.json"), "utf8"));
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function pickWith(random: () => number): <T>(from: readonly T[]) => T {
  return (from) => {
    const one = from[Math.floor(random() * from.length)];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  };
}
