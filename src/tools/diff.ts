/** Line diffs for the cards. Bounded in time and size whatever the texts are. */
import { diffArrays } from "diff";
import type { DiffLine } from "../chunks/protocol";
import { count } from "./truncate";

export type LineDiff = { readonly added: number; readonly removed: number; readonly lines: readonly DiffLine[] };

export type DiffOptions = {
  /** Unchanged lines shown around each change. Default 3. */
  readonly context?: number;
  /** Entries of `lines` at most; one more, a `gap`, says how many are missing. Default 400. */
  readonly maxLines?: number;
  /** Characters of a line at most, the rest is counted in a mark. Default 2,000. */
  readonly maxCharacters?: number;
  /** Characters of all lines together at most; the rest counts as lines that are missing. Default 1,000,000. */
  readonly maxTotal?: number;
};

/** More changes than this are shown as one replaced block: the cost grows with the square of their number. */
const MAX_CHANGES = 500;

/**
 * Compares line by line. `added` and `removed` count all changed lines, also those that `lines` does not show.
 * A final line break is not a line of its own; where only one side has it, a `gap` line says so.
 * Line ends in `\r` are left out when both texts use CRLF throughout.
 */
export function diffLines(before: string, after: string, options: DiffOptions = {}): LineDiff {
  const sides = split(before, after);
  const context = options.context ?? 3;
  const { lead, steps, trail } = compare(sides.before, sides.after, context);
  const added = steps.reduce((sum, step) => sum + (step.kind === "add" ? 1 : 0), 0);
  const removed = steps.reduce((sum, step) => sum + (step.kind === "remove" ? 1 : 0), 0);
  const folded = [...gap(1, lead), ...fold(steps, context), ...gap(sides.after.length - trail + 1, trail)];
  return { added, removed, lines: shorten(explain(folded, sides), options) };
}

type Sides = {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Whether that side lacks a final line break while the other has one (or the text of both differs in it). */
  readonly bareBefore: boolean;
  readonly bareAfter: boolean;
};

function split(before: string, after: string): Sides {
  const strip = isCrlf(before) && isCrlf(after);
  const [old, fresh] = [linesOf(before, strip), linesOf(after, strip)];
  const differ = before !== "" && after !== "" && old.bare !== fresh.bare;
  return {
    before: old.lines,
    after: fresh.lines,
    bareBefore: differ && old.bare,
    bareAfter: differ && fresh.bare,
  };
}

/** True for a text with at least one CRLF and no LF or CR alone. */
export function isCrlf(text: string): boolean {
  return text.includes("\r\n") && !/[^\r]\n|^\n|\r(?!\n)/.test(text);
}

function linesOf(text: string, strip: boolean): { readonly lines: readonly string[]; readonly bare: boolean } {
  if (text === "") return { lines: [], bare: false };
  const bare = !text.endsWith("\n");
  const lines = (bare ? text : text.slice(0, -1)).split("\n");
  return { lines: strip ? lines.map((line) => line.replace(/\r$/, "")) : lines, bare };
}

/** What differs with its context; `lead` and `trail` are the unchanged lines before and behind it. */
type Compared = { readonly lead: number; readonly steps: readonly DiffLine[]; readonly trail: number };

function compare(before: readonly string[], after: readonly string[], context: number): Compared {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const middle = changesOf(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  const [lead, trail] = [Math.max(0, head - context), Math.max(0, tail - context)];
  const steps: DiffLine[] = after.slice(lead, head).map((text, i) => ({ kind: "same", line: lead + i + 1, text }));
  let [old, fresh] = [head, head];
  const push = (kind: "same" | "add" | "remove", texts: readonly string[]): void => {
    for (const text of texts) {
      if (kind !== "add") old++;
      if (kind !== "remove") fresh++;
      steps.push({ kind, line: kind === "remove" ? old : fresh, text });
    }
  };
  for (const change of middle) push(change.kind, change.texts);
  push("same", after.slice(after.length - tail, after.length - trail));
  return { lead, steps, trail };
}

function gap(line: number, length: number): readonly DiffLine[] {
  return length === 0 ? [] : [{ kind: "gap", line, text: `${count(length)} unchanged ${plural(length)}` }];
}

type Change = { readonly kind: "same" | "add" | "remove"; readonly texts: readonly string[] };

function changesOf(before: readonly string[], after: readonly string[]): readonly Change[] {
  // Numbers compare faster than long lines that share a beginning.
  const ids = new Map<string, number>();
  const idOf = (line: string): number => {
    const known = ids.get(line) ?? ids.size;
    ids.set(line, known);
    return known;
  };
  const parts = diffArrays(before.map(idOf), after.map(idOf), { maxEditLength: MAX_CHANGES });
  if (parts === undefined) {
    return [
      { kind: "remove", texts: before },
      { kind: "add", texts: after },
    ];
  }
  let [old, fresh] = [0, 0];
  return parts.map(({ added, removed, count: length }): Change => {
    const texts = removed ? before.slice(old, old + length) : after.slice(fresh, fresh + length);
    if (!added) old += length;
    if (!removed) fresh += length;
    return { kind: removed ? "remove" : added ? "add" : "same", texts };
  });
}

function fold(steps: readonly DiffLine[], context: number): readonly DiffLine[] {
  const keep = new Uint8Array(steps.length);
  let lastChange = Number.NEGATIVE_INFINITY;
  steps.forEach((step, i) => {
    if (step.kind !== "same") lastChange = i;
    if (i - lastChange <= context) keep[i] = 1;
  });
  let nextChange = Number.POSITIVE_INFINITY;
  for (let i = steps.length - 1; i >= 0; i--) {
    if (steps[i]?.kind !== "same") nextChange = i;
    if (nextChange - i <= context) keep[i] = 1;
  }
  const lines: DiffLine[] = [];
  let skipped: DiffLine | undefined;
  let length = 0;
  const close = (): void => {
    if (skipped) lines.push(...gap(skipped.line, length));
    [skipped, length] = [undefined, 0];
  };
  steps.forEach((step, i) => {
    if (keep[i] === 1) {
      close();
      lines.push(step);
    } else {
      skipped ??= step;
      length++;
    }
  });
  close();
  return lines;
}

/** Says which side has no final line break, the one change that no line shows. */
function explain(lines: readonly DiffLine[], sides: Sides): readonly DiffLine[] {
  if (sides.bareAfter) {
    return [...lines, { kind: "gap", line: sides.after.length, text: "the new text has no line break at its end" }];
  }
  if (sides.bareBefore) {
    return [...lines, { kind: "gap", line: sides.after.length, text: "the old text had no line break at its end" }];
  }
  return lines;
}

function shorten(lines: readonly DiffLine[], options: DiffOptions): readonly DiffLine[] {
  const most = options.maxLines ?? 400;
  const longest = options.maxCharacters ?? 2_000;
  const short = lines.slice(0, most).map((line) => (line.text.length <= longest ? line : cutLine(line, longest)));
  let left = options.maxTotal ?? 1_000_000;
  const over = short.findIndex((line) => {
    left -= line.text.length;
    return left < 0;
  });
  const shown = over < 0 ? short : short.slice(0, over);
  const next = lines[shown.length];
  if (next === undefined) return shown;
  const more = lines.length - shown.length;
  return [...shown, { kind: "gap", line: next.line, text: `${count(more)} more ${plural(more)} not shown here` }];
}

function cutLine(line: DiffLine, longest: number): DiffLine {
  return { ...line, text: `${line.text.slice(0, longest)}… (${count(line.text.length - longest)} more characters)` };
}

const plural = (length: number): string => (length === 1 ? "line" : "lines");
