/**
 * The calls of one step: prepare → decide → ask → execute → seal. Reading calls run together at once; the others run in
 * call order, though their cards may be answered in any order. Each call ends in exactly one result row, whatever happens.
 */

import { mayRead, withheldFrom } from "../approvals/may-read";
import { effectIn } from "../approvals/mode";
import type { ToolCall } from "../chunks/rows";
import { checkArguments } from "../tools/arguments";
import { diagnostics } from "../tools/diagnostics";
import type { Prepared, Tool } from "../tools/types";
import { approve } from "./approve";
import { isClosing } from "./closing";
import { wholeOutput } from "./earlier-results";
import { messageOf, stackOf } from "./error-text";
import { type Finished, notRun, sealResult } from "./results";
import { searchService } from "./search";
import type { Turn } from "./turn-context";

/** Resolves when every call has its durable result. When Dispatch is being closed, calls that have not begun get none. */
export async function runCalls(turn: Turn, step: number, calls: readonly ToolCall[]): Promise<void> {
  turn.activity({ kind: "tools" });
  let lastChange: Promise<unknown> = Promise.resolve();
  const lastOn = new Map<string, Promise<unknown>>();
  const ends = calls.map((call, place) => {
    const tool = turn.surroundings.tools.find((candidate) => candidate.name === call.name);
    if (tool === undefined || tool.readOnly) return runCall(turn, step, call, tool, { place });
    // A second edit of one file is prepared on what the first has left, so that its card shows the truth.
    const object = aboutOf(tool, call);
    const end = runCall(turn, step, call, tool, { place, prepareAfter: lastOn.get(object), runAfter: lastChange });
    lastOn.set(object, end);
    lastChange = end;
    return end;
  });
  const settled = await Promise.allSettled(ends);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
}

type Order = {
  readonly place: number;
  readonly prepareAfter?: Promise<unknown> | undefined;
  readonly runAfter?: Promise<unknown>;
};

async function runCall(turn: Turn, step: number, call: ToolCall, tool: Tool | undefined, order: Order): Promise<void> {
  const startedAt = turn.surroundings.now();
  turn.live({ kind: "tool", tool: { callId: call.callId, state: "pending", startedAt, output: "" } });
  const finished = await finish(turn, step, call, tool, order).catch((error: unknown): Finished => {
    turn.surroundings.log("error", `tool ${call.name} failed: ${stackOf(error)}`);
    const message = messageOf(error);
    return {
      text: `The tool ${call.name} failed inside Dispatch: ${message}\nThis is a fault of the tool, not of your call. Try another way, or tell the person.`,
      outcome: "error",
    };
  });
  const hasBegun = finished.startedAt !== undefined;
  if (finished.outcome === "cancelled" && !hasBegun && isClosing(turn.signal)) return; // left open, to be asked anew
  await sealResult(turn, step, call, {
    ...finished,
    durationMs: turn.surroundings.now() - (finished.startedAt ?? startedAt),
  });
}

async function finish(
  turn: Turn,
  step: number,
  call: ToolCall,
  tool: Tool | undefined,
  order: Order,
): Promise<Finished> {
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
  const preparing = tool.prepare(checked.args, workspace, { search: searchService(turn, step) });
  const plan = await orLeftBehind(preparing, turn.signal);
  if (plan === "left-behind") return notRun();
  if (!plan.ok) {
    const policy = await turn.policy();
    const mayTell = (plan.tells ?? []).every((path) => mayRead(policy, call.name, path));
    return { text: mayTell ? plan.error : WITHHELD, outcome: "error" };
  }
  const prepared = { ...plan, effect: effectIn((await turn.policy()).mode, plan.effect) };
  const deciding = approve({ turn, call, tool, prepared, step, order: order.place });
  const allowed = await orLeftBehind(deciding, turn.signal);
  if (allowed === "left-behind") return notRun();
  if (allowed.kind === "refused") return allowed.finished;
  await order.runAfter;
  if (turn.signal.aborted) return { ...notRun(), decision: allowed.decision };
  const startedAt = turn.surroundings.now();
  const movable = prepared.movable === true ? { movable: true } : {};
  turn.live({ kind: "tool", tool: { callId: call.callId, state: "running", startedAt, output: "", ...movable } });
  const output = await execute(turn, call, prepared);
  return {
    ...output,
    ...(output.unanswered === true ? {} : { startedAt }),
    decision: allowed.decision,
    ...(allowed.also === undefined ? {} : { also: allowed.also }),
  };
}

const WITHHELD =
  "Nothing was changed: the call does not fit the file as it is. A rule of the person's withholds what is in it, so more is not told. Read it with read_file first, where they allow that.";

/** A tool that does not notice the stop is left behind after this many ms; its late outcome is dropped. */
const STOP_GRACE_MS = 4_000;

async function execute(turn: Turn, call: ToolCall, prepared: Prepared & { ok: true }): Promise<Finished> {
  const policy = await turn.policy();
  const sandboxed = prepared.effect.kind === "run" && prepared.effect.sandbox === "in";
  const withheld = sandboxed ? withheldFrom(policy, call.name) : undefined;
  const work = prepared.run({
    signal: turn.signal,
    onOutput: (text) => turn.live({ kind: "output", callId: call.callId, text }),
    callId: call.callId,
    jobs: turn.jobs,
    commandSeconds: turn.settings().commandTimeoutSeconds,
    sandboxed,
    ...(withheld === undefined ? {} : { withheld }),
    offers: turn.wire.offers,
    wholeOutput: (id) => wholeOutput(turn.surroundings.store, turn.tabId, id),
    noImage: turn.wire.noImage,
    // An edit tells of problems in other files: as the tool may that lists them.
    mayRead: (path) => mayRead(policy, prepared.effect.kind === "write" ? diagnostics.name : call.name, path),
    ask: (ask) => turn.askPerson({ ...ask, id: turn.surroundings.newId(), callId: call.callId }),
  });
  const output = await orLeftBehind(work, turn.signal);
  if (output === "left-behind")
    return { text: `Stopped ${stoppedBy(turn)} while it ran. Its effects are unknown.`, outcome: "cancelled" };
  const wasStopped = turn.signal.aborted && output.goesOn !== true;
  return {
    text: wasStopped ? `${output.text}\n[stopped ${stoppedBy(turn)}]` : output.text,
    outcome: wasStopped && output.isError ? "cancelled" : output.isError ? "error" : "done",
    summary: output.summary,
    ...(output.unanswered === true ? { unanswered: true } : {}),
    ...(output.image === undefined ? {} : { image: output.image }),
    ...(output.limits === undefined ? {} : { limits: output.limits }),
    ...(output.edit === undefined || prepared.texts === undefined || prepared.subject.kind !== "edit"
      ? {}
      : { edit: { path: prepared.subject.path, ...prepared.texts, ...output.edit } }),
  };
}

function stoppedBy(turn: Turn): string {
  return isClosing(turn.signal) ? "because Dispatch was closed" : "by the person";
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

/** A tool that throws here throws again when it is prepared, where that becomes the result of its call. */
function aboutOf(tool: Tool, call: ToolCall): string {
  try {
    const checked = checkArguments(tool.schema, call.argumentsText);
    return checked.ok ? tool.about(checked.args) : call.callId;
  } catch {
    return call.callId;
  }
}
