/** Makes visible what a text could hide from its reader. For display only: what runs is the text itself. */

export type Revealed = {
  readonly text: string;
  /** How many characters were shown as escapes. */
  readonly hidden: number;
  /** Whether long runs of blanks, which could push something out of sight, were shown as counts. */
  readonly padded: boolean;
};

/**
 * Shows control, zero-width, bidi, tag and other invisible characters, odd spaces and halves of surrogate pairs as
 * `‹U+202E›`, and long runs of blanks or empty lines as `‹120 blanks›`. Tab, newline, the plain space and the emoji
 * selector U+FE0F stay. (Trojan Source, CVE-2021-42574; padded approval dialogs.)
 */
export function reveal(text: string): Revealed {
  let hidden = 0;
  let padded = false;
  const escaped = text.replace(INVISIBLE, (character) => {
    hidden += 1;
    return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`;
  });
  const folded = escaped.replace(PADDING, (_run, blanks?: string, lines?: string) => {
    padded = true;
    return blanks === undefined ? `\n‹${countLines(lines ?? "")} empty lines›\n` : ` ‹${blanks.length} blanks› `;
  });
  return { text: folded, hidden, padded };
}

/** Unassigned and private characters stay: fonts show a box for them. */
const INVISIBLE = /(?!\u{FE0F}|[\t\n ])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}]/gu;

/** 40 blanks within a line (an indentation may have 120), or ten empty lines. */
const PADDING = /((?<=\S)[ \t]{40,}|(?<![ \t])[ \t]{120,})|((?:\n[ \t]*){11,})/g;

function countLines(run: string): number {
  return run.split("\n").length - 2;
}
