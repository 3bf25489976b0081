/** What counts for a call beside what it would do: the rules that people wrote, and the mode of the tab. */
import type { Mode } from "../chunks/modes";
import type { Binding } from "./bound-files";

export type { Mode };

export type RuleAction = "allow" | "ask" | "deny";

/**
 * `user`: the person's own settings. `workspace`: the settings of the folder, which can come with a repository and may
 * only tighten. `always`: the person chose *Always allow …*, kept for this folder outside of it.
 */
export type RuleSource = "user" | "workspace" | "always";

/** Every part that is there must match; at least one of them is. */
export type Rule = {
  /** The same for the same rule from the same place, over restarts. */
  readonly id: string;
  readonly action: RuleAction;
  /** The name of a tool. */
  readonly tool?: string;
  /** A glob on real paths; relative to the workspace folder unless it begins with `/` or a drive. */
  readonly path?: string;
  /** Where an absolute `path` leads when its links are followed, and that is elsewhere; of rules that tighten. */
  readonly realPath?: string;
  /** A pattern on the words of a command: see match-command.ts. */
  readonly command?: string;
  /** `command` is exactly this text, and no pattern. */
  readonly exact?: true;
  /** It counts as long as these files are what they were when the person saw what it allows. */
  readonly bound?: readonly Binding[];
  /** Where a request goes: a host, or `*.` and a domain for all hosts below it. */
  readonly host?: string;
  readonly source: RuleSource;
  /** Why, in the words of whoever wrote it. Told to the model when the rule denies. */
  readonly reason?: string;
};

export type Policy = {
  readonly rules: readonly Rule[];
  readonly mode: Mode;
  /** Real path of the workspace folder: what relative globs begin at. */
  readonly root: string;
};

/** What a rule says, whoever says it. */
export type RuleTerms = Pick<Rule, "action" | "tool" | "path" | "command" | "host" | "exact">;

/** The rule in a few words: `deny: run_shell git push *`, `allow: npm test in src`. */
export function ruleWords({ action, tool, path, command, host, exact }: RuleTerms): string {
  const where =
    path === undefined || command === undefined ? path : `in ${path === "." ? "the workspace folder" : path}`;
  const parts = [tool, exact === true ? "exactly" : undefined, command, where, host];
  return `${action}: ${parts.filter((part) => part !== undefined).join(" ")}`;
}
