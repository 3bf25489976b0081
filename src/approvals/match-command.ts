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
  const wanted = wordsOf(pattern);
  const fixed = wanted.at(-1) === "*" ? wanted.slice(0, -1) : wanted;
  if (fixed.length === 0) return wanted.length > 0;
  for (const words of [splitLoosely(text), splitLoosely(text.replace(/["'\\]/g, ""))]) {
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
