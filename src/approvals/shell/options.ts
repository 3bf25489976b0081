/** Reads the options of a command as getopt does, by a list of those that are known. */
import type { Word } from "./script";

/**
 * Blank-separated: `-abc` three letters, `-n:` a letter with a value, `-f@` with a path as value, `-M?` with a value that
 * may be glued to it; `--name` and the same signs behind it; `-#` a number such as `-20`. Only names in full count.
 */
export type OptionList = string;

/** What an option's value is. */
export type ValueKind = "none" | "text" | "path" | "glued";

export type Value = Pick<Word, "value" | "glob" | "varies">;

export type GivenOption = { readonly name: string; readonly kind: ValueKind; readonly value?: Value };

export type Options = {
  readonly options: readonly GivenOption[];
  readonly operands: readonly Word[];
  /** Values behind the first operand: where options end at the first operand (BSD), these are operands. */
  readonly late: readonly Value[];
};

/** @returns the option that is not in the list, where there is one. */
export function readOptions(words: readonly Word[], list: OptionList): Options | { readonly unknown: string } {
  const known = compile(list);
  const options: GivenOption[] = [];
  const operands: Word[] = [];
  const late: Value[] = [];
  let ended = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { value } = word;
    if (ended || value === "-" || !value.startsWith("-")) operands.push(word);
    else if (value === "--") ended = true;
    else {
      const read = value.startsWith("--") ? readLong(word, known) : readShort(word, known);
      if (read === undefined) return { unknown: value };
      options.push(...read.options);
      for (const { value: glued } of read.options) if (glued !== undefined && operands.length > 0) late.push(glued);
      if (read.needs === undefined) continue;
      at += 1;
      const next = words[at];
      if (next === undefined || next.glob !== undefined) return { unknown: value };
      options.push({ ...read.needs, value: next });
      if (operands.length > 0) late.push(next);
    }
  }
  return { options, operands, late };
}

type Read = { readonly options: readonly GivenOption[]; readonly needs?: GivenOption };
type Known = ReadonlyMap<string, ValueKind>;

function readLong(word: Word, known: Known): Read | undefined {
  const equals = word.value.indexOf("=");
  const name = equals < 0 ? word.value : word.value.slice(0, equals);
  const kind = known.get(name);
  if (kind === undefined) return undefined;
  if (equals < 0) {
    if (word.glob !== undefined) return undefined;
    return kind === "none" || kind === "glued" ? { options: [{ name, kind }] } : { options: [], needs: { name, kind } };
  }
  if (kind === "none") return undefined;
  const value = rest(word, equals + 1, kind);
  return value && { options: [{ name, kind, value }] };
}

function readShort(word: Word, known: Known): Read | undefined {
  if (known.has("-#") && /^-\d+$/.test(word.value)) return { options: [{ name: "-#", kind: "none" }] };
  const options: GivenOption[] = [];
  for (let at = 1; at < word.value.length; at += 1) {
    const name = `-${word.value[at]}`;
    const kind = known.get(name);
    if (kind === undefined) return undefined;
    const isLast = at + 1 === word.value.length;
    if (kind === "none" || (kind === "glued" && isLast)) options.push({ name, kind });
    else if (isLast) return word.glob === undefined ? { options, needs: { name, kind } } : undefined;
    else {
      const value = rest(word, at + 1, kind);
      // Some programs (rg, fd) take the `=` of `-f=x` away, others do not.
      if (kind === "path" && value?.value.startsWith("=")) return undefined;
      return value && { options: [...options, { name, kind, value }] };
    }
  }
  return word.glob === undefined ? { options } : undefined;
}

/**
 * The value within a word. A pattern there may be replaced by several names, all of which begin as the word does: a text
 * stays a text, but a path is another one. The part before must be literal, so that the option stays the same one.
 */
function rest(word: Word, from: number, kind: ValueKind): Value | undefined {
  const value = word.value.slice(from);
  if (word.glob === undefined) return word.varies === true ? { value, varies: true } : { value };
  const before = word.value.slice(0, from);
  return kind !== "path" && word.glob.startsWith(before) && !/[*?[\\]/.test(before) ? { value } : undefined;
}

const KINDS: Readonly<Record<string, ValueKind>> = { ":": "text", "@": "path", "?": "glued" };
const compiled = new Map<OptionList, Known>();

function compile(list: OptionList): Known {
  const done = compiled.get(list);
  if (done !== undefined) return done;
  const known = new Map<string, ValueKind>();
  for (const entry of list.split(/\s+/).filter((part) => part !== "")) {
    const kind = KINDS[entry.slice(-1)];
    const names = kind === undefined ? entry : entry.slice(0, -1);
    if (names.startsWith("--")) known.set(names, kind ?? "none");
    else for (const letter of names.slice(1)) known.set(`-${letter}`, kind ?? "none");
  }
  compiled.set(list, known);
  return known;
}
