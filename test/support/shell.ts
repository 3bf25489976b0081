/** Commands as the agent decides them: the real parser, table, folder and rules. */

import { createRequire } from "node:module";
import path from "node:path";
import { commandFacts } from "../../src/agent/command-facts";
import { decide, type Verdict } from "../../src/approvals/decide";
import type { CommandFacts } from "../../src/approvals/shell/facts";
import { loadShellParser, type ShellParser } from "../../src/approvals/shell/parser";
import { readGrammar } from "../../src/tools/shell-grammar";
import type { Workspace } from "../../src/tools/types";

let parser: Promise<ShellParser> | undefined;

/** The parser from the package's own files; loaded once in a process. */
export function shellParser(): Promise<ShellParser> {
  parser ??= readGrammar(grammarFolder())().then(loadShellParser);
  return parser;
}

/** Where the package keeps the files that the build copies. */
export function grammarFolder(): string {
  return path.dirname(createRequire(path.resolve("package.json")).resolve("@vscode/tree-sitter-wasm"));
}

/** @param cwd real and absolute; the workspace folder if absent. */
export async function factsOf(command: string, workspace: Workspace, cwd = workspace.root): Promise<CommandFacts> {
  const effect = { kind: "run", command, cwd, inside: true } as const;
  return commandFacts(effect, workspace, await shellParser(), new AbortController().signal);
}

/** What is decided where nobody has written a rule. */
export async function verdictOn(command: string, workspace: Workspace, cwd = workspace.root): Promise<Verdict> {
  return decide({
    effect: { kind: "run", command, cwd, inside: true },
    tool: "run_shell",
    grants: [],
    policy: { rules: [], mode: "ask", root: workspace.root },
    command: await factsOf(command, workspace, cwd),
  });
}
