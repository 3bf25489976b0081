/** Which rule of a policy concerns a call. Rules that tighten match as widely as they can be read, those that allow as narrowly. */
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import { isOpenPattern, matchesWords, meansCommand, standsIn } from "./match-command";
import { isAbsolutePath, matchesGlob } from "./match-path";
import { runsUnseen } from "./mode";
import type { Policy, Rule } from "./policy";
import type { CommandFacts, CommandPath, SimpleCommand } from "./shell/facts";

export type Asked = {
  readonly effect: Effect;
  readonly tool: string;
  readonly policy: Policy;
  /** Of a command; without it nothing is known. */
  readonly command?: CommandFacts;
};

/** The first rule that denies or asks this call. */
export function tighteningRule(asked: Asked, action: "ask" | "deny"): Rule | undefined {
  return asked.policy.rules.find((rule) => rule.action === action && concerns(rule, asked));
}

/**
 * The rule that allows this call; of several commands the first one's, when each has a rule or needs none. A rule of
 * the workspace allows nothing.
 * @param isFree whether a command needs no rule, because it only reads.
 */
export function allowingRule(asked: Asked, isFree: (command: SimpleCommand) => boolean): Rule | undefined {
  const rules = asked.policy.rules.filter(
    ({ action, source, tool }) =>
      action === "allow" && source !== "workspace" && (tool === undefined || tool === asked.tool),
  );
  const { effect, policy } = asked;
  switch (effect.kind) {
    case "run":
      return allowingCommand(rules, effect, asked, isFree);
    case "read":
    case "write":
      return rules.find(
        ({ command, path, host }) =>
          command === undefined &&
          host === undefined &&
          (path === undefined ? effect.inside : allowsPath(path, effect, policy.root)),
      );
    case "net":
      return rules.find(({ tool, command, path, host }) => {
        if (command !== undefined || path !== undefined || effect.private) return false;
        return host === undefined ? tool !== undefined : matchesHost(host, effect.host);
      });
    case "job":
    case "none":
      return undefined;
    default:
      return assertNever(effect);
  }
}

/** A glob allows to look through a folder only if it is for whatever may be below it. */
function allowsPath(glob: string, effect: Extract<Effect, { kind: "read" | "write" }>, root: string): boolean {
  const paths = effect.kind === "read" && effect.deep === true ? [effect.path, `${effect.path}/-/-`] : [effect.path];
  return paths.every((path) => matchesGlob(glob, path, { root, ignoreCase: false }));
}

/** A rule allows commands by what it says of them, never by the name of the tool alone. */
function allowingCommand(
  rules: readonly Rule[],
  effect: Extract<Effect, { kind: "run" }>,
  { command: facts, policy: { root } }: Asked,
  isFree: (command: SimpleCommand) => boolean,
): Rule | undefined {
  if (!effect.inside) return undefined;
  const mustBeBound = runsUnseen(effect);
  const here = rules.filter(
    ({ path, host, bound }) =>
      host === undefined &&
      (bound !== undefined || !mustBeBound) &&
      (path === undefined || matchesGlob(path, effect.cwd, { root, ignoreCase: false })),
  );
  const exact = here.find(({ command }) => command === effect.command);
  if (exact !== undefined) return exact;
  if (facts?.kind !== "known" || facts.commands.length === 0) return undefined;
  const areOrdinary = facts.paths.every(({ inside, guarded }) => inside && guarded === undefined);
  const moves = facts.commands.some(({ argv }) => MOVERS.has(argv[0] ?? ""));
  if (moves && !areOrdinary) return undefined;
  const each = facts.commands.map((one) => {
    const rule = here.find(
      ({ command, path, bound, exact: isText }) =>
        command !== undefined &&
        isText !== true &&
        !(moves && (path !== undefined || bound !== undefined)) &&
        (areOrdinary || !isOpenPattern(command)) &&
        matchesWords(command, one.argv),
    );
    return rule ?? (areOrdinary && isFree(one) ? "reads" : undefined);
  });
  if (each.includes(undefined)) return undefined;
  return each.find((one): one is Rule => one !== undefined && one !== "reads");
}

/** Also a program that is called by its path, for rules that tighten. */
function matchesProgram(pattern: string, [program = "", ...rest]: readonly string[]): boolean {
  const name = program.split("/").at(-1) ?? "";
  return matchesWords(pattern, [program, ...rest]) || matchesWords(pattern, [name, ...rest]);
}

/** `example.com` is that host alone, `*.example.com` any host below it. */
function matchesHost(pattern: string, host: string): boolean {
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** After these a command of the same line may run in another folder than the one that a rule is for. */
const MOVERS: ReadonlySet<string> = new Set(["cd", "pushd", "popd"]);

function concerns(rule: Rule, asked: Asked): boolean {
  if (rule.tool !== undefined && rule.tool !== asked.tool) return false;
  if (rule.command !== undefined && !concernsCommand(rule.command, asked)) return false;
  if (rule.host !== undefined && !concernsHost(rule.host, asked)) return false;
  const { path, realPath } = rule;
  return path === undefined || concernsPath(path, asked) || (realPath !== undefined && concernsPath(realPath, asked));
}

function concernsCommand(pattern: string, { effect, command }: Asked): boolean {
  if (effect.kind !== "run") return false;
  if (effect.command === pattern) return true;
  if (command?.kind === "known") {
    return command.commands.some(
      ({ argv, reads }) => matchesProgram(pattern, argv) || (!reads && meansCommand(pattern, argv)),
    );
  }
  return standsIn(pattern, effect.command);
}

function concernsHost(pattern: string, { effect }: Asked): boolean {
  if (effect.kind !== "net") return false;
  const { host } = effect;
  return matchesHost(pattern, host) || matchesHost(pattern, host.replace(/:\d+$/, "")); // at whatever port
}

function concernsPath(glob: string, { effect, policy, command }: Asked): boolean {
  const paths = pathsOf(effect, command);
  return paths.some((path) => matchesGlob(glob, path, { root: policy.root, ignoreCase: true }));
}

function pathsIn({ path, given }: CommandPath, cwd: string): readonly string[] {
  return [path, isAbsolutePath(given) ? given : `${cwd}/${given}`];
}

function pathsOf(effect: Effect, command: CommandFacts | undefined): readonly string[] {
  switch (effect.kind) {
    case "run":
      return [
        effect.cwd,
        ...(command?.kind === "known" ? command.paths.flatMap((one) => pathsIn(one, effect.cwd)) : []),
      ];
    case "read":
    case "write":
      return effect.given === undefined ? [effect.path] : [effect.path, effect.given];
    case "job":
    case "net":
    case "none":
      return [];
    default:
      return assertNever(effect);
  }
}
