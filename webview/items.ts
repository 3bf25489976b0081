/** From a window of the log to what is drawn: turns, and in each turn the items of the agent's messages. Pure. */

import { group } from "../src/chunks/group";
import type { Message, Part } from "../src/chunks/messages";
import type { ApprovalCard, Live, LiveBlock, LiveTool } from "../src/chunks/protocol";
import type { ErrorData, Row, SystemData, ToolResult } from "../src/chunks/rows";
import { assertNever } from "../src/chunks/rows";

export type Section = {
  readonly turnId: string;
  readonly rows: readonly Row[];
  readonly messages: readonly Message[];
  /** One for each message: the same as long as it is drawn, also when an older page has moved its beginning. */
  readonly keys: readonly string[];
};

export type ToolState = "pending" | "running" | "done" | "error" | "denied" | "cancelled";

export type ToolView = {
  readonly callId: string;
  readonly name: string;
  readonly argumentsText: string;
  readonly state: ToolState;
  /** The call itself is still streaming in. */
  readonly arriving: boolean;
  readonly result?: ToolResult;
  readonly live?: LiveTool;
  readonly card?: ApprovalCard;
};

/**
 * `key` stays the same when a streaming block is sealed, so that an opened block stays open. `row` is the seq of the
 * first row that it is drawn from; what streams has none.
 */
export type Item = { readonly key: string; readonly row?: number } & (
  | { readonly kind: "text"; readonly text: string; readonly live: boolean }
  | { readonly kind: "thinking"; readonly text: string; readonly redacted: boolean; readonly live: boolean }
  | { readonly kind: "tool"; readonly tool: ToolView }
  | { readonly kind: "reads"; readonly tools: readonly ToolView[] }
  | { readonly kind: "error"; readonly error: ErrorData }
  | { readonly kind: "notice"; readonly notice: SystemData }
);

/** What is going on in a turn beside its rows. */
export type Surroundings = {
  readonly live?: Live | undefined;
  readonly cards: readonly ApprovalCard[];
  /** The turn may still bring results for its calls. */
  readonly open: boolean;
};

/**
 * Cuts a window into turns, each grouped on its own.
 * @param previous the last answer: a turn whose rows did not change comes back as the same object.
 */
export function sections(rows: readonly Row[], previous: readonly Section[]): readonly Section[] {
  const runs = new Map<string, Row[]>();
  for (const row of rows) {
    const run = runs.get(row.turnId);
    if (run === undefined) {
      runs.set(row.turnId, [row]);
    } else {
      run.push(row);
    }
  }
  const old = new Map(previous.map((section) => [section.turnId, section]));
  return [...runs].map(([turnId, run]) => {
    const before = old.get(turnId);
    const same =
      before !== undefined && before.rows.length === run.length && before.rows.every((row, i) => row === run[i]);
    if (same) {
      return before;
    }
    const messages = group(run);
    return { turnId, rows: run, messages, keys: keysOf(messages, before) };
  });
}

/** A message that shares a row with one that was drawn has its key. */
function keysOf(messages: readonly Message[], before: Section | undefined): readonly string[] {
  const drawn = (before?.messages ?? []).map((message, index) => ({ message, key: before?.keys[index] ?? "" }));
  const taken = new Set<string>();
  return messages.map((message) => {
    const same = drawn.find(
      (one) => one.message.seq <= lastRow(message) && message.seq <= lastRow(one.message) && !taken.has(one.key),
    );
    const key = same?.key ?? keyAt(message.seq);
    taken.add(key);
    return key;
  });
}

/** The key of a message that begins with this row. */
export const keyAt = (seq: number): string => `m${seq}`;

function lastRow(message: Message): number {
  return message.kind === "agent" ? (message.parts.at(-1)?.seq ?? message.seq) : message.seq;
}

/** What to draw for an agent's message: its parts, the live tail behind them, finished reading calls folded. */
export function itemsOf(parts: readonly Part[], around: Surroundings): readonly Item[] {
  const counts = new Map<number, number>();
  const next = (step: number) => {
    const index = counts.get(step) ?? 0;
    counts.set(step, index + 1);
    return `${step}.${index}`;
  };
  const items = parts.map((part) => itemOf(part, next, around));
  const live = around.live;
  const tail = live?.blocks.flatMap((block, index) => liveItem(block, `${live.step}.${index}`)) ?? [];
  return fold([...items, ...tail]);
}

const READING: ReadonlySet<string> = new Set(["read_file", "list_files", "search", "find_files", "read_output"]);

/** Consecutive finished reading calls become one item; a single one stays as it is. */
function fold(items: readonly Item[]): readonly Item[] {
  const folded: Item[] = [];
  let run: (Item & { readonly kind: "tool" })[] = [];
  const flush = () => {
    const [first, ...more] = run;
    if (first !== undefined) {
      const { key, tool, ...place } = first;
      const tools = run.map((item) => item.tool);
      folded.push(more.length === 0 ? first : { ...place, kind: "reads", key: `r${tool.callId}`, tools });
    }
    run = [];
  };
  for (const item of items) {
    if (item.kind === "tool" && item.tool.state === "done" && READING.has(item.tool.name)) {
      run.push(item);
    } else {
      flush();
      folded.push(item);
    }
  }
  flush();
  return folded;
}

function itemOf(part: Part, next: (step: number) => string, around: Surroundings): Item {
  const at = { row: part.seq };
  switch (part.kind) {
    case "text":
      return { ...at, kind: "text", key: next(part.step), text: part.text, live: false };
    case "thinking":
      return { ...at, kind: "thinking", key: next(part.step), text: part.text, redacted: part.redacted, live: false };
    case "tool":
      next(part.step);
      return { ...at, kind: "tool", key: part.callId, tool: toolOf(part, around) };
    case "error":
      return { ...at, kind: "error", key: `s${part.seq}`, error: part.error };
    case "notice":
      return { ...at, kind: "notice", key: `s${part.seq}`, notice: part.notice };
    default:
      return assertNever(part);
  }
}

/** The last view of each part: while nothing about a call changes, it comes back as the same object. */
const views = new WeakMap<Part, ToolView>();

function toolOf(part: Part & { readonly kind: "tool" }, around: Surroundings): ToolView {
  const before = views.get(part);
  const now = viewOf(part, around);
  if (before !== undefined && before.state === now.state && before.live === now.live && before.card === now.card) {
    return before;
  }
  views.set(part, now);
  return now;
}

function viewOf(part: Part & { readonly kind: "tool" }, around: Surroundings): ToolView {
  const live = around.live?.tools.find((tool) => tool.callId === part.callId);
  const card = around.cards.find((candidate) => candidate.callId === part.callId);
  const { callId, name, result } = part;
  return {
    callId,
    name,
    argumentsText: part.argumentsText ?? "",
    arriving: false,
    state: result === undefined ? (live?.state ?? (around.open ? "pending" : "cancelled")) : stateOf(result),
    ...(result === undefined ? {} : { result }),
    ...(live === undefined ? {} : { live }),
    ...(card === undefined || result !== undefined ? {} : { card }),
  };
}

/** An unknown outcome counts as an error: somebody has to look. */
function stateOf(result: ToolResult): ToolState {
  const outcome = result.outcome ?? (result.isError ? "error" : "done");
  return outcome === "unknown" ? "error" : outcome;
}

function liveItem(block: LiveBlock, key: string): Item[] {
  switch (block.kind) {
    case "text":
      return [{ kind: "text", key, text: block.text, live: true }];
    case "thinking":
      return [{ kind: "thinking", key, text: block.text, redacted: false, live: true }];
    case "tool": {
      const { callId, name, argumentsText } = block;
      return [{ kind: "tool", key: callId, tool: { callId, name, argumentsText, state: "pending", arriving: true } }];
    }
    default:
      return assertNever(block);
  }
}
