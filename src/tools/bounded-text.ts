/** Collects output of any length in bounded memory: the head, the tail, and how much is missing between them. Pure. */

export type BoundedText = {
  readonly push: (piece: string) => void;
  /** The text with a line in the place of what was dropped. */
  readonly text: () => string;
  /** As UTF-8. */
  readonly droppedBytes: () => number;
  /** UTF-16 units that were pushed, kept or not. */
  readonly length: () => number;
  /** The text from an offset on, with a line in the place of what was dropped behind it. */
  readonly since: (offset: number) => string;
  /** The number of the line that an offset is on, from 1. In what was dropped: of the first line behind it. */
  readonly lineAt: (offset: number) => number;
  /** The lines from one to another, from 1, both included, with a line in the place of what was dropped among them. */
  readonly lines: (from: number, to: number) => string;
};

/** Small pieces are kept together up to this many UTF-16 units. */
const PIECE = 16_384;

/** `headLimit` and `tailLimit` in UTF-16 units. No surrogate pair is split. */
export function createBoundedText(headLimit: number, tailLimit: number): BoundedText {
  let head = "";
  let tail: string[] = [];
  let tailLength = 0;
  let dropped = 0;
  let droppedUnits = 0;
  let droppedBreaks = 0;
  let isHeadFull = false;

  function push(piece: string): void {
    let rest = piece;
    if (!isHeadFull) {
      const room = cutBefore(piece, headLimit - head.length);
      head += piece.slice(0, room);
      rest = piece.slice(room);
      isHeadFull = rest !== "";
    }
    if (rest === "") return;
    const last = tail.at(-1);
    if (last !== undefined && last.length + rest.length <= PIECE) tail[tail.length - 1] = last + rest;
    else tail.push(rest);
    tailLength += rest.length;
    if (tailLength > 2 * tailLimit) dropPieces();
  }

  /** Costs what is dropped, whatever is kept. */
  function dropPieces(): void {
    let count = 0;
    for (const piece of tail) {
      if (tailLength - piece.length < tailLimit) break;
      drop(piece);
      tailLength -= piece.length;
      count += 1;
    }
    tail = tail.slice(count);
  }

  function drop(gone: string): void {
    dropped += utf8Length(gone);
    droppedUnits += gone.length;
    droppedBreaks += breaksIn(gone);
  }

  function compact(): void {
    const all = tail.join("");
    const from = all.length <= tailLimit ? 0 : cutAfter(all, all.length - tailLimit);
    drop(all.slice(0, from));
    tail = [all.slice(from)];
    tailLength = all.length - from;
  }

  const notice = (): string => `[... ${dropped} bytes were dropped here to bound memory ...]\n`;

  /** What is kept behind the gap; empty while there is none. */
  function behindGap(): { readonly start: number; readonly text: string } {
    compact();
    return { start: head.length + droppedUnits, text: tail.join("") };
  }

  function since(offset: number): string {
    const { start, text } = behindGap();
    if (dropped === 0) return (head + text).slice(offset);
    if (offset >= start) return text.slice(offset - start);
    const before = head.slice(offset);
    return `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${notice()}${text}`;
  }

  function lineAt(offset: number): number {
    if (offset <= head.length) return breaksIn(head.slice(0, offset)) + 1;
    const { start, text } = behindGap();
    return breaksIn(head) + droppedBreaks + breaksIn(text.slice(0, Math.max(0, offset - start))) + 1;
  }

  function lines(from: number, to: number): string {
    const { start, text } = behindGap();
    if (dropped === 0) return linesOf(head + text, from, to);
    const first = lineAt(start);
    const isInGap = from <= first && to > breaksIn(head);
    return `${linesOf(head, from, to)}${isInGap ? notice() : ""}${linesOf(text, from - first + 1, to - first + 1)}`;
  }

  return {
    push,
    text: () => since(0),
    length: () => head.length + droppedUnits + tailLength,
    since,
    lineAt,
    lines,
    droppedBytes: () => {
      compact();
      return dropped;
    },
  };
}

function breaksIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Each with its line break; numbers below 1 are before the text. */
function linesOf(text: string, from: number, to: number): string {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return all
    .slice(Math.max(0, from - 1), Math.max(0, to))
    .map((line) => `${line}\n`)
    .join("");
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function cutBefore(text: string, at: number): number {
  return at > 0 && at < text.length && isPair(text, at) ? at - 1 : at;
}

function cutAfter(text: string, at: number): number {
  return isPair(text, at) ? at + 1 : at;
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
