/** A long text as its beginning and its end, so that both are always in sight. */

export type Excerpt = {
  readonly head: string;
  /** Absent: `head` is everything. */
  readonly tail?: string;
  readonly hiddenLines: number;
  readonly hiddenCharacters: number;
};

export type Limits = { readonly lines: number; readonly characters: number };

/** Keeps two thirds of the limits for the beginning, one third for the end. */
export function excerpt(text: string, limits: Limits): Excerpt {
  const lines = text.split("\n");
  if (lines.length <= limits.lines && text.length <= limits.characters) {
    return { head: text, hiddenLines: 0, hiddenCharacters: 0 };
  }
  const headLines = Math.ceil((limits.lines * 2) / 3);
  const isLong = lines.length > limits.lines;
  const first = isLong ? lines.slice(0, headLines).join("\n") : text;
  const last = isLong ? lines.slice(-(limits.lines - headLines)).join("\n") : text;
  const headSize = Math.ceil((limits.characters * 2) / 3);
  const head = wholeCharacters(first.slice(0, headSize));
  // The end must not repeat what the beginning shows.
  const tailSize = Math.min(last.length, limits.characters - headSize, text.length - head.length);
  const tail = wholeCharacters(last.slice(last.length - tailSize));
  const hidden = text.slice(head.length, text.length - tail.length);
  return { head, tail, hiddenLines: hidden.split("\n").length - 1, hiddenCharacters: hidden.length };
}

/** A cut must not leave half of a character at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\udc00-\udfff]/, "").replace(/[\ud800-\udbff]$/, "");
}
