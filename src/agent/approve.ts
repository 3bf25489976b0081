/** May a prepared call run: by a rule, or by a person who saw exactly what it would do. Every decision is a record. */
import { describeCall } from "../approvals/card";
import { decide, type Grant, type Verdict } from "../approvals/decide";
import { approvalKey } from "../approvals/key";
import type { CommandFacts } from "../approvals/shell/facts";
import type { Effect } from "../chunks/effect";
import type { ApprovalAnswer } from "../chunks/protocol";
import { assertNever, type Decision, type ToolCall } from "../chunks/rows";
import type { Op } from "../store/types";
import type { Prepared, Tool } from "../tools/types";
import { commandFacts } from "./command-facts";
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
    grants: turn.grants(),
    policy: turn.policy(),
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
      const card = { ...words, id, tab: turn.tabId, callId: call.callId, tool: tool.name };
      return settle(of, await turn.ask({ card, prepared, turnId: turn.turnId, order }), verdict.grant);
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
  grant: Grant | undefined,
): Promise<Approved> {
  switch (answer.kind) {
    case "stopped":
      return { kind: "refused", finished: notRun() };
    case "deny": {
      const reason = answer.reason?.trim() ?? "";
      const decision: Decision = { by: "person", effect: "deny", ...(reason === "" ? {} : { reason }) };
      return refused(denial(reason), decision, recordOf(of, decision, "once"));
    }
    case "allow_once":
    case "allow_tab": {
      const given = answer.kind === "allow_tab" ? grant : undefined;
      const decision: Decision = { by: "person", effect: given === undefined ? "allow_once" : "allow_tab" };
      const scope = given === undefined ? "once" : `this tab: ${given.words}`;
      await of.turn.append([], [recordOf(of, decision, scope)]);
      if (given !== undefined) of.turn.addGrant(given);
      return { kind: "allowed", decision };
    }
    default:
      return assertNever(answer);
  }
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
