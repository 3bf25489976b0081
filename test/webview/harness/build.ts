/** Messages of the host for tests: short builders over the protocol's types. */
import type {
  ApprovalCard,
  Live,
  LiveEvent,
  Offer,
  Setup,
  TabState,
  ToView,
  TurnSummary,
  Window,
} from "../../../src/chunks/protocol";
import type { Chunk, Row } from "../../../src/chunks/rows";

const START = Date.UTC(2026, 0, 15, 9, 30);

export const setup: Setup = {
  ...{ key: { kind: "ready" }, demo: false, folder: "/home/ada/engine" },
  ...{ banners: [], rowsInView: 400 },
};

export const offers: readonly Offer[] = [
  { id: "ollama", label: "Ollama on this machine", detail: "qwen3-coder:30b-a3b-instruct-q4_K_M and 12 more" },
  { id: "vscode", label: "VS Code's language models", detail: "GPT-5 and 9 more" },
];

export function tabState(change: Partial<TabState> = {}): TabState {
  return {
    id: "t1",
    title: "Faster engine start",
    status: "idle",
    activity: { kind: "idle" },
    draft: "",
    queue: [],
    modelLabel: "Claude Sonnet",
    mode: "ask",
    ...change,
  };
}

/** Rows of one tab from chunks; the second number of a step names it, `turn` names the turn. */
export function rowsOf(
  chunks: readonly (Chunk & { readonly step?: number; readonly turn?: string })[],
  from = 1,
): Row[] {
  return chunks.map(({ step = 1, turn = "turn1", ...chunk }, index) => ({
    ...chunk,
    id: `row${from + index}`,
    tabId: "t1",
    seq: from + index,
    turnId: turn,
    step: chunk.role === "user" ? 0 : step,
    createdAt: START + (from + index) * 1000,
  }));
}

export type Spec = Chunk & { readonly step?: number; readonly turn?: string };

export const user = (text: string, turn = "turn1"): Spec => ({ role: "user", type: "text", data: { text }, turn });
export const context = (text: string, turn = "turn1"): Spec => ({
  role: "user",
  type: "text",
  data: { text, origin: "context" },
  turn,
});
export const said = (text: string, step = 1, turn = "turn1"): Spec => ({
  role: "assistant",
  type: "text",
  data: { text },
  step,
  turn,
});
export const thought = (text: string, step = 1, turn = "turn1"): Spec => ({
  role: "assistant",
  type: "thinking",
  data: { text, signature: "s" },
  step,
  turn,
});
export const call = (callId: string, name: string, args: unknown, step = 1, turn = "turn1"): Spec => ({
  role: "assistant",
  type: "tool_call",
  data: { callId, name, argumentsText: JSON.stringify(args) },
  step,
  turn,
});
export const result = (
  callId: string,
  name: string,
  text: string,
  more: Partial<(Chunk & { type: "tool_result" })["data"]> = {},
  step = 1,
  turn = "turn1",
): Spec => ({ role: "tool", type: "tool_result", data: { callId, name, text, isError: false, ...more }, step, turn });

export function turnSummary(change: Partial<TurnSummary> = {}): TurnSummary {
  return {
    turnId: "turn1",
    steps: 12,
    startedAt: START,
    endedAt: START + 48_000,
    endReason: "done",
    usage: { fresh: 1200, read: 182_000, written: 9_000, output: 4_100 },
    ...change,
  };
}

export function snapshot(change: {
  readonly setup?: Partial<Setup>;
  readonly tabs?: readonly TabState[];
  readonly specs?: readonly Spec[];
  readonly from?: number;
  readonly turns?: readonly TurnSummary[];
  readonly hasOlder?: boolean;
  readonly live?: Live;
  readonly approvals?: readonly ApprovalCard[];
}): ToView {
  const tabs = change.tabs ?? [tabState()];
  const active = tabs[0]?.id ?? "t1";
  const rows = rowsOf(change.specs ?? [], change.from ?? 1);
  const window: Window = {
    tab: active,
    rev: 0,
    rows,
    upTo: rows.at(-1)?.seq ?? 0,
    lastSeq: rows.at(-1)?.seq ?? 0,
    turns: change.turns ?? [],
    hasOlder: change.hasOlder ?? false,
    approvals: change.approvals ?? [],
    ...(change.live === undefined ? {} : { live: change.live }),
  };
  return { type: "snapshot", setup: { ...setup, ...change.setup }, tabs, active, window };
}

export function live(rev: number, event: LiveEvent): ToView {
  return { type: "live", tab: "t1", rev, event };
}

export function commandCard(
  change: Partial<ApprovalCard> = {},
  command = "npm test -- --grep 'engine starts'",
): ApprovalCard {
  return {
    id: "a1",
    tab: "t1",
    callId: "c1",
    tool: "run_shell",
    title: "Run this command?",
    subject: { kind: "command", command, cwd: "/home/ada/engine" },
    risk: "Runs a program with your rights. It can change files and reach the network.",
    tabScope: "this exact command, in this tab",
    ...change,
  };
}
