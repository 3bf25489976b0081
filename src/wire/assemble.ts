/**
 * Rows to the text of a request body. Sent text is frozen: body n, without its closing brackets and cache marks, is
 * the beginning of body n+1 without marks. The cost of a body follows what is new, not what is old.
 */
import type { Row } from "../chunks/rows";
import { CACHE_MARK } from "./prompt";
import { RENDERER_VERSION, renderRow } from "./render";
import { createRepair } from "./validity";

export type Conversation = {
  /** Takes the next rows of the tab, in order of seq. Rows that it has already are passed over. */
  readonly append: (rows: readonly Row[]) => void;
  /**
   * The body of a request sent now. Changes nothing: asking twice gives the same.
   * @param options.paused the last response ended with `pause_turn` and is sent back as it is.
   * @throws when no rows were appended.
   */
  readonly body: (options?: BodyOptions) => Body;
};

export type BodyOptions = { readonly paused?: boolean };

export type Body = {
  /** The whole JSON text: all of `stable`, then `rest`. */
  readonly text: string;
  /**
   * The pieces that this body and every later one begins with. The list only grows, so a caller that remembers how
   * many it has hashed need never hash one twice.
   */
  readonly stable: readonly string[];
  readonly rest: string;
};

/** The facts that a body of the past was made of, as the log keeps them. */
export type RequestFacts = BodyOptions & {
  readonly head: string;
  readonly prompt: string;
  readonly rows: readonly Row[];
  readonly renderer: number;
};

/**
 * @param head the members before `tools` as exact JSON text, without braces and without a comma at the end.
 * @param prompt tools and system, from `renderPrompt`.
 */
export function createConversation(head: string, prompt: string): Conversation {
  const repair = createRepair();
  const opening = `{${head},${prompt},"messages":[`;
  const stable = [opening];
  let stableText = opening;
  /** The blocks from the last one of the previous request's last user message on; marks may only stand on these. */
  let recent: Block[] = [];
  let lastSeq: number | undefined;
  let isHoled = false;

  function append(rows: readonly Row[]): void {
    for (const row of rows) {
      if (lastSeq !== undefined && row.seq <= lastSeq) continue;
      isHoled ||= lastSeq !== undefined && row.seq !== lastSeq + 1;
      lastSeq = row.seq;
      // Thinking is signed together with everything before it: behind a row that was lost the API would refuse it.
      if (isHoled && row.type === "thinking") continue;
      for (const settled of repair.push(row)) add(settled);
    }
  }

  function add(row: Row): void {
    const previous = recent.at(-1);
    const block = toBlock(row, previous?.role);
    if (block === undefined) return;
    if (block.role === "assistant" && previous?.role === "user") {
      const piece = recent.slice(0, -1).map(plain).join("");
      if (piece !== "") {
        stable.push(piece);
        stableText += piece;
      }
      recent = [previous];
    }
    recent.push(block);
  }

  function body(options: BodyOptions = {}): Body {
    if (lastSeq === undefined) throw new Error("A request needs at least one row.");
    const blocks = [...recent];
    for (const row of repair.pending(options.paused === true)) {
      const block = toBlock(row, blocks.at(-1)?.role);
      if (block !== undefined) blocks.push(block);
    }
    const marks = markPositions(blocks);
    const rest = `${blocks.map((block, index) => (marks.has(index) ? marked(block) : plain(block))).join("")}]}]}`;
    return { text: stableText + rest, stable, rest };
  }

  return { append, body };
}

/**
 * The body of a past request from what the log keeps of it, for audits: byte for byte what was sent.
 * @returns `undefined` for a renderer that this version does not have.
 */
export function rebuild(facts: RequestFacts): string | undefined {
  if (facts.renderer !== RENDERER_VERSION) return undefined;
  const conversation = createConversation(facts.head, facts.prompt);
  conversation.append(facts.rows);
  return conversation.body(facts).text;
}

type Block = {
  readonly role: "user" | "assistant";
  /** The comma or the message brackets that stand before the block. They depend only on what precedes. */
  readonly glue: string;
  readonly text: string;
  /** The API takes no cache mark on thinking. */
  readonly canBeMarked: boolean;
};

function toBlock(row: Row, previous: Block["role"] | undefined): Block | undefined {
  const text = renderRow(row);
  if (text === undefined) return undefined;
  const role = row.role === "assistant" ? "assistant" : "user";
  const opening = `{"role":"${role}","content":[`;
  const glue = role === previous ? "," : previous === undefined ? opening : `]},${opening}`;
  return { role, glue, text, canBeMarked: row.type !== "thinking" };
}

function plain(block: Block): string {
  return block.glue + block.text;
}

function marked(block: Block): string {
  return `${block.glue}${block.text.slice(0, -1)}${CACHE_MARK}}`;
}

/** Blocks between two marks at most, well within the 20 that the API looks back even where it counts every block. */
const MARK_DISTANCE = 15;

/**
 * At most three marks, derived from the blocks alone: the last block of the user's last message (the next request
 * reads up to it), the block where the previous request had that mark (this one reads there), and one between them
 * when a step appended more than MARK_DISTANCE blocks. The fourth mark stands in the prompt.
 */
function markPositions(blocks: readonly Block[]): ReadonlySet<number> {
  const last = blocks.findLastIndex((block) => block.role === "user");
  const previous = blocks[0]?.role === "user" && blocks.some((block) => block.role === "assistant") ? 0 : -1;
  const marks = new Set([previous, last].filter((index) => index >= 0));
  if (last - previous > MARK_DISTANCE) {
    const between = blocks.slice(0, last).map((block, index) => (block.canBeMarked && index > previous ? index : -1));
    const near = between.findLast((index) => index >= 0 && index <= previous + MARK_DISTANCE);
    const spare = near ?? between.find((index) => index >= 0);
    if (spare !== undefined) marks.add(spare);
  }
  return marks;
}
