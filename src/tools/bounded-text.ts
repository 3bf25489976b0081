/** Collects output of any length in bounded memory: the head, the tail, and how much is missing between them. Pure. */

export type BoundedText = {
  readonly push: (piece: string) => void;
  /** The text with a line in the place of what was dropped. */
  readonly text: () => string;
  /** As UTF-8. */
  readonly droppedBytes: () => number;
};

/** `headLimit` and `tailLimit` in UTF-16 units. No surrogate pair is split. */
export function createBoundedText(headLimit: number, tailLimit: number): BoundedText {
  let head = "";
  let tail: string[] = [];
  let tailLength = 0;
  let dropped = 0;
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
    tail.push(rest);
    tailLength += rest.length;
    if (tailLength > 2 * tailLimit || tail.length > 4_096) compact();
  }

  function compact(): void {
    const all = tail.join("");
    const from = all.length <= tailLimit ? 0 : cutAfter(all, all.length - tailLimit);
    dropped += utf8Length(all.slice(0, from));
    tail = [all.slice(from)];
    tailLength = all.length - from;
  }

  return {
    push,
    text: () => {
      compact();
      const end = tail.join("");
      if (dropped === 0) return head + end;
      return `${head}${head.endsWith("\n") ? "" : "\n"}[... ${dropped} bytes were dropped here to bound memory ...]\n${end}`;
    },
    droppedBytes: () => {
      compact();
      return dropped;
    },
  };
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
