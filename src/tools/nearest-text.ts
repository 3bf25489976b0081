/** The place of a text that is most like one that was looked for in vain. Pure; its time grows with the text alone. */

export type Nearest = { /** From 1. */ readonly line: number; readonly lines: readonly string[] };

/** Lines of the place that are given, and characters of each: enough to copy from or to see that it is another one. */
const MAX_LINES = 20;
const MAX_CHARACTERS = 200;
/** A line that occurs more often says nothing about the place. */
const COMMON = 50;
/** How much of the words of a line must be shared where no line is the same. */
const ENOUGH = 0.5;

/** @returns nothing where nothing is alike. Blanks do not count. */
export function nearestText(text: string, wanted: string): Nearest | undefined {
  const lines = text.split("\n");
  const sought = wanted.replace(/\n+$/, "").split("\n");
  const start = bySameLines(lines, sought) ?? byWords(lines, sought);
  if (start === undefined) return undefined;
  const shown = lines.slice(start, start + Math.min(sought.length, MAX_LINES));
  return { line: start + 1, lines: shown.map(cut) };
}

/** Each line that is the same votes for where the text would begin. */
function bySameLines(lines: readonly string[], sought: readonly string[]): number | undefined {
  const places = new Map<string, number[]>();
  lines.forEach((line, at) => {
    const key = squeeze(line);
    if (!/\w/.test(key)) return;
    const known = places.get(key);
    if (known === undefined) places.set(key, [at]);
    else if (known.length <= COMMON) known.push(at);
  });
  const votes = new Map<number, number>();
  sought.forEach((line, at) => {
    const found = places.get(squeeze(line)) ?? [];
    if (found.length > COMMON) return;
    for (const place of found) {
      const start = Math.max(0, place - at);
      votes.set(start, (votes.get(start) ?? 0) + 1);
    }
  });
  return best(votes);
}

/** The line that shares most words with the longest one that is sought. */
function byWords(lines: readonly string[], sought: readonly string[]): number | undefined {
  const longest = sought.reduce((most, line, at) => (line.length > (sought[most] ?? "").length ? at : most), 0);
  const wanted = wordsOf(sought[longest] ?? "");
  if (wanted.size === 0) return undefined;
  const shares = new Map<number, number>();
  lines.forEach((line, at) => {
    const words = wordsOf(line);
    const both = [...words].filter((word) => wanted.has(word)).length;
    const share = (2 * both) / (words.size + wanted.size);
    if (share >= ENOUGH) shares.set(at, share);
  });
  const line = best(shares);
  return line === undefined ? undefined : Math.max(0, line - longest);
}

/** The first of those with most. */
function best(scores: ReadonlyMap<number, number>): number | undefined {
  let found: number | undefined;
  for (const [place, score] of scores) {
    const most = found === undefined ? 0 : (scores.get(found) ?? 0);
    if (score > most || (score === most && place < (found ?? 0))) found = place;
  }
  return found;
}

const squeeze = (line: string): string => line.replace(/\s+/g, "");

/** A long line is judged by its beginning. */
const wordsOf = (line: string): ReadonlySet<string> => new Set(line.slice(0, 1_000).match(/\w+/g) ?? []);

function cut(line: string): string {
  const plain = line.replace(/\r$/, "");
  return plain.length <= MAX_CHARACTERS ? plain : `${plain.slice(0, MAX_CHARACTERS)}…`;
}
