/** One search by ripgrep: from what is asked to the first finds and how many there are. */
import path from "node:path";
import { createFoundFiles, type FoundFile } from "./found-files";
import { createGlobs, type Globs } from "./globs";
import { splitRecords } from "./records";
import { readLines } from "./search-lines";
import type { Resolved, RipgrepEnd, Workspace } from "./types";
import { whichFiles } from "./which-files";

export type Query = {
  readonly pattern: string;
  readonly output: "lines" | "files" | "counts";
  readonly literal: boolean;
  readonly ignoreCase: boolean;
  readonly globs: readonly string[];
  readonly context: number;
  readonly ignored: boolean;
  /** So many finds by path are kept: matches for lines, else files. */
  readonly wanted: number;
  readonly signal: AbortSignal;
  /** Of a real path. */
  readonly mayRead: (path: string) => boolean;
};

export type Found = {
  readonly kind: "found";
  readonly query: Query;
  readonly isFile: boolean;
  readonly files: readonly FoundFile[];
  readonly totalFiles: number;
  readonly totalMatches: number;
  /** Why there may be more than the totals say. */
  readonly cut?: "time" | "number";
  readonly binary: number;
  /** Files with matches that a rule withholds. */
  readonly withheld: number;
  /** What ripgrep could not read, in its words. */
  readonly errors: string;
};

export type Searched =
  | Found
  | { readonly kind: "nowhere" | "no-ripgrep" | "cancelled" }
  | { readonly kind: "bad-pattern"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/** A search of a large repository takes about a second; one of a slow network disk may take longer. */
export const SEARCH_MS = 30_000;
/** A pattern that finds more is no search any more; the reading ends there. */
export const MOST_MATCHES = 100_000;
const MAX_PATH_BYTES = 100_000;

/** @param where from `resolve`: everything below it is searched, links not followed. */
export async function ranSearch(workspace: Workspace, where: Resolved, query: Query): Promise<Searched> {
  const kind = await workspace.look(where.path);
  if (kind === "missing") return { kind: "nowhere" };
  if (kind !== "folder" && kind !== "file") return { kind: "failed", message: "it is neither a file nor a folder." };
  const found = createFoundFiles(query.wanted, query.output === "lines" ? (file) => file.matches : () => 1);
  const globs = createGlobs(query.globs);
  const fits = createFilter(globs, workspace, where, kind);
  let withheld = 0;
  const onFile = (file: FoundFile): boolean => {
    if (fits(file.path)) {
      if (query.mayRead(kind === "file" ? where.path : path.join(where.path, file.path))) found.add(file);
      else withheld += 1;
    }
    return found.matches() < MOST_MATCHES;
  };
  const reader = readerFor(query, onFile);
  const place = kind === "folder" ? "./" : `./${path.basename(where.path)}`;
  const which = await whichFiles(workspace, where, query.ignored);
  const args = [...argumentsFor(query), ...which, ...globs.arguments, "--", query.pattern, place];
  const end = await workspace.ripgrep(args, {
    cwd: kind === "folder" ? where.path : path.dirname(where.path),
    timeoutMs: SEARCH_MS,
    signal: query.signal,
    onBytes: reader.push,
  });
  const failed = failure(end, found.files() === 0);
  if (failed !== undefined) return failed;
  return {
    kind: "found",
    query,
    isFile: kind === "file",
    files: found.first(),
    totalFiles: found.files(),
    totalMatches: found.matches(),
    ...(end.kind === "timeout" ? { cut: "time" } : end.kind === "enough" ? { cut: "number" } : {}),
    binary: reader.binary(),
    withheld,
    errors: end.kind === "ended" && end.exitCode === 2 ? end.errors : "",
  };
}

/** Takes paths relative to the folder that is looked through; of a single file its name. */
export function createFilter(
  globs: Globs,
  workspace: Workspace,
  where: Resolved,
  kind: "file" | "folder",
): (relative: string) => boolean {
  const folder = path.relative(workspace.root, kind === "folder" ? where.path : path.dirname(where.path));
  if (!where.inside || folder === "") return (relative) => globs.matches(relative);
  const fromRoot = folder.split(path.sep).join("/");
  return (relative) => globs.matches(relative, `${fromRoot}/${relative}`);
}

function argumentsFor({ output, literal, ignoreCase, context, pattern }: Query): readonly string[] {
  return [
    ...{
      lines: ["--json"],
      files: ["--files-with-matches", "--null"],
      counts: ["--count", "--null", "--with-filename"],
    }[output],
    ...(literal ? ["--fixed-strings"] : ["--engine", "auto"]),
    ignoreCase ? "--ignore-case" : "--case-sensitive",
    ...(context === 0 ? [] : ["--context", String(context)]),
    ...(/\n|\\n/.test(pattern) ? ["--multiline"] : []),
    "--crlf",
    "--no-search-zip",
  ];
}

type Reader = { readonly push: (bytes: Uint8Array) => boolean; readonly binary: () => number };

function readerFor({ output, wanted }: Query, onFile: (file: FoundFile) => boolean): Reader {
  const none = () => 0;
  const clean = (name: string): string => name.replace(/^\.\//, "");
  switch (output) {
    case "lines":
      return readLines(wanted, MOST_MATCHES, onFile);
    case "files":
      return {
        ...splitRecords(0, MAX_PATH_BYTES, (name = "") => onFile({ path: clean(name), matches: 1, lines: [] })),
        binary: none,
      };
    case "counts": {
      let begun = ""; // a name may hold line breaks
      const take = (record = ""): boolean => {
        const [name = "", number] = `${begun}${record}`.split("\0");
        begun = number === undefined ? `${name}\n` : "";
        return number === undefined || onFile({ path: clean(name), matches: Number(number), lines: [] });
      };
      return { ...splitRecords(10, MAX_PATH_BYTES, take), binary: none };
    }
  }
}

function failure(end: RipgrepEnd, isEmpty: boolean): Exclude<Searched, Found> | undefined {
  switch (end.kind) {
    case "missing":
      return { kind: "no-ripgrep" };
    case "cancelled":
      return { kind: "cancelled" };
    case "failed":
      return { kind: "failed", message: end.message };
    case "ended": {
      if (end.exitCode !== 2 || !isEmpty) return undefined;
      // What concerns one file says nothing of the pattern: PCRE2 does not read every encoding.
      const lines = end.errors.replaceAll(/^rg: /gm, "").split("\n");
      const message = lines
        .filter((line) => !line.startsWith("./"))
        .join("\n")
        .trim();
      if (/regex|pcre|pattern|literal/i.test(message)) return { kind: "bad-pattern", message };
      return /\bflag\b|\bargument/i.test(message) ? { kind: "failed", message } : undefined;
    }
    case "enough":
    case "timeout":
      return undefined;
  }
}
