/**
 * The first of two readings of a command: plain words, quotes, `&& || ; |`, line breaks, comments, and redirections that
 * lose output or read a file. Everything else in bash's language is an `Unclear`.
 */
import { MAX_COMMANDS, MAX_WORDS, type Pipeline, type Range, type SimpleCommand, type Word } from "./script";

export type Lexed = {
  readonly pipelines: readonly Pipeline[];
  /** `&&`, `||`, `|`, `;` and the `!` before a pipeline, in order. */
  readonly operators: readonly Range[];
  readonly redirects: readonly Range[];
  readonly comments: readonly Range[];
};

/** Thrown within this file and caught by its one export. */
class Unclear extends Error {}

/** @returns undefined with a reason where the text is more than plain commands. */
export function lex(text: string): Lexed | { readonly unclear: string } {
  try {
    return lexAll(text);
  } catch (error) {
    if (error instanceof Unclear) return { unclear: error.message };
    throw error;
  }
}

type Join = Pipeline["after"];
type Draft = { words: Word[]; inputs: Word[] };

function lexAll(text: string): Lexed {
  const operators: Range[] = [];
  const redirects: Range[] = [];
  const comments: Range[] = [];
  const pipelines: Pipeline[] = [];
  let commands: SimpleCommand[] = [];
  let current: Draft = { words: [], inputs: [] };
  let after: Join = ";";
  let negated = false;
  /** Something must follow: `&&`, `||`, `|` or `!` was read. */
  let expects = false;
  let count = 0;
  let at = 0;

  const isEmpty = () => current.words.length === 0 && current.inputs.length === 0;
  const endCommand = () => {
    if (current.words.length === 0) throw new Unclear("a command is missing");
    count += 1;
    if (count > MAX_COMMANDS) throw new Unclear(`more than ${MAX_COMMANDS} commands`);
    commands.push(current);
    current = { words: [], inputs: [] };
  };
  const endPipeline = (next: Join) => {
    endCommand();
    pipelines.push({ after, negated, commands });
    commands = [];
    after = next;
    negated = false;
  };
  const operator = (length: number) => {
    operators.push({ start: at, end: at + length });
    at += length;
  };

  while (at < text.length) {
    const character = text[at] ?? "";
    const two = text.slice(at, at + 2);
    if (character === " " || character === "\t") at += 1;
    else if (two === "\\\n") at += 2;
    else if (character === "#") {
      const end = text.indexOf("\n", at);
      const range = { start: at, end: end < 0 ? text.length : end };
      comments.push(range);
      at = range.end;
    } else if (character === "\n") {
      if (!isEmpty()) endPipeline(";");
      else if (negated) throw new Unclear("a line break behind !");
      at += 1;
    } else if (two === "&&" || two === "||") {
      endPipeline(two);
      operator(2);
      expects = true;
    } else if (character === ";") {
      if (two === ";;" || two === ";&") throw new Unclear("a case");
      endPipeline(";");
      operator(1);
    } else if (character === "|" && two !== "|&") {
      endCommand();
      operator(1);
      expects = true;
    } else {
      const redirect = REDIRECT.exec(text.slice(at, at + 8))?.[0];
      if (redirect !== undefined) {
        const start = at;
        at = skipBlanks(text, at + redirect.length);
        const target = readWord(text, at);
        at = target.end;
        redirects.push({ start, end: at });
        if (isInput(redirect)) current.inputs.push(target);
        else if (!losesOutput(redirect, target)) throw new Unclear("it writes to a file with >");
      } else if (character === "!" && /[\s]/.test(text[at + 1] ?? "") && isEmpty() && commands.length === 0) {
        if (negated) throw new Unclear("two !");
        operator(1);
        negated = true;
        expects = true;
        continue;
      } else {
        const word = readWord(text, at);
        checkPlace(text, word, isEmpty() || current.words.length === 0);
        current.words.push(word);
        if (current.words.length > MAX_WORDS) throw new Unclear(`more than ${MAX_WORDS} words`);
        at = word.end;
      }
      expects = false;
    }
  }
  if (!isEmpty()) endPipeline(";");
  else if (expects || commands.length > 0) throw new Unclear("a command is missing at the end");
  if (pipelines.length === 0) throw new Unclear("no command in it");
  if (after !== ";") throw new Unclear("a command is missing at the end");
  return { pipelines, operators, redirects, comments };
}

/** Longest first. What is not here, such as `<<`, `<(`, `<>` and `>|`, is met by the characters that follow. */
const REDIRECT = /^(?:&>>?|\d?>>?&?|0?<)(?![<>&|(])/;

const isInput = (redirect: string): boolean => redirect.endsWith("<");

function losesOutput(redirect: string, target: Word): boolean {
  if (target.glob !== undefined || target.varies === true) return false;
  if (redirect.endsWith("&")) return redirect !== ">>&" && /^[12]$/.test(target.value);
  return target.value === "/dev/null";
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (text[end] === " " || text[end] === "\t") end += 1;
  return end;
}

const RESERVED = new Set(
  "if then else elif fi for while until do done case esac select function time coproc in { } [[ ]] !".split(" "),
);

/** What only counts where a command begins, and what bash reads as the number or name of a descriptor. */
function checkPlace(text: string, word: Word, isFirst: boolean): void {
  const written = text.slice(word.start, word.end);
  if (/[<>]/.test(text[word.end] ?? "") && /^(?:\d+|\{.*\})$/.test(written)) throw new Unclear("a descriptor");
  if (!isFirst) return;
  if (RESERVED.has(written)) throw new Unclear(`the word ${written} of the shell's language`);
  if (/^[A-Za-z_][A-Za-z0-9_]*(?:\[|\+?=)/.test(written)) throw new Unclear("it sets a variable");
  if (word.glob !== undefined && word.value !== "[") throw new Unclear("the command itself is a pattern");
  if (word.varies === true) throw new Unclear("the command itself is a variable");
}

const ENDS = new Set([" ", "\t", "\n", ";", "&", "|", "<", ">"]);
const GLOB = /[*?[]/;

/** Reads one word, which begins at `from`. */
function readWord(text: string, from: number): Word {
  let at = from;
  let value = "";
  let pattern = "";
  let isGlob = false;
  let varies = false;
  /** Unquoted characters as they are, `"` for what was quoted: the shape that tilde and brace expansion look at. */
  let shape = "";
  const quoted = (part: string) => {
    value += part;
    pattern += part.replace(/[\\*?[\]]/g, "\\$&");
    shape += '"';
  };
  while (at < text.length) {
    const character = text[at] ?? "";
    if (ENDS.has(character)) break;
    if (character === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) throw new Unclear("a quote is not closed");
      quoted(text.slice(at + 1, end));
      at = end + 1;
    } else if (character === '"') {
      const string = readString(text, at + 1);
      quoted(string.value);
      varies ||= string.varies;
      at = string.end;
    } else if (character === "\\") {
      const next = text[at + 1];
      if (next === undefined) throw new Unclear("a backslash at the end");
      if (next > "~") throw new Unclear("a character beyond ASCII outside quotes");
      if (next !== "\n") quoted(next);
      at += 2;
    } else {
      checkPlain(text, at);
      if (GLOB.test(character)) isGlob = true;
      value += character;
      pattern += character;
      shape += character;
      at += 1;
    }
  }
  if (at === from) throw new Unclear(`the sign ${text.slice(at, at + 2).trim() || "at the end"}`);
  checkExpansions(shape);
  const isBracket = shape === "[";
  return {
    value,
    start: from,
    end: at,
    ...(isGlob && !isBracket ? { glob: pattern } : {}),
    ...(varies ? { varies: true } : {}),
  };
}

/** @param at behind the opening quote. */
function readString(text: string, from: number): { value: string; end: number; varies: boolean } {
  let at = from;
  let value = "";
  let varies = false;
  for (;;) {
    const character = text[at];
    if (character === undefined) throw new Unclear("a quote is not closed");
    if (character === '"') break;
    const next = text[at + 1] ?? "";
    if (character === "`") throw new Unclear("a command within backquotes");
    if (character === "\\") {
      if (next === "") throw new Unclear("a quote is not closed");
      if (next !== "\n") value += /[$`"\\]/.test(next) ? next : character + next;
      at += 2;
    } else if (character === "$" && next === "?") {
      value += "0";
      varies = true;
      at += 2;
    } else if (character === "$" && !/["|)/,. ]/.test(next)) {
      throw new Unclear(next === "(" ? "a command within $( )" : "a variable or an expansion with $");
    } else {
      value += character;
      at += 1;
    }
  }
  // In an encoding other than UTF-8 a backslash may be the second byte of a character (Shift JIS, GBK).
  const source = text.slice(from, at);
  if (source.includes("\\") && /[^\0-\x7f]/.test(source))
    throw new Unclear("a backslash beside characters beyond ASCII");
  return { value, end: at + 1, varies };
}

/** A character outside quotes that means itself, or a pattern. */
function checkPlain(text: string, at: number): void {
  const character = text[at] ?? "";
  if (character === "`") throw new Unclear("a command within backquotes");
  if (character === "(" || character === ")") throw new Unclear("parentheses");
  // Some systems take bytes of such characters for blanks (0x85 and 0xA0 on macOS).
  if (character > "~") throw new Unclear("a character beyond ASCII outside quotes");
  if (character !== "$") return;
  const next = text[at + 1];
  if (next === undefined || ENDS.has(next)) return;
  throw new Unclear(next === "(" ? "a command within $( )" : "a variable or an expansion with $");
}

function checkExpansions(shape: string): void {
  if (/(?:^|[=:])~/.test(shape)) throw new Unclear("a home folder with ~");
  const brace = shape.indexOf("{");
  if (brace >= 0 && /,|\.\./.test(shape.slice(brace))) throw new Unclear("several words within { }");
}
