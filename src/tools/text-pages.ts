/** A text of any length in pages: ranges of numbered lines, and slices of one long line. Pure. */
import type { Arguments } from "./arguments";
import { failure, optionalNumber } from "./tool-helpers";
import { count } from "./truncate";
import type { OutputLimits, ToolOutput } from "./types";

export const DEFAULT_LINES = 500;
export const MAX_LINES = 5_000;
export const MAX_LINE = 2_000;
/** About 15,000 tokens; where a range is longer, the output ends earlier, at a line, and says how to go on. */
export const MAX_CHARACTERS = 60_000;
/** Of one line, about 5,000 tokens. */
export const MAX_SLICE = 20_000;
const LIMITS: OutputLimits = { characters: MAX_CHARACTERS + 4_000, lines: MAX_LINES + 10 };

/** What to read, as the tools that page take it. */
export type PageRange = {
  /** The first line, from 1. Default 1. */
  readonly offset?: number;
  readonly limit?: number;
  /** Read this one line from here on, from 1. */
  readonly column?: number;
};

/** From arguments that fit `PAGE_PROPERTIES`. */
export function pageRange(args: Arguments): PageRange {
  const [offset, limit, column] = ["offset", "limit", "column"].map((name) => optionalNumber(args, name));
  return {
    ...(offset === undefined ? {} : { offset }),
    ...(limit === undefined ? {} : { limit }),
    ...(column === undefined ? {} : { column }),
  };
}

/** The properties of a schema for it. */
export const PAGE_PROPERTIES = {
  offset: { type: "integer", minimum: 1, description: "The first line to read, counted from 1. Default 1." },
  limit: {
    type: "integer",
    minimum: 1,
    maximum: MAX_LINES,
    description: `How many lines to read. Default ${DEFAULT_LINES}, at most ${MAX_LINES}.`,
  },
  column: {
    type: "integer",
    minimum: 1,
    description: `For one very long line: read line offset alone, from this character on, counted from 1; ${count(MAX_SLICE)} characters come at once.`,
  },
} as const;

/** @param shown what the text is called. @param notes what else the header says of it. */
export function readPage(text: string, range: PageRange, shown: string, notes: readonly string[]): ToolOutput {
  if (text === "") return { text: `[${shown}: the file is empty]`, isError: false, summary: "empty" };
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const { offset = 1, column } = range;
  if (offset > lines.length) {
    return failure(
      `${shown} has only ${plural(lines.length, "line")}; offset ${count(offset)} is past its end. Read again with a smaller offset.`,
      "past the end",
    );
  }
  const line = withoutReturn(lines[offset - 1] ?? "");
  return column === undefined
    ? page(lines, { ...range, offset }, shown, notes)
    : slice(line, { line: offset, of: lines.length, column }, shown, notes);
}

function page(
  lines: readonly string[],
  { offset, limit = DEFAULT_LINES }: PageRange & { readonly offset: number },
  shown: string,
  notes: readonly string[],
): ToolOutput {
  const out: string[] = [];
  let length = 0;
  for (let number = offset; number < offset + limit && number <= lines.length; number++) {
    const line = `${number}\t${cut(withoutReturn(lines[number - 1] ?? ""), number)}`;
    length += line.length + 1;
    if (length > MAX_CHARACTERS && out.length > 0) break;
    out.push(line);
  }
  const last = offset + out.length - 1;
  const range =
    offset === 1 && last === lines.length
      ? plural(lines.length, "line")
      : `lines ${offset}-${last} of ${count(lines.length)}`;
  const more = last < lines.length ? [`go on with offset ${last + 1}`] : [];
  return {
    text: `[${[`${shown}: ${range}`, ...more, ...notes].join("; ")}]\n${out.join("\n")}`,
    isError: false,
    summary: plural(out.length, "line"),
    limits: LIMITS,
  };
}

function slice(
  line: string,
  { line: number, of, column }: { readonly line: number; readonly of: number; readonly column: number },
  shown: string,
  notes: readonly string[],
): ToolOutput {
  if (column > Math.max(1, line.length)) {
    return failure(
      `Line ${number} of ${shown} has only ${plural(line.length, "character")}; column ${count(column)} is past its end.`,
      "past the end",
    );
  }
  const from = whole(line, column - 1);
  const to = whole(line, Math.min(line.length, from + MAX_SLICE));
  const place = `line ${number} of ${count(of)}, columns ${from + 1}-${to} of ${count(line.length)}`;
  const more = to < line.length ? [`go on with offset ${number} and column ${to + 1}`] : [];
  return {
    text: `[${[`${shown}: ${place}`, ...more, ...notes].join("; ")}]\n${line.slice(from, to)}`,
    isError: false,
    summary: plural(to - from, "character"),
    limits: LIMITS,
  };
}

function cut(line: string, number: number): string {
  if (line.length <= MAX_LINE) return line;
  const end = whole(line, MAX_LINE);
  return `${line.slice(0, end)}[... ${count(line.length - end)} more characters on this line: go on with offset ${number} and column ${end + 1} ...]`;
}

/** Not between the halves of a surrogate pair. */
function whole(text: string, at: number): number {
  return at > 0 && at < text.length && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}

const withoutReturn = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);

function plural(number: number, word: string): string {
  return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}
