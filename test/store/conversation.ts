/** A tab with one of everything that the log can hold of it. */
import type { Row } from "../../src/chunks/rows";
import type { Op, RequestRecord } from "../../src/store/types";
import { rowsOp, textRow, textRows } from "./support";

/** The least that a request's record holds. */
export const plainRequest: RequestRecord = {
  id: "r",
  tabId: "t",
  turnId: "u",
  step: 1,
  attempt: 1,
  keyId: "k1",
  model: "m",
  promptHash: "p",
  firstSeq: 1,
  lastSeq: 1,
  head: '{"model":"m"',
  renderer: 1,
  bodySha256: "00",
  startedAt: 6,
  durationMs: 12.25,
  outcome: "ok",
};

const request: RequestRecord = {
  ...plainRequest,
  id: "request-1",
  tabId: "tab-1",
  turnId: "turn-1",
  keyId: "k",
  inputTokens: 1,
  outputTokens: 2,
  cacheReadTokens: 3,
  cacheWriteTokens: 4,
};
export const tab = {
  id: "tab-1",
  title: "Fix 100% of it",
  createdAt: 1,
  position: 0,
  draft: "",
  promptHash: "p",
  unread: true,
  place: { seq: 3, offset: -8.5 },
};
const turn = { id: "turn-1", tabId: "tab-1", startedAt: 5 };
const approval = {
  id: "approval-1",
  tabId: "tab-1",
  turnId: "turn-1",
  callId: "k",
  tool: "run_shell",
  argumentsSha256: "11",
  scope: "once",
  createdAt: 7,
  decision: { by: "person", effect: "deny" },
} as const;

export function userRow(seq: number, text: string, origin: "person" | "context", tabId = "tab-1"): Row {
  return { ...textRow(seq, "", tabId), role: "user", type: "text", data: { text, origin } };
}

export function resultRow(seq: number, tabId: string, blob: string, edit = blob): Row {
  const data = {
    callId: "c",
    name: "run",
    text: "x",
    isError: false,
    blob,
    edit: { path: "p", before: edit, after: blob },
  };
  return { ...textRow(seq, "", tabId), role: "tool", type: "tool_result", data };
}

export const conversation: readonly Op[] = [
  { op: "tab", tab },
  { op: "turn", turn },
  { op: "prompt", hash: "p", text: "You are" },
  rowsOp(
    userRow(1, "today", "context"),
    userRow(2, "  Please\n fix\tit \u0000 ", "person"),
    textRow(3, "a \u0000 \ud800"),
  ),
  textRows(4, 40),
  { op: "request", request },
  { op: "request", request: { ...request, id: "request-2", outcome: "error", options: { paused: true } } },
  { op: "approval", approval },
];
