/**
 * May a call run, and who says so. The first of these that concerns it decides: a rule that denies, the mode Plan, a rule
 * that asks, a guarded file, a rule that allows, what was allowed in this tab, the mode, what Dispatch itself allows. What
 * nobody allows is asked. Pure: no I/O, paths come in real and absolute.
 */
import type { Effect } from "../chunks/effect";
import { modeNames } from "../chunks/modes";
import type { RuleOrigin } from "../chunks/rows";
import { type AlwaysOffer, alwaysOffers } from "./always";
import { covers, type Grant, offer } from "./grants";
import { allowingRule, tighteningRule } from "./match-rule";
import { allowedByMode, deniedByMode, runsUnseen } from "./mode";
import { type Policy, ruleWords } from "./policy";
import { readsFreely } from "./reading";
import { riskOf } from "./risk";
import type { CommandFacts, SimpleCommand } from "./shell/facts";

export type { Grant };

export type Verdict =
  | { readonly kind: "allow"; readonly rule: string; readonly from: RuleOrigin }
  | {
      readonly kind: "ask";
      /** One plain line for the card. */
      readonly risk: string;
      /** What *Allow in this tab* would allow, in words, and what it then stores. Both or neither. */
      readonly tabScope?: string;
      readonly grant?: Grant;
      /** The rule that asks. */
      readonly askedBy?: { readonly rule: string; readonly from: RuleOrigin };
      /** What *Always allow …* would save. Never for what is asked each time. */
      readonly always?: readonly AlwaysOffer[];
    }
  | { readonly kind: "deny"; readonly rule: string; readonly from: RuleOrigin; readonly reason?: string };

export type Question = {
  readonly effect: Effect;
  readonly tool: string;
  /** The grants of this tab only. */
  readonly grants: readonly Grant[];
  readonly policy: Policy;
  /** Of a command; without it nothing is known. */
  readonly command?: CommandFacts;
};

/** Decides one call. Never throws: what can't be judged is asked. */
export function decide(question: Question): Verdict {
  try {
    return judge(question);
  } catch {
    return { kind: "ask", risk: `Dispatch could not work out what ${question.tool} would do here.` };
  }
}

function judge(question: Question): Verdict {
  const { effect, tool, grants, policy, command } = question;
  const denies = tighteningRule(question, "deny");
  if (denies !== undefined) {
    const reason = denies.reason === undefined ? {} : { reason: denies.reason };
    return { kind: "deny", rule: ruleWords(denies), from: denies.source, ...reason };
  }
  if (deniedByMode(policy.mode, effect, onlyReads(command))) {
    return { kind: "deny", rule: modeNames[policy.mode], from: "mode" };
  }
  const risk = riskOf(effect, command);
  const asks = tighteningRule(question, "ask");
  if (asks !== undefined) {
    const why = asks.reason === undefined ? "" : ` ${asks.reason}`;
    const askedBy = { rule: ruleWords(asks), from: asks.source };
    return { kind: "ask", risk: `${risk} Asked because of the rule "${askedBy.rule}".${why}`, askedBy };
  }
  if (isGuarded(effect)) return { kind: "ask", risk };
  const isFree = (one: SimpleCommand): boolean => command !== undefined && readsFreely(one, command, policy, tool);
  const allows = allowingRule(question, isFree);
  if (allows !== undefined) return { kind: "allow", rule: ruleWords(allows), from: allows.source };
  const offered = runsUnseen(effect) ? undefined : offer(effect, tool);
  const given = offered && grants.find((grant) => covers(grant, effect, tool));
  if (given) return { kind: "allow", rule: `allowed in this tab: ${given.words}`, from: "tab" };
  if (allowedByMode(policy.mode, effect)) return { kind: "allow", rule: modeNames[policy.mode], from: "mode" };
  const builtIn = builtInRule(effect, command, isFree);
  if (builtIn !== undefined) return { kind: "allow", rule: builtIn, from: "built-in" };
  const always = alwaysOffers({ effect, tool, root: policy.root, ...(command === undefined ? {} : { command }) });
  return { kind: "ask", risk, ...offered, ...(always.length === 0 ? {} : { always }) };
}

/** Nothing but a person, each time, allows these. */
function isGuarded(effect: Effect): boolean {
  return (effect.kind === "write" && effect.guarded !== undefined) || (effect.kind === "net" && effect.private);
}

function builtInRule(
  effect: Effect,
  command: CommandFacts | undefined,
  isFree: (command: SimpleCommand) => boolean,
): string | undefined {
  if (effect.kind === "read" && effect.inside) return "read-inside-workspace";
  if (effect.kind === "job") return "own-background-command";
  if (effect.kind === "none") return "no-effect";
  if (effect.kind !== "run" || !effect.inside || command?.kind !== "known" || !onlyReads(command)) return undefined;
  return command.commands.every(isFree) ? "reading-table" : undefined;
}

/** Each of the commands is in the reading table. */
function onlyReads(command: CommandFacts | undefined): boolean {
  return command?.kind === "known" && command.commands.length > 0 && command.commands.every(({ reads }) => reads);
}
