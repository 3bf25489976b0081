/** Rows for tests: a log that numbers, stamps and places them as the loop does. */
import type { Chunk, Decision, Row, SystemKind, ToolResult } from "../../src/chunks/rows";

export type RowLog = {
  readonly rows: Row[];
  /** Begins a turn with what the person wrote, after what Dispatch adds. Gives the turn's id. */
  readonly turn: (text: string, context?: readonly string[]) => string;
  /** Begins the next step of the turn: assistant rows from here on carry its number. */
  readonly step: () => RowLog;
  readonly text: (text: string) => RowLog;
  readonly thinking: (text: string, signature?: string) => RowLog;
  readonly redacted: (data: string) => RowLog;
  readonly call: (callId: string, name?: string, argumentsText?: string) => RowLog;
  readonly result: (callId: string, text?: string, more?: Partial<ToolResult>) => RowLog;
  /** What the person writes while the turn runs. */
  readonly steer: (text: string) => RowLog;
  readonly system: (kind: SystemKind, text?: string) => RowLog;
  readonly error: (code: string, message?: string) => RowLog;
  /** Any chunk at the current place. */
  readonly add: (chunk: Chunk) => RowLog;
};

export const denied: Decision = { by: "person", effect: "deny", reason: "not now" };

export function rowLog(tabId = "tab"): RowLog {
  const rows: Row[] = [];
  let turnId = "t0";
  let step = 0;
  const names = new Map<string, string>();

  const add = (chunk: Chunk): RowLog => {
    const seq = rows.length + 1;
    rows.push({ ...chunk, id: `r${seq}`, tabId, seq, turnId, step, createdAt: 1_790_000_000_000 + seq * 1000 });
    return log;
  };
  const log: RowLog = {
    rows,
    turn(text, context = []) {
      turnId = `t${Number(turnId.slice(1)) + 1}`;
      step = 0;
      for (const added of context) add({ role: "user", type: "text", data: { text: added, origin: "context" } });
      add({ role: "user", type: "text", data: { text } });
      return turnId;
    },
    step() {
      step += 1;
      return log;
    },
    text: (text) => add({ role: "assistant", type: "text", data: { text } }),
    thinking: (text, signature = "c2lnbmVk") => add({ role: "assistant", type: "thinking", data: { text, signature } }),
    redacted: (redacted) => add({ role: "assistant", type: "thinking", data: { text: "", signature: "", redacted } }),
    call(callId, name = "read_file", argumentsText = `{"path": "a.ts"}`) {
      names.set(callId, name);
      return add({ role: "assistant", type: "tool_call", data: { callId, name, argumentsText } });
    },
    result(callId, text = "ok", more = {}) {
      const data = { callId, name: names.get(callId) ?? "read_file", text, isError: false, ...more };
      return add({ role: "tool", type: "tool_result", data });
    },
    steer: (text) => add({ role: "user", type: "text", data: { text } }),
    system: (kind, text = kind) => add({ role: "system", type: "system", data: { kind, text } }),
    error: (code, message = code) =>
      add({ role: "assistant", type: "error", data: { code, message, retryable: false } }),
    add,
  };
  return log;
}
