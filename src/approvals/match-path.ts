/** Globs on paths, without backtracking: the time is at most the product of both lengths. */

export type GlobOptions = {
  /** Real path of the folder that relative globs begin at. */
  readonly root: string;
  /** For rules that tighten: a disk may not tell cases apart. */
  readonly ignoreCase: boolean;
};

/**
 * `*` is any run of characters within a name, `?` one of them, `**` any number of folders; a glob that names a folder
 * does not stand for what is in it (`src/**` does, and for `src` itself). Either slash separates.
 */
export function matchesGlob(glob: string, absolute: string, { root, ignoreCase }: GlobOptions): boolean {
  const written = slashes(glob);
  const whole = isAbsolutePath(written) ? written : `${slashes(root)}/${written}`;
  const fold = (text: string): string => (ignoreCase ? text.normalize("NFKC").toLowerCase() : text);
  return matchesSegments(segmentsOf(fold(whole)), segmentsOf(fold(slashes(absolute))));
}

export function isAbsolutePath(path: string): boolean {
  return /^(?:\/|[a-z]:\/)/i.test(path);
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}

function matchesSegments(glob: readonly string[], path: readonly string[]): boolean {
  return matches(glob.length, path.length, {
    isAny: (at) => glob[at] === "**",
    fits: (at, place) => matchesName(glob[at] ?? "", path[place] ?? ""),
  });
}

function matchesName(glob: string, name: string): boolean {
  return matches(glob.length, name.length, {
    isAny: (at) => glob[at] === "*",
    fits: (at, place) => glob[at] === "?" || glob[at] === name[place],
  });
}

/** Wildcard matching as a table: `reached[place]` says whether the glob so far can end there. */
function matches(
  globLength: number,
  length: number,
  { isAny, fits }: { isAny: (at: number) => boolean; fits: (at: number, place: number) => boolean },
): boolean {
  let reached: boolean[] = Array.from({ length: length + 1 }, (_, place) => place === 0);
  for (let at = 0; at < globLength; at += 1) {
    const next: boolean[] = [];
    for (let place = 0; place <= length; place += 1) {
      const one = place > 0 && reached[place - 1] === true && fits(at, place - 1);
      next.push(isAny(at) ? reached[place] === true || (place > 0 && next[place - 1] === true) : one);
    }
    reached = next;
  }
  return reached[length] === true;
}
