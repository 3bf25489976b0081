/** Whether a command that only reads may do so without a question: not what a rule withholds from other tools, nor what never ends. */
import { mayRead, withholdsFiles } from "./may-read";
import type { Policy } from "./policy";
import type { CommandFacts, SimpleCommand } from "./shell/facts";

/**
 * @param facts of the whole line: its paths are those of all its commands.
 * @param tool that runs the command.
 */
export function readsFreely(command: SimpleCommand, facts: CommandFacts, policy: Policy, tool: string): boolean {
  if (!command.reads || facts.kind !== "known") return false;
  if (facts.paths.some(({ special }) => special === true)) return false;
  if (!facts.paths.every(({ inside, path }) => inside && mayRead(policy, tool, path))) return false;
  return command.deep !== true || !policy.rules.some((rule) => withholdsFiles(rule, tool));
}
