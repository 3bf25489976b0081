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

/** `key` stays the same when a streaming block is sealed, so that an opened block stays open. */
export type Item =
  | { readonly kind: "text"; readonly key: string; readonly text: string; readonly live: boolean }
  | {
      readonly kind: "thinking";
      readonly key: string;
      readonly text: string;
      readonly redacted: boolean;
      readonly live: boolean;
    }
  | { readonly kind: "tool"; readonly key: string; readonly tool: ToolView }
  | { readonly kind: "reads"; readonly key: string; readonly tools: readonly ToolView[] }
  | { readonly kind: "error"; readonly key: string; readonly error: ErrorData }
  | { readonly kind: "notice"; readonly key: string; readonly notice: SystemData };

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
    return same ? before : { turnId, rows: run, messages: group(run) };
  });
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

const READING: ReadonlySet<string> = new Set(["read_file", "list_files"]);

/** Consecutive finished reading calls become one item; a single one stays as it is. */
function fold(items: readonly Item[]): readonly Item[] {
  const folded: Item[] = [];
  let run: ToolView[] = [];
  const flush = () => {
    const [first, ...more] = run;
    if (first !== undefined) {
      const key = `r${first.callId}`;
      folded.push(
        more.length === 0 ? { kind: "tool", key: first.callId, tool: first } : { kind: "reads", key, tools: run },
      );
    }
    run = [];
  };
  for (const item of items) {
    if (item.kind === "tool" && item.tool.state === "done" && READING.has(item.tool.name)) {
      run.push(item.tool);
    } else {
      flush();
      folded.push(item);
    }
  }
  flush();
  return folded;
}

function itemOf(part: Part, next: (step: number) => string, around: Surroundings): Item {
  switch (part.kind) {
    case "text":
      return { kind: "text", key: next(part.step), text: part.text, live: false };
    case "thinking":
      return { kind: "thinking", key: next(part.step), text: part.text, redacted: part.redacted, live: false };
    case "tool":
      next(part.step);
      return { kind: "tool", key: part.callId, tool: toolOf(part, around) };
    case "error":
      return { kind: "error", key: `s${part.seq}`, error: part.error };
    case "notice":
      return { kind: "notice", key: `s${part.seq}`, notice: part.notice };
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
