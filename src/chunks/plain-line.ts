/** Text of anyone as one line for a label. Pure. */

/** Colours and moves of a terminal, as they come along when its output is pasted. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const terminal = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;
/** Marks that change the direction of what stands around them, and such that are not seen at all. Joiners stay: emoji need them. */
const unseen = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** @returns the text on one line, without control characters and without marks that would turn the line round. */
export function plainLine(text: string): string {
  return text
    .replaceAll(terminal, "")
    .replaceAll(unseen, "")
    .replaceAll(/(\p{M}{4})\p{M}+/gu, "$1") // accents can be piled up without end
    .replaceAll(/\p{Cs}/gu, "\ufffd") // halves of characters
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** Characters of one letter, at most on average: a family of four takes eleven. */
const LONGEST_LETTER = 16;

/** The first `most` letters as a reader counts them: an emoji of several characters, or a letter with its accents, is one. */
export function firstLetters(text: string, most: number): string {
  let end = 0;
  let count = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, most * LONGEST_LETTER))) {
    if (count === most || end + segment.length > most * LONGEST_LETTER) break;
    end += segment.length;
    count += 1;
  }
  return text.slice(0, end);
}
