/**
 * Commands of which *Always allow …* also offers the beginning, for any words behind it. Few: most programs have an
 * option that runs another one (`go test -exec`, `cargo --config`, `git fetch --upload-pack`, `npm --script-shell`).
 */
const PREFIXES: readonly { readonly words: readonly string[]; readonly behind?: string }[] = [
  { words: ["git", "add"] },
  { words: ["git", "commit"] },
  // Behind `--` everything goes to the script.
  { words: ["npm", "test"], behind: "--" },
  { words: ["npm", "run", "*"], behind: "--" },
];

/** @returns the words that the command begins with and that can stand for it, or nothing. */
export function alwaysPrefix(argv: readonly string[]): readonly string[] | undefined {
  for (const { words, behind } of PREFIXES) {
    const own = argv.slice(0, words.length);
    const isIt = own.length === words.length && words.every((word, at) => isWord(word, own[at] ?? ""));
    if (!isIt) continue;
    if (behind === undefined) return own;
    if (argv.length === own.length || argv[own.length] === behind) return [...own, behind];
  }
  return undefined;
}

function isWord(wanted: string, word: string): boolean {
  return wanted === "*" ? /^[\w:.-]+$/.test(word) && !word.startsWith("-") : word === wanted;
}
