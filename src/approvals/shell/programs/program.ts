/** How the table says what a command may do. The files beside this one are the table, by family. */
import { type GivenOption, type OptionList, readOptions, type Value } from "../options";
import type { Word } from "../script";

/** A path that a command reads, to be looked up on disk. */
export type PathUse = Value & {
  /** Links in the folder are followed: what is below it must be looked at too. */
  readonly follows?: true;
  /** It may also name a revision, or nothing at all. */
  readonly revision?: true;
};

export type GitUse = {
  /** Of `-C`: the folder that git works in. */
  readonly folder?: Value;
  /** It compares with the files of the work tree, and looks into submodules to do so. */
  readonly looksAtFiles: boolean;
};

/** What one command does, as far as the table knows. */
export type Judged =
  | {
      readonly reads: true;
      readonly paths: readonly PathUse[];
      /** The folder that later commands work in, if this one succeeds. */
      readonly cd?: Value;
      readonly git?: GitUse;
      /** It shows what is in files that it finds by itself. */
      readonly deep?: true;
    }
  /** `why` completes "it may do more than read: …". */
  | { readonly reads: false; readonly why: string };

/** Judges the arguments of one command: all its words but the first. */
export type Judge = (args: readonly Word[]) => Judged;

export type Program = {
  /** It is part of bash: no file of this name is looked for. */
  readonly builtin?: true;
  readonly judge: Judge;
};

export type Programs = Readonly<Record<string, Program>>;

export type Usual = {
  readonly options: OptionList;
  /** So many operands in front are no paths; `Infinity` for all. None when one of `unless` is given. */
  readonly texts?: number;
  readonly unless?: readonly string[];
  /** At most so many operands. */
  readonly max?: number;
  /** What each operand that is no path must look like. */
  readonly only?: RegExp;
  /** Options behind operands are options on every system. */
  readonly permutes?: true;
  /** Operands come last: behind the first one an option would be an operand, and the second of these is written. */
  readonly inFront?: true;
  /** What each word that begins with `-` must look like, where the program does not read its options as getopt does. */
  readonly form?: RegExp;
  /** Options with which links are followed. */
  readonly follows?: readonly string[];
  /** Options with which it shows what is in files that it finds by itself; `always` where it needs none. */
  readonly deep?: readonly string[] | "always";
  /** Looks at what was given; answers with a reason where that does more than read. */
  readonly refuse?: (options: readonly GivenOption[], operands: readonly Word[]) => string | undefined;
};

/** A program with options as getopt reads them, and operands that are texts first and paths then. */
export function usual(spec: Usual): Program {
  return { judge: (args) => judgeUsual(spec, args) };
}

/** The same as part of bash. */
export function builtin(spec: Usual): Program {
  return { ...usual(spec), builtin: true };
}

export function refused(why: string): Judged {
  return { reads: false, why };
}

export function judgeUsual(spec: Usual, args: readonly Word[]): Judged {
  const odd = args.find(({ value }) => /^-./.test(value) && spec.form?.test(value) === false);
  if (odd !== undefined) return refused(`the option ${odd.value}`);
  const read = readOptions(args, spec.options);
  if ("unknown" in read) return refused(`the option ${read.unknown}`);
  const { options, operands, late } = read;
  const has = (names: readonly string[] = []) => options.some(({ name }) => names.includes(name));
  const texts = has(spec.unless) ? 0 : (spec.texts ?? 0);
  const [first] = operands;
  if (spec.inFront === true && first !== undefined && args.indexOf(first) !== args.length - operands.length) {
    return refused("an option behind its file");
  }
  const why = spec.refuse?.(options, operands) ?? wrongOperands(spec, operands, texts);
  if (why !== undefined) return refused(why);
  const follows = has(spec.follows) ? { follows: true as const } : {};
  const paths = [
    ...operands.slice(texts),
    ...options.flatMap(({ kind, value }) => (kind === "path" && value !== undefined ? [value] : [])),
    ...(spec.permutes === true ? [] : late),
  ];
  const used = has(spec.follows) && operands.length === texts ? [...paths, { value: "." }] : paths;
  const deep = spec.deep === "always" || has(spec.deep) ? { deep: true as const } : {};
  const named = used.filter(({ value }) => value !== "-").map((path) => ({ ...path, ...follows }));
  return { reads: true, paths: named, ...deep };
}

function wrongOperands(spec: Usual, operands: readonly Word[], texts: number): string | undefined {
  if (operands.length > (spec.max ?? Number.POSITIVE_INFINITY)) return "more operands than it reads";
  const bounded = spec.max !== undefined;
  const pattern = operands.find(({ glob }, index) => glob !== undefined && (bounded || index < texts));
  if (pattern !== undefined) return `the pattern ${pattern.value}, which stands for any number of words`;
  const wrong = operands.slice(0, texts).find(({ value }) => spec.only !== undefined && !spec.only.test(value));
  return wrong && `the operand ${wrong.value}`;
}
