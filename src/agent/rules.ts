/** The rules that count for a call now: the person's, the folder's, and those that *Always allow …* has made. */
import { isAbsolutePath } from "../approvals/match-path";
import { type Rule, type RuleSource, ruleWords } from "../approvals/policy";
import type { Permission, PermissionsState } from "../models/settings-permissions";
import { alwaysRules } from "./always";
import { messageOf } from "./error-text";
import type { Surroundings } from "./types";

/** The setting `dispatch.permissions`, as the person has it and as the folder has it. */
export type PermissionSettings = {
  readonly user: PermissionsState;
  readonly workspace: PermissionsState;
};

/** Reads them anew, so that a change counts from the next call on. When those of the log can't be read, none of them counts. */
export async function rulesOf({
  permissions,
  store,
  workspace,
  log,
}: Pick<Surroundings, "permissions" | "store" | "workspace" | "log">): Promise<readonly Rule[]> {
  const always = await alwaysRules(store).catch((error: unknown) => {
    log("warn", `what is always allowed could not be read: ${messageOf(error)}`);
    return [];
  });
  const settings = permissions?.();
  if (settings === undefined) return always;
  const written = [
    ...rulesFrom(settings.user.rules, "user"),
    ...tightening(rulesFrom(settings.workspace.rules, "workspace")),
  ];
  return [...always, ...(await Promise.all(written.map((rule) => followed(rule, workspace))))];
}

/** A person may write a path with links in it (the folder itself may be opened through one); calls are compared on real ones. */
async function followed(rule: Rule, workspace: Surroundings["workspace"]): Promise<Rule> {
  const { action, path } = rule;
  if (action === "allow" || path === undefined || workspace === undefined || !isAbsolutePath(path)) return rule;
  const names = path.split(/(?=[/\\])/);
  const wild = names.findIndex((name) => /[*?]/.test(name));
  const literal = names.slice(0, wild < 0 ? names.length : wild).join("");
  if (literal === "") return rule;
  const resolved = await workspace.resolve(literal);
  if ("error" in resolved || resolved.path === literal) return rule;
  return { ...rule, realPath: `${resolved.path}${path.slice(literal.length)}` };
}

/** What the person should know of the rules, in whole sentences. */
export function ruleProblems({ permissions }: Pick<Surroundings, "permissions">): readonly RuleProblem[] {
  const settings = permissions?.();
  if (settings === undefined) return [];
  const ignored = settings.workspace.rules.filter(({ action }) => action === "allow").length;
  return [
    ...problemOf("permissions", "Your permissions", settings.user.problem),
    ...problemOf("permissions-folder", "This folder's permissions", settings.workspace.problem),
    ...(ignored === 0 ? [] : [{ id: "permissions-ignored", message: ignoredWords(ignored) }]),
  ];
}

export type RuleProblem = { readonly id: string; readonly message: string };

function problemOf(id: string, whose: string, problem: string | undefined): readonly RuleProblem[] {
  if (problem === undefined) return [];
  const counts = "What was allowed before still is, nothing new is; what they deny or ask counts.";
  return [{ id, message: `${whose} are not as they should be. ${counts} ${problem}` }];
}

function ignoredWords(count: number): string {
  const rules = count === 1 ? "a rule that allows something; it is" : `${count} rules that allow something; they are`;
  return `The settings of this folder have ${rules} ignored: a folder may only forbid and ask. What you want to allow, write in your own settings.`;
}

function tightening(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(({ action }) => action !== "allow");
}

function rulesFrom(permissions: readonly Permission[], source: RuleSource): readonly Rule[] {
  return permissions.map((permission) => ({ ...permission, source, id: ruleId(source, ruleWords(permission)) }));
}

/** By what it says: the same rule has the same id after any change round it. */
export function ruleId(source: RuleSource, words: string): string {
  return `${source}: ${words}`;
}
