/** The fuzzer: everyday commands and known attacks, changed; what is still allowed runs where it would be seen. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { CommandResult, Workspace } from "../../src/tools/types";
import { randomNumbers } from "../store/random";
import { verdictOn } from "../support/shell";
import { makeCanary } from "./canary";
import { mutate } from "./mutate";
import { makeRepository } from "./repository";

export type FuzzResult = {
  readonly mutations: number;
  readonly allowed: number;
  /** Commands that were allowed and left a trace. */
  readonly found: readonly string[];
};

/** So many commands run in one bash. */
const BATCH = 250;

export async function fuzz(mutations: number, seed: number): Promise<FuzzResult> {
  const repository = makeRepository();
  try {
    const random = randomNumbers(seed);
    const pick = <T>(from: readonly T[]): T => {
      const one = from[Math.floor(random() * from.length)];
      if (one === undefined) throw new Error("nothing to choose from");
      return one;
    };
    const canary = makeCanary(repository);
    const workspace = withOneAnswer(repository.workspace);
    const { everyday, commands } = knownCommands();
    const waiting: string[] = [];
    const found: string[] = [];
    let allowed = 0;
    for (let count = 0; count < mutations; count += 1) {
      const command = mutate(pick(random() < 0.75 ? everyday : commands), commands, pick, random);
      if ((await verdictOn(command, workspace)).kind !== "allow") continue;
      allowed += 1;
      if (waiting.push(command) < BATCH) continue;
      found.push(...canary.run(waiting.splice(0)));
    }
    found.push(...canary.run(waiting));
    return { mutations, allowed, found };
  } finally {
    repository.remove();
  }
}

/** git is asked once for each folder: nothing changes here, and it would take most of the time. */
function withOneAnswer(workspace: Workspace): Workspace {
  const answers = new Map<string, Promise<CommandResult>>();
  return {
    ...workspace,
    run: (command, options) => {
      const key = `${options.cwd}\0${command}`;
      const answer = answers.get(key) ?? workspace.run(command, options);
      answers.set(key, answer);
      return answer;
    },
  };
}

function knownCommands(): { readonly everyday: readonly string[]; readonly commands: readonly string[] } {
  const lists: Record<string, readonly string[]> = JSON.parse(
    readFileSync(path.join("test", "shell", "everyday.json"), "utf8"),
  );
  const attacks = readdirSync(path.join("test", "attacks"))
    .filter((name) => name.endsWith(".json"))
    .flatMap((name): { args?: { command?: string } }[] =>
      JSON.parse(readFileSync(path.join("test", "attacks", name), "utf8")),
    )
    .flatMap(({ args }) => (args?.command !== undefined && args.command.length < 300 ? [args.command] : []));
  const { allowed = [], asked = [], acts = [] } = lists;
  return { everyday: allowed, commands: [...allowed, ...asked, ...acts, ...attacks] };
}
