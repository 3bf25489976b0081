/** Shortens an output once, when its row is written: what was sent to a model never changes later. */
import type { OutputLimits } from "./types";

/** Source of the figures: they hold a long compiler run's first error and its summary, at about 2,500 tokens. */
export const DEFAULT_LIMITS: OutputLimits = { characters: 10_000, lines: 500 };

/** Room that the sentence in the middle may take; `characters` below twice this are treated as that much. */
const NOTICE_ROOM = 320;

/** Where what was left out begins: a line, and where in it when that is not its beginning. Both from 1. */
export type CutPlace = { readonly line: number; readonly column?: number };

/** How to get at what was left out, in at most 130 characters. */
export type ReadOn = (place: CutPlace) => string;

const ASK_LESS: ReadOn = () =>
  "To see more, ask for less at a time: a range of lines, or a command that prints only the part that matters (grep, head, tail).";

export function isTooLong(text: string, limits: OutputLimits = DEFAULT_LIMITS): boolean {
  return text.length > limits.characters || lineStarts(text).length > limits.lines;
}

/**
 * Keeps the head and the tail of `text`, and says between them what was left out and how to get it.
 * The result is never longer than `limits.characters` (at least 640) and never splits a surrogate pair.
 * It has at most `limits.lines` lines and the one of the notice. A text within the limits stays as it is.
 */
export function truncateForModel(text: string, limits: OutputLimits = DEFAULT_LIMITS, readOn = ASK_LESS): string {
  if (!isTooLong(text, limits)) return text;
  const starts = lineStarts(text);
  const room = Math.floor((Math.max(limits.characters, 2 * NOTICE_ROOM) - NOTICE_ROOM) / 2);
  const half = Math.max(1, Math.floor(limits.lines / 2));
  const headEnd = endOfHead(text, starts, room, half);
  const tailStart = startOfTail(text, starts, room, half, headEnd);
  const notice = describeCut(text, starts, { from: headEnd, to: tailStart }, readOn);
  const head = text.slice(0, headEnd);
  const before = head === "" || head.endsWith("\n") ? head : `${head}\n`;
  return `${before}${notice}\n${text.slice(tailStart)}`;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1 && at + 1 < text.length; at = text.indexOf("\n", at + 1))
    starts.push(at + 1);
  return starts;
}

/** The end of a line where that costs less than half of the room, else within a line. */
function endOfHead(text: string, starts: readonly number[], room: number, lines: number): number {
  const limit = Math.min(room, starts[lines] ?? text.length);
  if (starts[lines] === limit) return limit;
  const whole = text.lastIndexOf("\n", limit - 1) + 1;
  return whole > room / 2 ? whole : beforePair(text, limit);
}

function startOfTail(text: string, starts: readonly number[], room: number, lines: number, headEnd: number): number {
  const limit = Math.max(text.length - room, starts[starts.length - lines] ?? 0, headEnd);
  const at = limit === 0 || text[limit - 1] === "\n" ? limit : text.indexOf("\n", limit) + 1;
  const isLineNear = at > 0 && text.length - at > room / 2;
  return isLineNear ? at : afterPair(text, limit);
}

function describeCut(
  text: string,
  starts: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
  readOn: ReadOn,
): string {
  const [first, last] = [lineAt(starts, from), lineAt(starts, to - 1)];
  const isWhole = starts.includes(from) && (to >= text.length || text[to - 1] === "\n");
  const lines = first === last ? `line ${first}` : `lines ${first}-${last}`;
  const where = isWhole ? `${lines} of ${starts.length}` : `within ${lines} of ${starts.length}`;
  const column = from - (starts[first - 1] ?? 0) + 1;
  const how = readOn(column === 1 ? { line: first } : { line: first, column });
  return `[... ${count(to - from)} characters left out here: ${where}. ${how} ...]`;
}

/** 1-based line of an offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

function beforePair(text: string, at: number): number {
  return splitsPair(text, at) ? at - 1 : at;
}

function afterPair(text: string, at: number): number {
  return splitsPair(text, at) ? at + 1 : at;
}

function splitsPair(text: string, at: number): boolean {
  return isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** `1,234`: the same on every machine, whatever its locale. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
