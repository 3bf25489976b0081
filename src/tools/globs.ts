/** Patterns for file names, as ripgrep and gitignore write them. Pure. */

import { compileGlob } from "./glob-match";

export type Globs = {
  /** @param relative with `/`; to the folder that is looked through, and to the workspace folder where it is below that. */
  readonly matches: (relative: string, fromRoot?: string) => boolean;
  /** Arguments that let ripgrep leave out most of what does not match. What they let through still needs `matches`. */
  readonly arguments: readonly string[];
};

/**
 * A pattern without `/` is a name in any folder, one with it a path; `!` before it excludes, with all that is below.
 * `*` and `?` stand for any characters but `/`, `**` for any folders, `[a-z]` and `{a,b}` for one of several.
 * Without an including pattern all files match.
 *
 * Including patterns do not become `--glob`: that would bring back what ignore files leave out. A type only narrows.
 */
export function createGlobs(patterns: readonly string[], ignoreCase = false): Globs {
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!"));
  const unwanted = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const included = wanted.map((pattern) => compileGlob(pattern.replace(/\/$/, "/**"), ignoreCase));
  const excluded = unwanted.map((pattern) => compileGlob(pattern.replace(/\/(?:\*\*)?$/, ""), ignoreCase));
  const isIncluded = (path: string): boolean => included.some((one) => one(path));
  const isExcluded = (path: string): boolean =>
    excluded.length > 0 && withFolders(path).some((part) => excluded.some((one) => one(part)));
  return {
    matches: (relative, fromRoot) =>
      (included.length === 0 || isIncluded(relative) || (fromRoot !== undefined && isIncluded(fromRoot))) &&
      !isExcluded(relative) &&
      !(fromRoot !== undefined && isExcluded(fromRoot)),
    arguments: ignoreCase
      ? []
      : [...typeArguments(wanted), ...unwanted.filter(isPlainName).flatMap((name) => ["--glob", `!${name}`])],
  };
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function withFolders(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

const isPlainName = (pattern: string): boolean => /^[\w.*-]+$/.test(pattern) && !pattern.includes("**");

/** Types know file names only; a pattern whose last part says nothing about the name makes them useless. */
function typeArguments(wanted: readonly string[]): readonly string[] {
  const names = wanted.map((pattern) => pattern.slice(pattern.lastIndexOf("/") + 1));
  const areUsable =
    names.length > 0 &&
    wanted.every((pattern) => !/\{[^}]*\//.test(pattern)) &&
    names.every((name) => /^(?:[\w.*-]|\{[\w.*,-]*\})+$/.test(name) && !/^\*+$/.test(name));
  if (!areUsable) return [];
  return [...names.flatMap((name) => ["--type-add", `wanted:${name.replace(/\*+/g, "*")}`]), "--type", "wanted"];
}
