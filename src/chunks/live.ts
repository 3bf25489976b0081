/** The live tail: what streams and what runs, before it is rows. The host and every view fold the same events. */
import type { Live, LiveBlock, LiveEvent, LiveTool } from "./protocol";
import { assertNever, type Row } from "./rows";

/** Characters of a running command's output that the live tail keeps: the last ones. */
export const LIVE_OUTPUT_LIMIT = 8_000;

/**
 * The live tail after an event; `undefined` when nothing is live. An event that finds nothing to apply to (a delta
 * of a block that was sealed meanwhile) changes nothing. What did not change keeps its identity.
 */
export function applyLive(live: Live | undefined, event: LiveEvent): Live | undefined {
  if (event.kind === "begin") {
    const { turnId, step, startedAt } = event;
    return { turnId, step, startedAt, blocks: [], tools: [] };
  }
  if (live === undefined) return undefined;
  switch (event.kind) {
    case "block":
      if (event.index > live.blocks.length || event.index < 0) return live;
      return {
        ...live,
        blocks: [...live.blocks.slice(0, event.index), event.block, ...live.blocks.slice(event.index + 1)],
      };
    case "delta": {
      const block = live.blocks[event.index];
      if (block === undefined || event.text === "") return live;
      return { ...live, blocks: live.blocks.with(event.index, appended(block, event.text)) };
    }
    case "discard":
      return live.blocks.length === 0 ? live : { ...live, blocks: [] };
    case "tool":
      return { ...live, tools: upsert(live.tools, event.tool) };
    case "output": {
      const index = live.tools.findIndex((tool) => tool.callId === event.callId);
      const tool = live.tools[index];
      if (tool === undefined || event.text === "") return live;
      return { ...live, tools: live.tools.with(index, { ...tool, output: lastPart(tool.output + event.text) }) };
    }
    case "end":
      return undefined;
    default:
      return assertNever(event);
  }
}

/** The live tail once rows are sealed: the blocks of a sealed step and the calls that have their result vanish. */
export function settleLive(live: Live | undefined, rows: readonly Row[]): Live | undefined {
  if (live === undefined) return undefined;
  const sealed = rows.some((row) => row.role === "assistant" && row.turnId === live.turnId && row.step === live.step);
  const answered = new Set(rows.flatMap((row) => (row.type === "tool_result" ? [row.data.callId] : [])));
  const blocks = sealed && live.blocks.length > 0 ? [] : live.blocks;
  const left = live.tools.filter((tool) => !answered.has(tool.callId));
  const tools = left.length === live.tools.length ? live.tools : left;
  return blocks === live.blocks && tools === live.tools ? live : { ...live, blocks, tools };
}

function appended(block: LiveBlock, text: string): LiveBlock {
  return block.kind === "tool"
    ? { ...block, argumentsText: block.argumentsText + text }
    : { ...block, text: block.text + text };
}

function upsert(tools: readonly LiveTool[], tool: LiveTool): readonly LiveTool[] {
  const index = tools.findIndex((other) => other.callId === tool.callId);
  return index < 0 ? [...tools, tool] : tools.with(index, tool);
}

/** What the live tail keeps of an output: its last characters, never starting with half a character. */
export function lastPart(text: string): string {
  return text.length <= LIVE_OUTPUT_LIMIT ? text : text.slice(-LIVE_OUTPUT_LIMIT).replace(/^[\udc00-\udfff]/, "");
}
