/** What ripgrep prints with --json, as files with their matching lines. Memory is bounded by what is wanted. Pure. */
import type { FoundFile, FoundLine } from "./found-files";
import { splitRecords } from "./records";
import { count } from "./truncate";

/** A longer line is cut around its first match. */
const MAX_LINE = 400;
const BEFORE_MATCH = 120;
/** A match on a longer line is counted, but not shown. */
const MAX_RECORD = 16_000_000;

export type LinesReader = {
  readonly push: (bytes: Uint8Array) => boolean;
  /** Files with a NUL byte that was met behind a match: what was found in them is left out. */
  readonly binary: () => number;
};

/**
 * @param wanted no more matches of one file are kept than this.
 * @param most a file is not read on behind so many.
 * @param onFile gets each file that has matches. False: that was enough.
 */
export function readLines(wanted: number, most: number, onFile: (file: FoundFile) => boolean): LinesReader {
  let path = "";
  let matches = 0;
  let lines: FoundLine[] = [];
  let binary = 0;

  function onRecord(record: string | undefined): boolean {
    const event = record === undefined ? TOO_LONG : parse(record);
    switch (event?.type) {
      case "begin":
        path = textOf(event.data.path).replace(/^\.\//, "");
        matches = 0;
        lines = [];
        return true;
      case "match":
        matches += 1;
        if (matches <= wanted) lines.push(...matchLines(event.data));
        return matches < most || onFile({ path, matches, lines });
      case "context":
        if (matches <= wanted) lines.push(...contextLines(event.data));
        return true;
      case "end":
        if (event.data.binary_offset === undefined || event.data.binary_offset === null)
          return matches === 0 || onFile({ path, matches, lines });
        binary += 1;
        return true;
      default:
        return true;
    }
  }

  const { push } = splitRecords(10, MAX_RECORD, onRecord);
  return { push, binary: () => binary };
}

/** Of an event of ripgrep's: https://docs.rs/grep-printer, *JSON*. Offsets count bytes. */
type Data = {
  readonly path?: Text;
  readonly lines?: Text;
  readonly line_number?: number | null;
  readonly binary_offset?: number | null;
  readonly submatches?: readonly { readonly start: number }[];
};
/** `bytes` (as base64) where it is not UTF-8. */
type Text = { readonly text?: string; readonly bytes?: string };
type Event = { readonly type: string; readonly data: Data };

const TOO_LONG: Event = { type: "match", data: { lines: { text: "[a line that is too long to show]" } } };

function parse(record: string): Event | undefined {
  try {
    const event: Event = JSON.parse(record);
    return typeof event.data === "object" ? event : undefined;
  } catch {
    return undefined;
  }
}

function textOf(text: Text | undefined): string {
  return text?.text ?? Buffer.from(text?.bytes ?? "", "base64").toString();
}

function matchLines(data: Data): readonly FoundLine[] {
  const [first = "", ...more] = split(textOf(data.lines));
  const number = data.line_number ?? 0;
  const starts = (data.submatches ?? []).map((one) => one.start);
  return [
    { number, isMatch: true, text: cutAround(first, starts) },
    ...more.map((text, index) => ({ number: number + index + 1, isMatch: false, text: cutAround(text, []) })),
  ];
}

function contextLines(data: Data): readonly FoundLine[] {
  return split(textOf(data.lines)).map((text, index) => ({
    number: (data.line_number ?? 0) + index,
    isMatch: false,
    text: cutAround(text, []),
  }));
}

function split(lines: string): readonly string[] {
  return (lines.endsWith("\n") ? lines.slice(0, -1) : lines).split(/\r?\n/).map((line) => line.replace(/\r$/, ""));
}

/** @param starts of the matches, in bytes. */
function cutAround(line: string, starts: readonly number[]): string {
  if (line.length <= MAX_LINE) return line;
  const [first = 0] = starts;
  const at = first === 0 ? 0 : Buffer.from(line).subarray(0, first).toString().length;
  const from = whole(line, Math.max(0, Math.min(at - BEFORE_MATCH, line.length - MAX_LINE)));
  const to = whole(line, Math.min(line.length, from + MAX_LINE));
  const others = starts.length > 1 ? `, ${count(starts.length)} matches on this line` : "";
  return `[columns ${count(from + 1)}-${count(to)} of ${count(line.length)}${others}] ${line.slice(from, to)}`;
}

/** Not between the halves of a surrogate pair. */
function whole(text: string, at: number): number {
  return at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}
