/** May a prepared call run: by a rule, or by a person who saw exactly what it would do. Every decision is a record. */
import type { AlwaysOffer } from "../approvals/always";
import { describeCall } from "../approvals/card";
import { decide, type Verdict } from "../approvals/decide";
import type { Grant } from "../approvals/grants";
import { approvalKey } from "../approvals/key";
import { type Policy, ruleWords } from "../approvals/policy";
import type { CommandFacts } from "../approvals/shell/facts";
import type { Effect } from "../chunks/effect";
import type { ApprovalAnswer } from "../chunks/protocol";
import { assertNever, type Decision, type Draft, type ToolCall } from "../chunks/rows";
import type { Op } from "../store/types";
import type { Prepared, Tool } from "../tools/types";
import { boundGrant, holding, type ReadyOffer, readyOffers, saveOp } from "./always";
import { commandFacts } from "./command-facts";
import { messageOf } from "./error-text";
import { sha256 } from "./hash";
import { type Finished, notRun } from "./results";
import type { Turn } from "./turn-context";

export type PreparedCall = {
  readonly turn: Turn;
  readonly call: ToolCall;
  readonly tool: Tool;
  readonly prepared: Prepared & { readonly ok: true };
  /** Step of the call, and its place among the calls of that step. */
  readonly step: number;
  readonly order: number;
};

type Asking = Extract<Verdict, { kind: "ask" }>;

export type Approved =
  | {
      readonly kind: "allowed";
      readonly decision: Decision;
      /** The record, when it may become durable together with the result: a call that only reads. */
      readonly also?: Op;
    }
  | { readonly kind: "refused"; readonly finished: Finished };

/** Decides, and asks where no rule decides. The record of what changes something is durable before this resolves. */
export async function approve(of: PreparedCall): Promise<Approved> {
  const { turn, call, tool, prepared, step, order } = of;
  const command = await factsOf(turn, prepared.effect);
  const verdict = decide({
    effect: prepared.effect,
    tool: tool.name,
    grants: await grantsFor(of),
    policy: await policyFor(of),
    ...(command === undefined ? {} : { command }),
  });
  switch (verdict.kind) {
    case "deny": {
      const decision: Decision = { by: "rule", rule: verdict.rule, effect: "deny", from: verdict.from };
      const text = forbidden(verdict);
      return refused(text, decision, recordOf(of, decision, verdict.rule));
    }
    case "allow": {
      const decision: Decision = { by: "rule", rule: verdict.rule, effect: "allow", from: verdict.from };
      const record = recordOf(of, decision, verdict.rule);
      if (tool.readOnly) return { kind: "allowed", decision, also: record };
      await turn.append([], [record]);
      return { kind: "allowed", decision };
    }
    case "ask": {
      const shown = approvalKey(tool.name, call.callId, call.argumentsText, prepared.effect);
      // Servers give several calls one id. With its place each question has one of its own, so one answer is one call's.
      const id = sha256(JSON.stringify([turn.turnId, step, order, shown]));
      const words = describeCall({ effect: prepared.effect, subject: prepared.subject, verdict });
      const { grant, askedBy } = verdict;
      const forTab = grant && (await boundGrant(grant, turn.surroundings.workspace));
      const always = await offersFor(of, verdict.always ?? []);
      const choices = always.length === 0 ? {} : { always: always.map(({ offer }) => offer.choice) };
      const card = { ...words, ...choices, id, tab: turn.tabId, callId: call.callId, tool: tool.name };
      const answer = await turn.ask({ card, prepared, turnId: turn.turnId, order });
      return settle(of, answer, { grant: forTab, askedBy }, always);
    }
    default:
      return assertNever(verdict);
  }
}

/** Of a command, what is known of it. */
async function factsOf({ surroundings, signal }: Turn, effect: Effect): Promise<CommandFacts | undefined> {
  const { workspace, shellParser } = surroundings;
  if (effect.kind !== "run" || workspace === undefined) return undefined;
  return commandFacts(effect, workspace, await shellParser(), signal);
}

async function settle(
  of: PreparedCall,
  answer: ApprovalAnswer | { readonly kind: "stopped" },
  { grant, askedBy }: { readonly grant?: Grant | undefined; readonly askedBy?: Asking["askedBy"] },
  always: readonly ReadyOffer[],
): Promise<Approved> {
  const asked = askedBy === undefined ? {} : { askedBy };
  switch (answer.kind) {
    case "stopped":
      return { kind: "refused", finished: notRun() };
    case "deny": {
      const reason = answer.reason?.trim() ?? "";
      const decision: Decision = { by: "person", effect: "deny", ...(reason === "" ? {} : { reason }), ...asked };
      return refused(denial(reason), decision, recordOf(of, decision, "once"));
    }
    case "allow_once":
    case "allow_tab": {
      const given = answer.kind === "allow_tab" ? grant : undefined;
      const decision: Decision = { by: "person", effect: given === undefined ? "allow_once" : "allow_tab", ...asked };
      const scope = given === undefined ? "once" : `this tab: ${given.words}`;
      await of.turn.append([], [recordOf(of, decision, scope)]);
      if (given !== undefined) of.turn.addGrant(given);
      return { kind: "allowed", decision };
    }
    case "allow_always": {
      const chosen = always.find(({ offer }) => offer.choice.id === answer.choice);
      return chosen === undefined ? settle(of, { kind: "allow_once" }, {}, always) : saveAndAllow(of, chosen);
    }
    default:
      return assertNever(answer);
  }
}

/** The call is allowed in any case; when the rule can't be saved, the person is told and the next call is asked again. */
async function saveAndAllow(of: PreparedCall, chosen: ReadyOffer): Promise<Approved> {
  const { turn, step } = of;
  const rule = ruleWords(chosen.offer.terms);
  const { surroundings } = turn;
  const decision: Decision = { by: "person", effect: "allow_always", rule };
  if (chosen.offer.place === "folder") {
    await turn.append(
      [],
      [recordOf(of, decision, `always, in this folder: ${rule}`), saveOp(chosen, surroundings.now())],
    );
    return { kind: "allowed", decision };
  }
  const { action, tool, path, command, host } = chosen.offer.terms;
  try {
    const parts = Object.entries({ action, tool, path, command, host }).filter(([, text]) => text !== undefined);
    await surroundings.savePermission?.({ action, ...Object.fromEntries(parts) });
    await turn.append([], [recordOf(of, decision, `always, in the user settings: ${rule}`)]);
    return { kind: "allowed", decision };
  } catch (error) {
    const once: Decision = { by: "person", effect: "allow_once" };
    const text = `The rule "${rule}" was not saved in your settings, so this was allowed once: ${messageOf(error)}`;
    const notice: Draft = { role: "system", type: "system", step, data: { kind: "notice", text } };
    await turn.append([notice], [recordOf(of, once, "once")]);
    return { kind: "allowed", decision: once };
  }
}

async function policyFor({ turn, prepared }: PreparedCall): Promise<Policy> {
  const policy = await turn.policy();
  if (prepared.effect.kind !== "run") return policy;
  return { ...policy, rules: await holding(policy.rules, turn.surroundings.workspace) };
}

/** Those of the tab that could allow this call, without those whose files have changed. */
async function grantsFor({ turn, prepared: { effect } }: PreparedCall): Promise<readonly Grant[]> {
  if (effect.kind !== "run") return turn.grants();
  const own = turn
    .grants()
    .flatMap((grant) => (grant.kind === "command" && grant.command === effect.command ? [grant] : []));
  return holding(own, turn.surroundings.workspace);
}

function offersFor({ turn, prepared }: PreparedCall, offers: readonly AlwaysOffer[]): Promise<readonly ReadyOffer[]> {
  const { workspace, savePermission } = turn.surroundings;
  const cwd = prepared.effect.kind === "run" ? prepared.effect.cwd : "";
  return readyOffers(offers, { cwd, workspace, canSaveForUser: savePermission !== undefined });
}

function forbidden({ rule, from, reason }: Extract<Verdict, { kind: "deny" }>): string {
  const why = reason === undefined ? "" : ` The reason: ${reason}`;
  if (from === "mode") {
    return `Not run: this chat is in the mode ${rule}, in which nothing may be changed. Reading and searching work. Don't try to get the same effect another way: make the plan, show it, and ask the person to change the mode of the chat (the button Mode below the message box) when it is to be carried out.`;
  }
  return `Not allowed by the rule "${rule}".${why}\nIt was not run. Do not try to get the same effect another way; go on without it, or say what you need.`;
}

function denial(reason: string): string {
  if (reason === "") {
    return "The person denied this call. It was not run. Do not try to get the same effect another way; ask what they would like instead, or go on without it.";
  }
  return `The person denied this call and said: ${reason}\nIt was not run. Take this into account; do not try to get the same effect another way.`;
}

function refused(text: string, decision: Decision, also: Op): Approved {
  return { kind: "refused", finished: { text, outcome: "denied", decision, also } };
}

function recordOf({ turn, call, tool }: PreparedCall, decision: Decision, scope: string): Op {
  return {
    op: "approval",
    approval: {
      id: turn.surroundings.newId(),
      tabId: turn.tabId,
      turnId: turn.turnId,
      callId: call.callId,
      tool: tool.name,
      argumentsSha256: sha256(call.argumentsText),
      decision,
      scope,
      createdAt: turn.surroundings.now(),
    },
  };
}
