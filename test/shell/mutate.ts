/** Changes a command in ways that have got past allow-lists: operators, quotes, encodings, control characters, options. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Pick } from "./real-argv";

type Changes = {
  /** What would show if it ran: a file, a mark, a program that is not there, what is outside. */
  readonly payloads: readonly string[];
  readonly glue: readonly string[];
  /** `%` stands for a payload. */
  readonly wraps: readonly string[];
  readonly snippets: readonly string[];
  readonly openings: readonly string[];
};

const changes: Changes = JSON.parse(readFileSync(path.join("test", "shell", "mutations.json"), "utf8"));

/** One to three changes. */
export function mutate(command: string, others: readonly string[], pick: Pick, random: () => number): string {
  let text = command;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left -= 1) text = change(text, others, pick, random);
  return text;
}

function change(text: string, others: readonly string[], pick: Pick, random: () => number): string {
  const at = () => Math.floor(random() * (text.length + 1));
  const place = at();
  const [before, after] = [text.slice(0, place), text.slice(place)];
  switch (Math.floor(random() * 13)) {
    case 0:
      return `${text}${pick(changes.glue)}${pick(changes.payloads)}`;
    case 1:
      return `${before}${pick(changes.glue)}${pick(changes.payloads)}${pick(["", "; ", " ", "\n", " #"])}${after}`;
    case 2:
      return `${before}${pick(changes.wraps).replace("%", pick(changes.payloads))}${after}`;
    case 3:
      return `${pick(changes.openings)}${text}`;
    case 4:
    case 5:
    case 6:
      return `${before}${pick(changes.snippets)}${after}`;
    case 7:
      return `${text}${pick(changes.snippets)}`;
    case 8:
      return `${before}${after.slice(1 + Math.floor(random() * 2))}`;
    case 9:
      return `${text.slice(0, at())}${text.slice(at())}`;
    case 10:
      return `${text}${pick(changes.glue)}${pick(others)}`;
    case 11: {
      const other = pick(others);
      return `${before}${other.slice(Math.floor(random() * other.length))}`;
    }
    default: {
      const character = after[0] ?? "";
      const code = character.charCodeAt(0) || 97;
      return `${before}${pick([`\\${character}`, `'${character}'`, `"${character}"`, `$'\\x${code.toString(16)}'`, `\\${code.toString(8)}`, character.toUpperCase(), `${character}""`, `''${character}`, String.fromCharCode(code ^ (1 << Math.floor(random() * 7)))])}${after.slice(1)}`;
    }
  }
}
