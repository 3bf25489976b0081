/**
 * Makes any log sendable, however old or broken it is. A fold from left to right, so that what was sent once comes out
 * the same when more rows follow. It changes what is sent, never the log. In a healthy log it changes nothing.
 *
 * The rules are those of the Messages API: a conversation begins and ends with the user; every call has exactly one
 * result, in the next message, before any text; call ids are unique; no assistant message ends with thinking.
 */
import type { Row, ToolCall } from "../chunks/rows";
import { isSent } from "./render";

export type Repair = {
  /** Takes the next row of the log. Gives the rows that are settled by it, in the order in which they are sent. */
  readonly push: (row: Row) => readonly Row[];
  /**
   * What a request sent now needs behind the settled rows: results that wait for others, made-up results, a last
   * word of the user. Changes nothing.
   * @param paused the last response ended with `pause_turn`: it is sent back as it is, without a word of the user.
   */
  readonly pending: (paused: boolean) => readonly Row[];
  /** Gives the calls of an answer, one by one, ids that no other call has. An id that is new is kept. */
  readonly newCallIds: () => (id: string) => string;
};

/** @returns the rows as they can be sent; `rows` itself if they are healthy. */
export function repair(rows: readonly Row[], paused = false): readonly Row[] {
  const state = createRepair();
  const settled = rows.flatMap((row) => state.push(row));
  const repaired = [...settled, ...state.pending(paused)];
  const isSame = repaired.length === rows.length && repaired.every((row, index) => row === rows[index]);
  return isSame ? rows : repaired;
}

export function createRepair(): Repair {
  const { uniqueId, newCallIds } = createUniqueIds();
  /** Rows that wait: thinking for the block that it belongs to, what follows a call for the call's result. */
  let held: readonly Row[] = [];
  let calls: readonly OpenCall[] = [];
  /** Whose turn the last settled block was. `answering`: calls are open and something of the user's side came. */
  let side: "none" | "user" | "assistant" | "answering" = "none";
  let origin: { readonly turnId: string; readonly step: number } | undefined;
  let last: Row | undefined;

  function push(row: Row): readonly Row[] {
    last = row;
    if (!isSent(row)) return held.length === 0 ? [row] : hold(row);
    if (row.role === "assistant") return assistant(row);
    return row.role === "tool" ? result(row) : user(row);
  }

  function assistant(row: Row & { role: "assistant" }): readonly Row[] {
    const before = startAssistant(row);
    origin = { turnId: row.turnId, step: row.step };
    if (row.type === "thinking") return [...before, ...hold(row)];
    const settled = [...before, ...take()];
    side = "assistant";
    if (row.type !== "tool_call") return [...settled, row];
    const callId = uniqueId(row.data.callId);
    const call = callId === row.data.callId ? row : { ...row, data: { ...row.data, callId } };
    calls = [...calls, { row: call, askedAs: row.data.callId }];
    return [...settled, call];
  }

  /** What must be settled before the row can open, or go on with, an assistant message. */
  function startAssistant(row: Row): readonly Row[] {
    const isSameStep = origin?.turnId === row.turnId && origin.step === row.step;
    if (side === "answering" || (calls.length > 0 && !isSameStep)) return closeCalls();
    if (side === "none") {
      side = "user";
      return [...take(), madeUpText(row, "before")];
    }
    if (isSameStep) return [];
    const rest = withoutThinking(take());
    if (side === "assistant" && origin?.turnId !== row.turnId) {
      side = "user";
      return [...rest, madeUpText(row, "before")];
    }
    return rest;
  }

  function result(row: Row & { type: "tool_result" }): readonly Row[] {
    const call = calls.find((open) => open.askedAs === row.data.callId && open.result === undefined);
    if (call === undefined) return [];
    const { callId } = call.row.data;
    const named = callId === row.data.callId ? row : { ...row, data: { ...row.data, callId } };
    calls = calls.map((open) => (open === call ? { ...open, result: named } : open));
    if (side === "assistant") held = withoutThinking(held);
    side = "answering";
    hold(named);
    return calls.every((open) => open.result !== undefined) ? closeCalls() : [];
  }

  function user(row: Row): readonly Row[] {
    if (calls.length > 0) {
      if (side === "assistant") held = withoutThinking(held);
      side = "answering";
      return hold(row);
    }
    side = "user";
    return [...withoutThinking(take()), row];
  }

  function pending(paused: boolean): readonly Row[] {
    if (calls.length > 0) return answered(calls, side === "answering" ? held : withoutThinking(held));
    const rest = withoutThinking(held);
    const lacksUser = side === "none" || (side === "assistant" && !paused);
    return lacksUser && last !== undefined ? [...rest, madeUpText(last, "after")] : rest;
  }

  function closeCalls(): readonly Row[] {
    const settled = answered(calls, withoutThinking(take()));
    calls = [];
    side = "user";
    return settled;
  }

  function hold(row: Row): readonly Row[] {
    held = [...held, row];
    return [];
  }

  function take(): readonly Row[] {
    const rows = held;
    held = [];
    return rows;
  }

  return { push, pending, newCallIds };
}

type CallRow = Row & { type: "tool_call" };
/** `askedAs`: the id in the log, by which its result finds it, when `row` was given another one. */
type OpenCall = { readonly row: CallRow; readonly askedAs: string; readonly result?: Row };

/** The text of a result that nobody knows: what ran may have happened. */
export const UNKNOWN_OUTCOME =
  "The outcome of this call is unknown: it was interrupted before its result was recorded. It may have had an effect. Check before you repeat it.";

/** Stands where the API needs a word of the user and the log has none. */
export const CONTINUE = "Continue.";

/** The results in the order of their calls, then the rest of what followed the calls. Rows in order stay as they are. */
function answered(calls: readonly OpenCall[], rows: readonly Row[]): readonly Row[] {
  const results = calls.map((call) => call.result ?? unknownResult(call.row));
  const rest = rows.filter((row) => row.type !== "tool_result");
  const firstUser = rows.findIndex((row) => row.role === "user");
  const beforeUser = firstUser < 0 ? rows : rows.slice(0, firstUser);
  const inPlace = beforeUser.filter((row) => row.type === "tool_result");
  const isOrdered = inPlace.length === results.length && inPlace.every((row, index) => row === results[index]);
  return isOrdered ? rows : [...results, ...rest];
}

function unknownResult(call: CallRow): Row {
  const { callId, name }: ToolCall = call.data;
  const data = { callId, name, text: UNKNOWN_OUTCOME, isError: true, outcome: "unknown" } as const;
  return { ...placeOf(call, "result"), role: "tool", type: "tool_result", data };
}

function madeUpText(beside: Row, where: "before" | "after"): Row {
  return { ...placeOf(beside, where), role: "user", type: "text", data: { text: CONTINUE, origin: "context" } };
}

/** Made-up rows exist in requests only: they share the seq of the row that they stand beside. */
function placeOf(row: Row, what: string) {
  const { tabId, seq, turnId, step, createdAt } = row;
  return { id: `${row.id}:${what}`, tabId, seq, turnId, step, createdAt };
}

function withoutThinking(rows: readonly Row[]): readonly Row[] {
  return rows.every((row) => !isOpenThinking(row)) ? rows : rows.filter((row) => !isOpenThinking(row));
}

function isOpenThinking(row: Row): boolean {
  return row.type === "thinking" && isSent(row);
}

/** Some servers give every call the same id: the second and later ones get a number behind it. */
function createUniqueIds() {
  const used = new Set<string>();
  const next = new Map<string, number>();
  const unused = (id: string, isTaken: (id: string) => boolean) => {
    let unique = id;
    let number = next.get(id) ?? 2;
    while (isTaken(unique)) {
      unique = `${id}-${number}`;
      number += 1;
    }
    return { unique, number };
  };
  return {
    uniqueId(id: string): string {
      const { unique, number } = unused(id, (one) => used.has(one));
      if (unique !== id) next.set(id, number);
      used.add(unique);
      return unique;
    },
    newCallIds() {
      const taken = new Set<string>();
      return (id: string): string => {
        const { unique } = unused(id === "" ? "call" : id, (one) => used.has(one) || taken.has(one));
        taken.add(unique);
        return unique;
      };
    },
  };
}
