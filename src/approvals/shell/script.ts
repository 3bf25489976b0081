/** A shell command as data: what bash would make of its text, as far as that is certain. */

/** A place in the text, in UTF-16 units; `end` is behind the last one. */
export type Range = { readonly start: number; readonly end: number };

/** One argument, as the program gets it. */
export type Word = Range & {
  /** Without its quotes. Of a glob: the text before bash replaces it by names. */
  readonly value: string;
  /** Set where unquoted `*`, `?` or `[` stand in it: the pattern, in which a backslash quotes the next character. */
  readonly glob?: string;
  /** It holds `$?`, which stands as `0` in `value`. */
  readonly varies?: true;
};

/** A program or builtin and its arguments. `words` has at least one. */
export type SimpleCommand = {
  readonly words: readonly Word[];
  /** Files that `<` gives it to read. */
  readonly inputs: readonly Word[];
};

/** Commands joined by `|`, each in a process of its own when there are several. */
export type Pipeline = {
  /** How it follows the one before: always, or after success or failure. The first one has `;`. */
  readonly after: ";" | "&&" | "||";
  /** A `!` before it turns success into failure. */
  readonly negated: boolean;
  readonly commands: readonly SimpleCommand[];
};

export type Script =
  | { readonly kind: "script"; readonly pipelines: readonly Pipeline[] }
  /** It is not certain what bash would do. `why` ends the sentence "Not read as plain commands: …". */
  | { readonly kind: "unclear"; readonly why: string };

/** More than a person or an agent writes in a line, and what bounds the work on a hostile one. */
export const MAX_COMMANDS = 50;
export const MAX_WORDS = 1_000;
/** UTF-16 units. */
export const MAX_LENGTH = 16_384;
