/**
 * Rows to the text of a request body. Sent text is frozen: body n, without its closing brackets and cache marks, is
 * the beginning of body n+1 without marks. The cost of a body follows what is new, not what is old.
 */
import type { Row } from "../chunks/rows";
import { CACHE_MARK, withoutMark } from "./prompt";
import { type Images, RENDERER_VERSION, renderRow } from "./render";
import { createRepair } from "./validity";

export type Conversation = {
  /** Takes the next rows of the tab, in order of seq. Rows that it has already are passed over. */
  readonly append: (rows: readonly Row[]) => void;
  /**
   * The body of a request sent now. Changes nothing: asking twice gives the same.
   * @throws when no rows were appended.
   */
  readonly body: (options?: BodyOptions) => Body;
  /**
   * For the calls of an answer as they come, in their order: gives each an id that no call of the tab has.
   * Some servers give every call the same one, by which neither the API nor a person's click could tell them apart.
   */
  readonly newCallIds: () => (id: string) => string;
  /** `History.cachedTo`, as long as the bodies are made with it. */
  readonly cachedTo: () => number | undefined;
};

/** What the requests before have left behind, where others have come between. */
export type History = {
  /** The rows whose thinking the model can't read: it is left out. Other rows among them are not concerned. */
  readonly withoutThinking?: readonly SeqRange[];
  /**
   * The last row of the last request that the server has in its cache. When that is many steps back, the place needs a
   * mark of its own to be found. Counts until the first answer.
   */
  readonly cachedTo?: number;
  /** The images of the rows. Without it the model gets words in their place. */
  readonly imageOf?: Images;
};

/** What one body has besides its rows. The log keeps it, so that the body can be rebuilt. */
export type BodyOptions = {
  /** The last response ended with `pause_turn` and is sent back as it is. */
  readonly paused?: boolean;
  /** Whether the prefixes to be cached are marked. Default: they are. */
  readonly marks?: boolean;
  /** Asks the server why the cache of the message with this id was missed, if it was; null: of none yet. */
  readonly previousMessageId?: string | null;
};

export type Body = {
  /** The whole JSON text: all of `stable`, then `rest`. */
  readonly text: string;
  /**
   * The pieces that this body and every later one begins with, as long as `marks` stays the same. The list only grows,
   * so a caller that remembers how many it has hashed need never hash one twice.
   */
  readonly stable: readonly string[];
  readonly rest: string;
};

/** The facts that a body of the past was made of, as the log keeps them. */
export type RequestFacts = BodyOptions &
  History & {
    readonly head: string;
    readonly prompt: string;
    readonly rows: readonly Row[];
    readonly renderer: number;
  };

/** The seqs of the first and the last row of a run. */
export type SeqRange = readonly [first: number, last: number];

/**
 * @param head the members before `tools` as exact JSON text, without braces and without a comma at the end.
 * @param prompt tools and system, from `renderPrompt`.
 */
export function createConversation(head: string, prompt: string, history: History = {}): Conversation {
  const { withoutThinking = [], imageOf } = history;
  const repair = createRepair();
  const marked = startOf(head, prompt);
  const unmarked = startOf(head, withoutMark(prompt));
  /** The blocks from the last one of the previous request's last user message on; marks may only stand on these. */
  let recent: Block[] = [];
  let lastSeq: number | undefined;
  let isHoled = false;
  let { cachedTo } = history;
  /** `recent` begins with the last block that is cached, and goes on from there until there is an answer. */
  let isHolding = false;
  let wasAsked = false;

  function append(rows: readonly Row[]): void {
    for (const row of rows) {
      if (lastSeq !== undefined && row.seq <= lastSeq) continue;
      isHoled ||= lastSeq !== undefined && row.seq !== lastSeq + 1;
      lastSeq = row.seq;
      if (wasAsked && row.role === "assistant" && row.type !== "error") {
        cachedTo = undefined;
        isHolding = false;
      }
      // Thinking is signed together with everything before it: behind a row that was lost the API would refuse it.
      if (row.type === "thinking" && (isHoled || isWithin(withoutThinking, row.seq))) continue;
      for (const settled of repair.push(row)) add(settled);
    }
  }

  function add(row: Row): void {
    const previous = recent.at(-1);
    const block = toBlock(row, previous?.role, imageOf);
    if (block === undefined) return;
    if (block.role === "assistant" && previous?.role === "user" && !isHolding) {
      const piece = recent.slice(0, -1).map(plain).join("");
      if (piece !== "") {
        for (const start of [marked, unmarked]) {
          start.stable.push(piece);
          start.text += piece;
        }
      }
      recent = [previous];
      isHolding = cachedTo !== undefined && row.seq > cachedTo;
    }
    recent.push(block);
  }

  function body(options: BodyOptions = {}): Body {
    if (lastSeq === undefined) throw new Error("A request needs at least one row.");
    wasAsked = true;
    const blocks = [...recent];
    for (const row of repair.pending(options.paused === true)) {
      const block = toBlock(row, blocks.at(-1)?.role, imageOf);
      if (block !== undefined) blocks.push(block);
    }
    const { stable, text } = options.marks === false ? unmarked : marked;
    const marks = options.marks === false ? noMarks : markPositions(blocks);
    const end = blocks.map((block, index) => (marks.has(index) ? withMark(block) : plain(block))).join("");
    const rest = `${end}]}]${tailOf(options)}}`;
    return { text: text + rest, stable, rest };
  }

  return { append, body, newCallIds: repair.newCallIds, cachedTo: () => cachedTo };
}

/**
 * The body of a past request from what the log keeps of it, for audits: byte for byte what was sent.
 * @returns `undefined` for a renderer that this version does not have.
 */
export function rebuild(facts: RequestFacts): string | undefined {
  if (facts.renderer !== RENDERER_VERSION) return undefined;
  const conversation = createConversation(facts.head, facts.prompt, facts);
  conversation.append(facts.rows);
  return conversation.body(facts).text;
}

export function isWithin(ranges: readonly SeqRange[], seq: number): boolean {
  return ranges.some(([first, last]) => first <= seq && seq <= last);
}

/** What every body begins with, in pieces and as one text. */
type Start = { readonly stable: string[]; text: string };

function startOf(head: string, prompt: string): Start {
  const opening = `{${head},${prompt},"messages":[`;
  return { stable: [opening], text: opening };
}

/** Members that change from request to request stand behind the messages, where they move nothing. */
function tailOf({ previousMessageId }: BodyOptions): string {
  if (previousMessageId === undefined) return "";
  return `,"diagnostics":{"previous_message_id":${JSON.stringify(previousMessageId)}}`;
}

const noMarks: ReadonlySet<number> = new Set();

type Block = {
  readonly role: "user" | "assistant";
  /** The comma or the message brackets that stand before the block. They depend only on what precedes. */
  readonly glue: string;
  readonly text: string;
  /** The API takes no cache mark on thinking. */
  readonly canBeMarked: boolean;
};

function toBlock(row: Row, previous: Block["role"] | undefined, images: Images | undefined): Block | undefined {
  const text = renderRow(row, images);
  if (text === undefined) return undefined;
  const role = row.role === "assistant" ? "assistant" : "user";
  const opening = `{"role":"${role}","content":[`;
  const glue = role === previous ? "," : previous === undefined ? opening : `]},${opening}`;
  return { role, glue, text, canBeMarked: row.type !== "thinking" };
}

function plain(block: Block): string {
  return block.glue + block.text;
}

function withMark(block: Block): string {
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
