/** Where a text stops being JSON: the engine's own messages say it in some versions only. Pure. */

/**
 * @returns the offset of the first character that can't be part of any JSON text (`text.length`: it ends too early),
 * or undefined when the text is valid. Recursive: the caller bounds the depth.
 */
export function findJsonError(text: string): number | undefined {
  const end = value(text, blank(text, 0));
  if (end < 0) return -end - 1;
  const rest = blank(text, end);
  return rest === text.length ? undefined : rest;
}

/** Every scanner gives the offset after what it read, or `-offset - 1` of the error. */
const errorAt = (offset: number): number => -offset - 1;

function blank(text: string, at: number): number {
  let end = at;
  while (end < text.length && " \t\n\r".includes(text.charAt(end))) end++;
  return end;
}

function value(text: string, at: number): number {
  switch (text[at]) {
    case "{":
      return list(text, at, "}", member);
    case "[":
      return list(text, at, "]", value);
    case '"':
      return string(text, at);
    case "t":
      return word(text, at, "true");
    case "f":
      return word(text, at, "false");
    case "n":
      return word(text, at, "null");
    default:
      return number(text, at);
  }
}

function list(text: string, at: number, close: string, entry: (text: string, at: number) => number): number {
  let end = blank(text, at + 1);
  if (text[end] === close) return end + 1;
  for (;;) {
    const after = entry(text, end);
    if (after < 0) return after;
    end = blank(text, after);
    if (text[end] === close) return end + 1;
    if (text[end] !== ",") return errorAt(end);
    end = blank(text, end + 1);
  }
}

function member(text: string, at: number): number {
  const key = text[at] === '"' ? string(text, at) : errorAt(at);
  if (key < 0) return key;
  const colon = blank(text, key);
  return text[colon] === ":" ? value(text, blank(text, colon + 1)) : errorAt(colon);
}

function string(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const character = text.charAt(end);
    if (character === '"') return end + 1;
    if (character < " ") return errorAt(end);
    if (character !== "\\") continue;
    end++;
    if (text[end] === "u") {
      for (let digit = 1; digit <= 4; digit++)
        if (!/[0-9a-f]/i.test(text.charAt(end + digit))) return errorAt(end + digit);
      end += 4;
    } else if (!'"\\/bfnrt'.includes(text[end] ?? "?")) return errorAt(end);
  }
  return errorAt(text.length);
}

function word(text: string, at: number, expected: string): number {
  let end = at;
  while (end - at < expected.length && text[end] === expected[end - at]) end++;
  return end - at === expected.length ? end : errorAt(end);
}

function number(text: string, at: number): number {
  const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  pattern.lastIndex = at;
  const found = pattern.exec(text)?.[0];
  if (found !== undefined) return at + found.length;
  return errorAt(text[at] === "-" ? at + 1 : at);
}
