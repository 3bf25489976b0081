/** Character references in markdown text, decoded without a DOM. */

/** The names that models write; an unknown name stays as it stands. */
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  colon: ":",
  sol: "/",
  Tab: "\t",
  NewLine: "\n",
  lpar: "(",
  rpar: ")",
  num: "#",
  ndash: "–",
  mdash: "—",
  hellip: "…",
  middot: "·",
  bull: "•",
  times: "×",
  laquo: "«",
  raquo: "»",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  copy: "©",
  reg: "®",
  trade: "™",
  deg: "°",
  plusmn: "±",
  le: "≤",
  ge: "≥",
  ne: "≠",
  rarr: "→",
  larr: "←",
  harr: "↔",
  check: "✓",
  euro: "€",
  pound: "£",
  sect: "§",
  para: "¶",
};

/** Decodes numeric and common named references, once: `&amp;lt;` becomes `&lt;`. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) {
    return text;
  }
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]\w{1,10}));/g, (all, decimal, hex, name) => {
    if (name !== undefined) {
      return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? all) : all;
    }
    return fromCode(decimal === undefined ? Number.parseInt(hex, 16) : Number.parseInt(decimal, 10));
  });
}

/** CommonMark: zero, surrogates and what lies beyond Unicode become the replacement character. */
function fromCode(code: number): string {
  const invalid = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return invalid ? "\ufffd" : String.fromCodePoint(code);
}
