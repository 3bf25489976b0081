/** The title that a chat gets from its first message. */
import { firstLetters, plainLine } from "../chunks/plain-line";

const TITLE_LENGTH = 60;
const fence = /^\s*(```|~~~)/;
/** What begins a heading, a quote, a list or a box to tick. */
const marks = /^(?:\s*(?:#{1,6}|>|[-*+]|\d{1,3}[.)]|\[[ xX]\])(?=\s|$))+/;

/**
 * The first line that says something, without the marks of Markdown before it, shortened.
 * @returns nothing when no line does.
 */
export function titleFrom(text: string): string | undefined {
  const beginning = text.slice(0, 10_000);
  const lines = beginning.split(/\r\n|[\n\r\u2028\u2029]/);
  const found = lines
    .filter((line) => !fence.test(line))
    .map(wordsOf)
    .find((line) => /[\p{L}\p{N}\p{S}]/u.test(line));
  const line = found ?? plainLine(beginning);
  return line === "" ? undefined : shortened(withoutScheme(line));
}

function wordsOf(line: string): string {
  const plain = plainLine(line);
  return plain.replace(marks, "").trim();
}

/** Of an address alone the beginning tells nothing. */
function withoutScheme(line: string): string {
  return /^https?:\/\/\S+$/i.test(line) ? line.replace(/^https?:\/\/(www\.)?(?=.)/i, "") : line;
}

function shortened(line: string): string {
  const letters = firstLetters(line, TITLE_LENGTH);
  return letters === line ? line : `${firstLetters(line, TITLE_LENGTH - 1).trimEnd()}…`;
}
