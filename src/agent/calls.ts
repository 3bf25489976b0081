/**
 * The calls of one step: prepare → decide → ask → execute → seal. Reading calls run together at once; the others run in
 * call order, though their cards may be answered in any order. Each call ends in exactly one result row, whatever happens.
 */

import { describeCall } from "../approvals/card";
import { decide, type Grant } from "../approvals/decide";
import { approvalKey } from "../approvals/key";
import type { ApprovalAnswer } from "../chunks/protocol";
import type { Decision, ToolCall } from "../chunks/rows";
import type { Op } from "../store/types";
import { checkArguments } from "../tools/arguments";
import type { Prepared, Tool } from "../tools/types";
import { sha256 } from "./hash";
import { type Finished, sealResult } from "./results";
import type { Turn } from "./turn-context";

/** Resolves when every call has its durable result. */
export async function runCalls(turn: Turn, step: number, calls: readonly ToolCall[]): Promise<void> {
  turn.activity({ kind: "tools" });
  let lastChange: Promise<unknown> = Promise.resolve();
  const lastOn = new Map<string, Promise<unknown>>();
  const ends = calls.map((call) => {
    const tool = turn.surroundings.tools.find((candidate) => candidate.name === call.name);
    if (tool === undefined || tool.readOnly) return runCall(turn, step, call, tool, {});
    // A second edit of one file is prepared on what the first has left, so that its card shows the truth.
    const object = `${call.name} ${aboutOf(tool, call)}`;
    const end = runCall(turn, step, call, tool, { prepareAfter: lastOn.get(object), runAfter: lastChange });
    lastOn.set(object, end);
    lastChange = end;
    return end;
  });
  const settled = await Promise.allSettled(ends);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
}

type Order = { readonly prepareAfter?: Promise<unknown> | undefined; readonly runAfter?: Promise<unknown> };

async function runCall(turn: Turn, step: number, call: ToolCall, tool: Tool | undefined, order: Order): Promise<void> {
  const startedAt = turn.surroundings.now();
  turn.live({ kind: "tool", tool: { callId: call.callId, state: "pending", startedAt, output: "" } });
  const finished = await finish(turn, call, tool, order).catch((error: unknown): Finished => {
    turn.surroundings.log(
      "error",
      `tool ${call.name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    const message = error instanceof Error ? error.message : String(error);
    return {
      text: `The tool ${call.name} failed inside Dispatch: ${message}\nThis is a fault of the tool, not of your call. Try another way, or tell the person.`,
      outcome: "error",
    };
  });
  await sealResult(turn, step, call, {
    ...finished,
    durationMs: turn.surroundings.now() - (finished.startedAt ?? startedAt),
  });
}

async function finish(turn: Turn, call: ToolCall, tool: Tool | undefined, order: Order): Promise<Finished> {
  const workspace = turn.surroundings.workspace;
  if (tool === undefined) {
    const names = turn.surroundings.tools.map((known) => known.name).join(", ");
    return { text: `There is no tool named ${call.name}. The tools are: ${names}.`, outcome: "error" };
  }
  if (workspace === undefined) {
    return {
      text: "No folder is open in this window, so no tool can be used. Ask the person to open a folder.",
      outcome: "error",
    };
  }
  const checked = checkArguments(tool.schema, call.argumentsText);
  if (!checked.ok) return { text: checked.error, outcome: "error" };
  await order.prepareAfter;
  if (turn.signal.aborted) return notRun();
  const prepared = await tool.prepare(checked.args, workspace);
  if (!prepared.ok) return { text: prepared.error, outcome: "error" };
  const allowed = await allow(turn, call, tool, prepared);
  if (allowed.kind === "refused") return allowed.finished;
  await order.runAfter;
  if (turn.signal.aborted) return { ...notRun(), decision: allowed.decision };
  const startedAt = turn.surroundings.now();
  turn.live({ kind: "tool", tool: { callId: call.callId, state: "running", startedAt, output: "" } });
  const output = await execute(turn, call, prepared);
  return {
    ...output,
    startedAt,
    decision: allowed.decision,
    ...(allowed.also === undefined ? {} : { also: allowed.also }),
  };
}

type Allowed =
  | {
      readonly kind: "allowed";
      readonly decision: Decision /** Not durable yet: goes with the result. */;
      readonly also?: Op;
    }
  | { readonly kind: "refused"; readonly finished: Finished };

/** Every decision is a record. For what changes something it is durable before the call runs. */
async function allow(turn: Turn, call: ToolCall, tool: Tool, prepared: Prepared & { ok: true }): Promise<Allowed> {
  const verdict = decide({ effect: prepared.effect, tool: tool.name, grants: turn.grants() });
  const binding = sha256(approvalKey(tool.name, call.callId, call.argumentsText, prepared.effect));
  const record = (decision: Decision, scope: string): Op => ({
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
  });
  switch (verdict.kind) {
    case "deny": {
      const decision: Decision = { by: "rule", rule: verdict.rule, effect: "deny" };
      const text = `Not allowed by the rule "${verdict.rule}". Do not try to get the same effect another way.`;
      return { kind: "refused", finished: { text, outcome: "denied", decision, also: record(decision, verdict.rule) } };
    }
    case "allow": {
      const decision: Decision = { by: "rule", rule: verdict.rule, effect: "allow" };
      const also = record(decision, verdict.rule);
      if (tool.readOnly) return { kind: "allowed", decision, also };
      await turn.append([], [also]);
      return { kind: "allowed", decision };
    }
    case "ask": {
      const text = describeCall({ effect: prepared.effect, subject: prepared.subject, verdict });
      const card = { ...text, id: binding, tab: turn.tabId, callId: call.callId, tool: tool.name };
      const answer = await turn.ask({ card, prepared });
      return settle(turn, answer, verdict.grant, record);
    }
  }
}

async function settle(
  turn: Turn,
  answer: ApprovalAnswer | { readonly kind: "stopped" },
  grant: Grant | undefined,
  record: (decision: Decision, scope: string) => Op,
): Promise<Allowed> {
  switch (answer.kind) {
    case "stopped":
      return { kind: "refused", finished: notRun() };
    case "deny": {
      const reason = answer.reason?.trim();
      const decision: Decision = { by: "person", effect: "deny", ...(reason ? { reason } : {}) };
      const text = reason
        ? `The person denied this call and said: ${reason}\nIt was not run. Take this into account; do not try to get the same effect another way.`
        : "The person denied this call. It was not run. Do not try to get the same effect another way; ask what they would like instead, or go on without it.";
      return { kind: "refused", finished: { text, outcome: "denied", decision, also: record(decision, "once") } };
    }
    case "allow_once":
    case "allow_tab": {
      const forTab = answer.kind === "allow_tab" && grant !== undefined;
      const decision: Decision = { by: "person", effect: forTab ? "allow_tab" : "allow_once" };
      await turn.append([], [record(decision, forTab ? `this tab: ${grant.words}` : "once")]);
      if (forTab) turn.addGrant(grant);
      return { kind: "allowed", decision };
    }
  }
}

/** A tool that does not notice the stop is left behind after this many ms; its late outcome is dropped. */
const STOP_GRACE_MS = 4_000;

async function execute(turn: Turn, call: ToolCall, prepared: Prepared & { ok: true }): Promise<Finished> {
  const work = prepared.run({
    signal: turn.signal,
    onOutput: (text) => turn.live({ kind: "output", callId: call.callId, text }),
  });
  const output = await orLeftBehind(work, turn.signal);
  const wasStopped = turn.signal.aborted;
  if (output === "left-behind")
    return { text: "Stopped by the person while it ran. Its effects are unknown.", outcome: "cancelled" };
  return {
    text: wasStopped ? `${output.text}\n[stopped by the person]` : output.text,
    outcome: wasStopped && output.isError ? "cancelled" : output.isError ? "error" : "done",
    summary: output.summary,
    ...(output.isError || prepared.texts === undefined || prepared.subject.kind !== "edit"
      ? {}
      : { edit: { path: prepared.subject.path, ...prepared.texts } }),
  };
}

async function orLeftBehind<T>(work: Promise<T>, signal: AbortSignal): Promise<T | "left-behind"> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const late = new Promise<"left-behind">((resolve) => {
    onAbort = () => {
      timer = setTimeout(() => resolve("left-behind"), STOP_GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}

function notRun(): Finished {
  return { text: "Not run: the person stopped the turn before this call began.", outcome: "cancelled" };
}

function aboutOf(tool: Tool, call: ToolCall): string {
  const checked = checkArguments(tool.schema, call.argumentsText);
  return checked.ok ? tool.about(checked.args) : call.callId;
}
