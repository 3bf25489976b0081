/**
 * Patterns on commands. A pattern is words with single blanks between them: each stands for exactly itself, `*` for any
 * one word, and `*` at the end for any number of them, also none. Words are compared whole: `git log *` is
 * not `git logx`, and `npm test` is not `npm test --watch`.
 */

/** @param argv the words as the program gets them. */
export function matchesWords(pattern: string, argv: readonly string[]): boolean {
  const wanted = wordsOf(pattern);
  if (wanted.length === 0) return false;
  const isOpen = wanted.at(-1) === "*";
  const fixed = isOpen ? wanted.slice(0, -1) : wanted;
  if (isOpen ? argv.length < fixed.length : argv.length !== fixed.length) return false;
  return fixed.every((word, at) => word === "*" || word === argv[at]);
}

/**
 * Whether the words of the pattern stand one after the other anywhere in a text that can't be parsed, for rules that
 * tighten. Errs towards yes: whatever a shell could end or quote a word with separates words here.
 */
export function standsIn(pattern: string, text: string): boolean {
  const wanted = wordsOf(pattern).map(plainName);
  const fixed = wanted.at(-1) === "*" ? wanted.slice(0, -1) : wanted;
  if (fixed.length === 0) return wanted.length > 0;
  for (const split of [splitLoosely(text), splitLoosely(text.replace(/["'\\]/g, ""))]) {
    const words = split.map(plainName);
    for (let at = 0; at + fixed.length <= words.length; at += 1) {
      if (fixed.every((word, place) => word === "*" || isWord(word, words[at + place] ?? ""))) return true;
    }
  }
  return false;
}

/** Also a program that is called by its path. */
function isWord(wanted: string, word: string): boolean {
  return word === wanted || word.endsWith(`/${wanted}`);
}

/** Without the ending of a program, and in small letters: a disk, and PowerShell, may not tell cases apart. */
const plainName = (word: string): string => word.toLowerCase().replace(/\.(?:exe|cmd|bat)$/, "");

/** Programs that run what their words name, or a script among them. */
const RUNNERS = new Set(
  `env sudo doas nice ionice nohup timeout setsid stdbuf time xargs parallel watch command builtin exec eval chroot unshare flock
    busybox script strace ltrace caffeinate chronic entr sh bash dash zsh ksh fish ssh npx pnpx bunx`.split(/\s+/),
);

/**
 * Whether a command that may do more than read is one that the pattern means, for rules that tighten: also by its path, in
 * another case, behind a program that runs others (`env git push`), and with options before its words
 * (`git -C x push`, of which each may have a value).
 */
export function meansCommand(pattern: string, argv: readonly string[]): boolean {
  const [program = "", ...rest] = argv;
  const name = plainName(program.split("/").at(-1) ?? "");
  if (RUNNERS.has(name) && standsIn(pattern, rest.join(" "))) return true;
  const [wanted = "", ...words] = wordsOf(pattern);
  if (wanted !== "*" && plainName(wanted) !== name) return false;
  const behind = words.join(" ");
  if (words.length === 0) return rest.length === 0;
  const places = [0];
  for (const at of places) {
    if (matchesWords(behind, rest.slice(at))) return true;
    if (rest[at]?.startsWith("-") !== true) continue;
    for (const next of [at + 1, at + 2]) if (next <= rest.length && !places.includes(next)) places.push(next);
  }
  return false;
}

/** Whether the pattern stands for more than one command. */
export function isOpenPattern(pattern: string): boolean {
  return wordsOf(pattern).includes("*");
}

function wordsOf(pattern: string): readonly string[] {
  return pattern.split(" ").filter((word) => word !== "");
}

function splitLoosely(text: string): readonly string[] {
  return text.split(/[\s"'`;&|<>(){}$\\,]+/).filter((word) => word !== "");
}
