/** Makes visible what a text could hide from the person who has to judge it. */

export type Segment =
  | { readonly kind: "plain"; readonly text: string }
  /** Letters that may look like others: shown as they are, but marked. */
  | { readonly kind: "foreign"; readonly text: string }
  /** An invisible or direction-changing character, or a long run of blanks, as a visible label. */
  | { readonly kind: "hidden"; readonly label: string };

/** A run of this many blanks could push the rest of a line out of sight. */
const LONG_BLANK = 24;
/** A run of this many line breaks could push the rest of a text out of sight. */
const LONG_BREAK = 5;

// What the host has named already, with these marks. Controls (not tab and line feed), format characters (bidi, zero-width, tags), lone surrogates, line and paragraph
// separators, blanks other than the space, fillers that print nothing, variation selectors.
const PATTERN = new RegExp(
  [
    "(?<named>‹(?:U\\+[0-9A-F]{4,6}|\\d+ (?:blanks|empty lines))›)",
    `(?<hidden>[\\p{Cf}\\p{Cs}\\p{Co}\\u2028\\u2029\\u115f\\u1160\\u3164\\uffa0\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]|(?![\\n\\t])\\p{Cc}|(?! )\\p{Zs})`,
    `(?<blank>[ \\t]{${LONG_BLANK},})`,
    `(?<breaks>\\n(?:[ \\t]*\\n){${LONG_BREAK - 1},})`,
    "(?<foreign>[^\x00-\x7f])",
  ].join("|"),
  "gu",
);

// ECMA-48: strings (OSC, DCS, SOS, PM, APC) up to their end, control sequences, two-character escapes.
const ESC = "\u001b";
const TERMINAL_STRING = new RegExp(`${ESC}[\\]PX^_][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\|$)`, "g");
const TERMINAL_CONTROL = new RegExp(`(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]?`, "g");
const TERMINAL_ESCAPE = new RegExp(`${ESC}[ -/]*[0-~]?`, "g");

/**
 * Splits a text into what is shown as it is and what gets a visible label. Joining the segments' texts and labels
 * loses nothing: every character is either shown or named.
 */
export function reveal(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > from) {
      segments.push({ kind: "plain", text: text.slice(from, match.index) });
    }
    append(segments, segmentOf(match[0], match.groups ?? {}));
    from = match.index + match[0].length;
  }
  if (from < text.length) {
    segments.push({ kind: "plain", text: text.slice(from) });
  }
  return segments;
}

/** The revealed text as one string, for places that show text alone. */
export function revealText(text: string): string {
  return reveal(text)
    .map((segment) => (segment.kind === "hidden" ? segment.label : segment.text))
    .join("");
}

/** Takes terminal control sequences (colours, titles, links, clipboard) out of a command's output. */
export function stripTerminal(text: string): string {
  return text
    .replace(TERMINAL_STRING, "")
    .replace(TERMINAL_CONTROL, "")
    .replace(TERMINAL_ESCAPE, "")
    .replace(/\r+\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n])/g, "")
    .replace(/[\r\b]/g, "");
}

/** Neighbouring foreign letters are one segment, so that they join up as their script wants it. */
function append(segments: Segment[], segment: Segment): void {
  const last = segments.at(-1);
  if (last?.kind === "foreign" && segment.kind === "foreign") {
    segments[segments.length - 1] = { kind: "foreign", text: last.text + segment.text };
  } else {
    segments.push(segment);
  }
}

function segmentOf(text: string, groups: Readonly<Record<string, string | undefined>>): Segment {
  if (groups.named !== undefined) {
    return { kind: "hidden", label: text };
  }
  if (groups.foreign !== undefined) {
    return { kind: "foreign", text };
  }
  if (groups.blank !== undefined) {
    return { kind: "hidden", label: `‹${text.length} blanks›` };
  }
  if (groups.breaks !== undefined) {
    return { kind: "hidden", label: `‹${text.split("\n").length - 1} line breaks›` };
  }
  const code = text.codePointAt(0) ?? 0;
  return { kind: "hidden", label: `‹U+${code.toString(16).toUpperCase().padStart(4, "0")}›` };
}
