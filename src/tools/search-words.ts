/** What a search has found, as the model reads it. Pure. */
import type { FoundFile, FoundLine } from "./found-files";
import { type Found, MOST_MATCHES, SEARCH_MS } from "./search-run";
import { showName } from "./tool-helpers";
import { count } from "./truncate";

export type Window = {
  /** The first find to show, from 1, and how many. */
  readonly offset: number;
  readonly limit: number;
  /** What was searched, as the person sees it. */
  readonly shown: string;
  /** The text is about this long at most. */
  readonly characters: number;
};

export function showFound(found: Found, window: Window): { readonly text: string; readonly summary: string } {
  const isLines = found.query.output === "lines";
  const total = isLines ? found.totalMatches : found.totalFiles;
  const { body, last } = isLines ? linesOf(found, window) : filesOf(found, window);
  const text = [headerOf(found, window, total, last), ...body, ...notesOf(found, total)].join("\n");
  return { text, summary: summaryOf(found) };
}

type Body = { readonly body: readonly string[] /** Number of the last find that is shown. */; readonly last: number };

function filesOf(found: Found, { offset, limit, shown, characters }: Window): Body {
  const body: string[] = [];
  let room = characters;
  for (const file of found.files.slice(offset - 1, offset - 1 + limit)) {
    const name = found.isFile ? shown : pathOf(shown, file.path);
    const line = found.query.output === "counts" ? `${name}: ${count(file.matches)}` : name;
    room -= line.length + 1;
    if (room < 0 && body.length > 0) break;
    body.push(line);
  }
  return { body, last: offset + body.length - 1 };
}

function linesOf({ files, query, isFile }: Found, { offset, limit, shown, characters }: Window): Body {
  const body: string[] = [];
  let room = characters;
  let last = offset - 1;
  let before = 0;
  for (const file of files) {
    const chosen = choose(file, offset - before, offset - before + limit - 1, query.context);
    const from = before;
    before += file.matches;
    if (chosen.length === 0) continue;
    const name = isFile ? shown : pathOf(shown, file.path);
    let previous: number | undefined;
    let isNamed = false;
    for (const { line, match } of chosen) {
      const gap = query.context > 0 && previous !== undefined && line.number > previous + 1 ? ["--"] : [];
      const head = isNamed ? gap : body.length === 0 ? [name] : ["", name];
      const lines = [...head, `${line.number}${line.isMatch ? ":" : "-"}${line.text}`];
      room -= lines.reduce((sum, one) => sum + one.length + 1, 0);
      if (room < 0 && last >= offset) return { body, last };
      body.push(...lines);
      isNamed = true;
      previous = line.number;
      if (match !== undefined) last = from + match;
    }
  }
  return { body, last };
}

type Chosen = {
  readonly line: FoundLine /** Its number among the matches of the file, from 1. */;
  readonly match?: number;
};

/** The matches from one to another, and the lines around these. */
function choose(file: FoundFile, from: number, to: number, context: number): readonly Chosen[] {
  if (to < 1 || from > file.matches) return [];
  let match = 0;
  const all = file.lines.map((line): Chosen => (line.isMatch ? { line, match: ++match } : { line }));
  const isIn = ({ match }: Chosen): boolean => match !== undefined && match >= from && match <= to;
  const first = all.findIndex(isIn);
  const last = all.findLastIndex(isIn);
  if (first === -1) return [];
  const [low, high] = [(all[first]?.line.number ?? 0) - context, (all[last]?.line.number ?? 0) + context];
  const lead = all.slice(0, first).filter(({ line }) => !line.isMatch && line.number >= low);
  const rest = all.slice(last + 1);
  const next = rest.findIndex(({ line }) => line.isMatch);
  const tail = (next === -1 ? rest : rest.slice(0, next)).filter(({ line }) => context === 0 || line.number <= high);
  return [...lead, ...all.slice(first, last + 1), ...tail];
}

function headerOf(found: Found, { offset, shown }: Window, total: number, last: number): string {
  const { pattern } = found.query;
  const what = `${JSON.stringify(pattern.length > 100 ? `${pattern.slice(0, 100)}...` : pattern)} in ${shown}`;
  if (total === 0) return `[no match for ${what}]`;
  const [matches, files] = [plural(found.totalMatches, "match", "matches"), plural(found.totalFiles, "file", "files")];
  const atLeast = found.cut === undefined ? "" : "at least ";
  const all = found.query.output === "files" ? `${atLeast}${files}` : `${atLeast}${matches} in ${files}`;
  const one = found.query.output === "lines" ? "match" : "file";
  if (last < offset) return `[${what}: ${all}; offset ${offset} is past the end]`;
  if (offset === 1 && last >= total && found.cut === undefined) return `[${what}: ${all}]`;
  const go = last < total ? `; go on with offset ${last + 1}, or narrow the search by path, globs or pattern` : "";
  return `[${what}: ${all}; ${one} ${offset}-${last}${go}]`;
}

function notesOf({ cut, query, binary, withheld, errors }: Found, total: number): readonly string[] {
  const notes: string[] = [];
  if (cut === "time") notes.push(`The search was ended after ${SEARCH_MS / 1_000} s: narrow it by path or globs.`);
  if (cut === "number") {
    notes.push(`The search was ended after ${count(MOST_MATCHES)} matches, and these are some of them: narrow it.`);
  }
  if (total === 0 && !query.ignored) notes.push("Ignored files were not searched; include_ignored searches them too.");
  if (withheld > 0)
    notes.push(`${plural(withheld, "file", "files")} with a match left out: a rule of the person withholds them.`);
  if (binary > 0) notes.push(`${plural(binary, "binary file", "binary files")} with a match left out.`);
  if (errors !== "") notes.push(`Not all could be read: ${errors.trim().split("\n").slice(0, 3).join(" ")}`);
  return notes.map((note) => `[${note}]`);
}

function summaryOf({ query, totalFiles, totalMatches, cut }: Found): string {
  const more = cut === undefined ? "" : "+";
  if (totalFiles === 0) return "no matches";
  if (query.output === "files") return `${count(totalFiles)}${more} ${totalFiles === 1 ? "file" : "files"}`;
  return `${count(totalMatches)}${more} ${totalMatches === 1 ? "match" : "matches"}`;
}

/** @param shown the folder that `relative` is in. */
export function pathOf(shown: string, relative: string): string {
  return showName(shown === "." ? relative : `${shown.replace(/\/$/, "")}/${relative}`);
}

function plural(number: number, one: string, many: string): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
