/** Where two texts differ, line by line, and what comes of two changes of one text. Pure, bounded in time. */
import { diffArrays } from "diff";

/** The lines from `from` up to `to` (from 0, `to` not included) become `lines`. */
export type LineChange = { readonly from: number; readonly to: number; readonly lines: readonly string[] };

/** More changes than this are one replaced block: the cost grows with the square of their number. */
const MAX_CHANGES = 500;

/** The lines of a text, each with its line break; joined they are the text again. */
export function splitLines(text: string): readonly string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** What makes `before` into `after`, in order; no two of the changes touch. */
export function lineChanges(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  if (old.length === 0 && fresh.length === 0) return [];
  const parts = diffArrays([...old], [...fresh], { maxEditLength: MAX_CHANGES });
  if (parts === undefined) return [{ from: head, to: head + old.length, lines: fresh }];
  const changes: LineChange[] = [];
  let at = head;
  let open: { from: number; to: number; lines: string[] } | undefined;
  for (const { added, removed, value } of parts) {
    if (!added && !removed) {
      if (open !== undefined) changes.push(open);
      open = undefined;
      at += value.length;
      continue;
    }
    open ??= { from: at, to: at, lines: [] };
    if (added) open.lines.push(...value);
    else {
      at += value.length;
      open.to = at;
    }
  }
  if (open !== undefined) changes.push(open);
  return changes;
}

/**
 * Both changes of `base` in one text, or nothing where they meet: at the same lines, or with no unchanged line between
 * them. The same change on both sides counts once.
 */
export function merge(base: string, ours: string, theirs: string): string | undefined {
  if (ours === base || ours === theirs) return theirs;
  if (theirs === base) return ours;
  const lines = splitLines(base);
  const mine = lineChanges(lines, splitLines(ours));
  const other = lineChanges(lines, splitLines(theirs));
  const own = other.filter((change) => !mine.some((one) => isSame(one, change)));
  if (own.some((change) => mine.some((one) => one.from <= change.to && change.from <= one.to))) return undefined;
  return applied(
    lines,
    [...mine, ...own].sort((a, b) => a.from - b.from),
  ).join("");
}

function isSame(a: LineChange, b: LineChange): boolean {
  return (
    a.from === b.from && a.to === b.to && a.lines.length === b.lines.length && a.lines.every((l, i) => l === b.lines[i])
  );
}

function applied(lines: readonly string[], changes: readonly LineChange[]): readonly string[] {
  const result: string[] = [];
  let at = 0;
  for (const change of changes) {
    for (; at < change.from; at++) result.push(lines[at] ?? "");
    for (const line of change.lines) result.push(line);
    at = change.to;
  }
  for (; at < lines.length; at++) result.push(lines[at] ?? "");
  return result;
}
