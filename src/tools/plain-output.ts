/** Terminal output as plain text: what a model and a card get to see. Pure. */

/**
 * A filter for text that comes in pieces. Takes out escape sequences (colours, cursor moves, titles, links, clipboard)
 * and control characters other than tab and newline; a carriage return becomes a line break, so that nothing that was
 * printed is lost. A sequence may be split over pieces; a string sequence without an end is cut at the end of its line.
 */
export function createPlainText(): (piece: string) => string {
  let state: State = "text";
  let afterReturn = false;
  return (piece) => {
    let out = "";
    for (let at = 0; at < piece.length; ) {
      if (state === "text" && !afterReturn) {
        // Most of what is printed: it costs no look at each character.
        SPECIAL.lastIndex = at;
        const end = SPECIAL.exec(piece)?.index ?? piece.length;
        out += piece.slice(at, end);
        at = end;
        if (at === piece.length) break;
      }
      const character = String.fromCodePoint(piece.codePointAt(at) ?? 0);
      at += character.length;
      if (afterReturn && character !== "\n" && state === "text") out += "\n";
      afterReturn = false;
      const next = step(state, character);
      if (next === "text" && state === "text") {
        if (character === "\r") afterReturn = true;
        else if (!CONTROL.test(character)) out += character;
        else if (character === "\n" || character === "\t") out += character;
      } else if (state === "string" && character === "\n") out += character;
      state = next;
    }
    return out;
  };
}

/** ECMA-48: `escape` after ESC, `control` in a CSI, `string` in an OSC, DCS, PM, APC or SOS, `end` after ESC in one. */
type State = "text" | "escape" | "control" | "string" | "end";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Those that do not stay as they are: all but tab and newline. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

function step(state: State, character: string): State {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x1b) return state === "string" ? "end" : "escape";
  switch (state) {
    case "text":
      if (code === 0x9b) return "control";
      return code === 0x9d || code === 0x90 || code === 0x98 || code === 0x9e || code === 0x9f ? "string" : "text";
    case "escape":
      if (character === "[") return "control";
      if ("]PX^_".includes(character)) return "string";
      return code >= 0x20 && code <= 0x2f ? "escape" : "text";
    case "control":
      return code >= 0x20 && code <= 0x3f ? "control" : "text";
    case "string":
      return code === 0x07 || code === 0x9c || code === 0x0a ? "text" : "string";
    case "end":
      return character === "\\" ? "text" : step("escape", character);
  }
}
