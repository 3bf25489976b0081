/** Rows to messages: what the view draws. Takes any window of one tab, however it is cut. */
import type { Message, Part, ToolPart } from "./messages";
import { assertNever, type Row, type SystemData, type ToolResult } from "./rows";

export { mergeRows } from "./merge";

/**
 * The messages of a window of rows in order of seq.
 * - A turn is never merged with another one.
 * - Consecutive user rows of one turn and step are one message, a system row inside an agent message is a part of it,
 *   other consecutive system rows of a turn are one message.
 * - A result joins its call by callId, also when a user row stands between them. A result whose call is in an older
 *   page is a part of its own, in place, until that page is merged and the rows are grouped again.
 */
export function group(rows: readonly Row[]): readonly Message[] {
  const messages: OpenMessage[] = [];
  const waiting = new Map<string, OpenTool[]>();
  for (const row of rows) {
    const open = messages.at(-1);
    const sameTurn = open !== undefined && open.turnId === row.turnId ? open : undefined;
    switch (row.type) {
      case "text":
        if (row.role === "user") {
          const isContext = row.data.origin === "context";
          const message = sameTurn?.kind === "user" && sameTurn.step === row.step ? sameTurn : openUser(messages, row);
          (isContext ? message.context : message.texts).push(row.data.text);
        } else {
          agentParts(messages, row).push({ kind: "text", ...at(row), text: row.data.text });
        }
        break;
      case "thinking": {
        const { text, redacted } = row.data;
        agentParts(messages, row).push({ kind: "thinking", ...at(row), text, redacted: redacted !== undefined });
        break;
      }
      case "tool_call": {
        const tool: OpenTool = { part: { kind: "tool", ...at(row), ...row.data }, turnId: row.turnId };
        agentParts(messages, row).push(tool);
        waiting.set(row.data.callId, [...(waiting.get(row.data.callId) ?? []), tool]);
        break;
      }
      case "tool_result": {
        const call = takeCall(waiting, row);
        if (call === undefined) agentParts(messages, row).push(orphan(row, row.data));
        else call.part = withResult(call.part, row.data);
        break;
      }
      case "error":
        agentParts(messages, row).push({ kind: "error", ...at(row), error: row.data });
        break;
      case "system":
        if (sameTurn?.kind === "agent") sameTurn.parts.push({ kind: "notice", ...at(row), notice: row.data });
        else if (sameTurn?.kind === "system") sameTurn.notices.push(row.data);
        else messages.push({ kind: "system", ...start(row), notices: [row.data] });
        break;
      default:
        assertNever(row);
    }
  }
  return messages.map(close);
}

/** A part whose result may still come: replaced in place when it does. */
type OpenTool = { part: ToolPart; readonly turnId: string };
type Start = { readonly seq: number; readonly turnId: string; readonly createdAt: number };
type OpenUser = Start & { kind: "user"; step: number; texts: string[]; context: string[] };
type OpenAgent = Start & { kind: "agent"; parts: (Part | OpenTool)[] };
type OpenMessage = OpenUser | OpenAgent | (Start & { kind: "system"; notices: SystemData[] });

function start(row: Row): Start {
  return { seq: row.seq, turnId: row.turnId, createdAt: row.createdAt };
}

function at(row: Row): { readonly seq: number; readonly step: number } {
  return { seq: row.seq, step: row.step };
}

function openUser(messages: OpenMessage[], row: Row): OpenUser {
  const message: OpenUser = { kind: "user", ...start(row), step: row.step, texts: [], context: [] };
  messages.push(message);
  return message;
}

/** The parts of the agent message that the row belongs to, opened here if the last message is another one. */
function agentParts(messages: OpenMessage[], row: Row): OpenAgent["parts"] {
  const open = messages.at(-1);
  if (open?.kind === "agent" && open.turnId === row.turnId) return open.parts;
  const message: OpenAgent = { kind: "agent", ...start(row), parts: [] };
  messages.push(message);
  return message.parts;
}

/**
 * The call that a result answers: of the same step, else of the same turn, else any. Ids are unique with most
 * servers; some reuse one id in every step, hence the order.
 */
function takeCall(waiting: Map<string, OpenTool[]>, row: Row & { type: "tool_result" }): OpenTool | undefined {
  const calls = waiting.get(row.data.callId);
  if (calls === undefined) return undefined;
  const call =
    calls.find((open) => open.turnId === row.turnId && open.part.step === row.step) ??
    calls.findLast((open) => open.turnId === row.turnId) ??
    calls.at(-1);
  const left = calls.filter((open) => open !== call);
  if (left.length === 0) waiting.delete(row.data.callId);
  else waiting.set(row.data.callId, left);
  return call;
}

function orphan(row: Row, result: ToolResult): ToolPart {
  return withResult({ kind: "tool", ...at(row), callId: result.callId, name: result.name }, result);
}

function withResult(part: ToolPart, result: ToolResult): ToolPart {
  return { ...part, result, ...(result.decision === undefined ? {} : { decision: result.decision }) };
}

function close(message: OpenMessage): Message {
  switch (message.kind) {
    case "user": {
      const { seq, turnId, createdAt, texts, context } = message;
      return { kind: "user", seq, turnId, createdAt, text: texts.join("\n\n"), context };
    }
    case "agent":
      return { ...message, parts: message.parts.map((part) => ("part" in part ? part.part : part)) };
    case "system":
      return message;
  }
}
