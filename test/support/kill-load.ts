/**
 * Work for chats whose process is killed in the middle: thinking, text, reads, and commands and edits of which each leaves a
 * word of its own in a file when it runs. Which word follows from the conversation alone, so that a call that runs twice shows.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { call, type Reply, reply, thinking } from "../simulator/reply";
import type { Scenario, ScenarioRequest } from "../simulator/scenario";
import { listOf } from "../simulator/types";

/** The chats, by what their first message says: `task a.`, `task b.`, … */
export const chats = ["a", "b", "c"] as const;

const ranFile = "ran.txt";
const editedFile = (chat: string) => `edited-${chat}.txt`;

/** Files that the workspace must have. */
export const files: Readonly<Record<string, string>> = {
  "README.md": "# Sample\n",
  ...Object.fromEntries(chats.map((chat) => [editedFile(chat), "end\n"])),
};

export type KillLoad = {
  readonly scenario: Scenario;
  /** From now on each turn ends with its next answer. */
  readonly finish: () => void;
};

export function killLoad(): KillLoad {
  let isOver = false;
  return {
    scenario: (request) => ({ pace: 3, ...(isOver ? reply("Done for today.") : stepOf(request)) }),
    finish() {
      isOver = true;
    },
  };
}

/** The words that commands and edits have left so far, as often as they are there. */
export function wordsLeft(workspace: string): readonly string[] {
  return [ranFile, ...chats.map(editedFile)]
    .flatMap((file) => readText(path.join(workspace, file)).split("\n"))
    .filter((line) => line !== "" && line !== "end");
}

/** The word that a call leaves when it runs; undefined when it leaves none. */
export function wordOf(argumentsText: string): string | undefined {
  return /\bword-\w+/.exec(argumentsText)?.[0];
}

/** Which chat it is and how many answers it has had say what comes next; a turn has five steps. */
function stepOf({ steps, body }: ScenarioRequest): Reply {
  const chat = /task (\w)\./.exec(JSON.stringify(listOf(body.messages)[0]))?.[1] ?? "?";
  const word = (at: number) => `word-${chat}${steps}x${at}`;
  const run = (at: number) => call("run_shell", { command: `sleep 0.1; echo ${word(at)} >> ${ranFile}; sleep 0.1` });
  const edits = [{ old_text: "end", new_text: `${word(9)}\nend` }];
  const edit = call("edit_file", { path: editedFile(chat), edits });
  switch (steps % 5) {
    case 0:
      return reply(thinking("Where is it? ".repeat(4)), "I look first.", call("read_file", { path: "README.md" }));
    case 1:
      return reply(`Now a command. ${"It takes some words to say why. ".repeat(5)}`, run(1));
    case 2:
      return reply("An edit.", edit, call("list_files", {}));
    case 3:
      return reply(thinking("Two at once."), run(1), edit, run(2));
    default:
      return reply(`That was it. ${"This is what I found. ".repeat(10)}`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // no command has run yet
  }
}
