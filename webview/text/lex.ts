/** Markdown to block tokens, so that a growing text costs what is new and its finished blocks keep their identity. */
import { Marked, type MarkedToken, type Token } from "marked";

export type Block = {
  /** Where the block starts in the source: stable while the text grows, so it serves as key. */
  readonly start: number;
  readonly token: MarkedToken;
};

export type Lexed = {
  readonly source: string;
  readonly blocks: readonly Block[];
};

const marked = new Marked({ gfm: true });

/** Deeper nesting than this is shown as plain text: both lexing and drawing recurse. */
const DEEP_NESTING = /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){40}/m;

/** A link definition anywhere changes the meaning of blocks before and after it. */
const DEFINITION = /^[ \t>*+\-\d.)]*\[[^\]]{1,999}\]:/m;

/**
 * Lexes markdown.
 * @param source the whole text.
 * @param previous the result for an earlier state of the same text. Its blocks are kept, except the last two, which
 *   may still change their meaning (a list can swallow the paragraph that follows it).
 * @returns the blocks in order, the same as lexing `source` alone gives; blocks that did not change are the same objects.
 */
export function lex(source: string, previous?: Lexed): Lexed {
  const text = source.replace(/\r\n?/g, "\n");
  if (previous?.source === text) {
    return previous;
  }
  if (previous === undefined || !text.startsWith(previous.source) || DEFINITION.test(text)) {
    return { source: text, blocks: blocksFrom(text, 0) };
  }
  const kept = previous.blocks.slice(0, -2);
  const from = previous.blocks.at(-2)?.start ?? 0;
  const redone = blocksFrom(text.slice(from), from).map((block, index) => {
    const old = previous.blocks[kept.length + index];
    return old !== undefined && isSame(old, block) ? old : block;
  });
  return { source: text, blocks: [...kept, ...redone] };
}

/** True for the tokens that marked's own rules make (an extension could make others). */
export function isKnown(token: Token): token is MarkedToken {
  return KNOWN.has(token.type);
}

/** Whether a code token is a fence with its closing line; only such blocks are coloured. */
export function isClosedFence(raw: string): boolean {
  const open = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  const lines = raw.trimEnd().split("\n");
  const last = lines.at(-1)?.trim() ?? "";
  return (
    open !== undefined && lines.length > 1 && last.length >= open.length && last === open.charAt(0).repeat(last.length)
  );
}

const KNOWN: ReadonlySet<string> = new Set<MarkedToken["type"]>([
  "blockquote",
  "br",
  "checkbox",
  "code",
  "codespan",
  "def",
  "del",
  "em",
  "escape",
  "heading",
  "hr",
  "html",
  "image",
  "link",
  "list",
  "list_item",
  "paragraph",
  "space",
  "strong",
  "table",
  "text",
]);

function blocksFrom(text: string, offset: number): Block[] {
  const blocks: Block[] = [];
  let start = offset;
  for (const token of tokensOf(text)) {
    if (token.type !== "space" && isKnown(token)) {
      blocks.push({ start, token });
    }
    start += token.raw.length;
  }
  return blocks;
}

/** A text that the lexer can't take (nested without end) becomes one paragraph of itself. */
function tokensOf(text: string): readonly Token[] {
  if (!DEEP_NESTING.test(text)) {
    try {
      return marked.lexer(text);
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }
    }
  }
  return [{ type: "text", raw: text, text, escaped: true }];
}

function isSame(a: Block, b: Block): boolean {
  return a.start === b.start && a.token.type === b.token.type && a.token.raw === b.token.raw;
}
