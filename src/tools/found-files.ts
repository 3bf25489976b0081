/** The first finds by path out of any number that come in any order, in bounded memory. Pure. */

export type FoundLine = {
  readonly number: number;
  /** Whether a match begins here; false for the lines around one. */
  readonly isMatch: boolean;
  readonly text: string;
};

export type FoundFile = {
  /** Relative to the folder that was looked through, with `/`. */
  readonly path: string;
  /** Also those that are not among `lines`. */
  readonly matches: number;
  readonly lines: readonly FoundLine[];
};

export type FoundFiles = {
  readonly add: (file: FoundFile) => void;
  /** All that were added. */
  readonly files: () => number;
  readonly matches: () => number;
  /** Those that hold the first `wanted` finds, by path. */
  readonly first: () => readonly FoundFile[];
};

/** @param weigh how many finds a file counts for. */
export function createFoundFiles(wanted: number, weigh: (file: FoundFile) => number): FoundFiles {
  let kept: FoundFile[] = [];
  let weight = 0;
  let files = 0;
  let matches = 0;

  function prune(): void {
    kept.sort((a, b) => (a.path < b.path ? -1 : 1));
    let sum = 0;
    const end = kept.findIndex((file) => {
      sum += weigh(file);
      return sum >= wanted;
    });
    if (end === -1) return;
    kept = kept.slice(0, end + 1);
    weight = sum;
  }

  return {
    add(file) {
      files += 1;
      matches += file.matches;
      kept.push(file);
      weight += weigh(file);
      if (weight > 2 * wanted + 1_000) prune();
    },
    files: () => files,
    matches: () => matches,
    first() {
      prune();
      return kept;
    },
  };
}
