/**
 * Files whose content says what a command runs: the scripts of package.json, a Makefile, a script that is called by its
 * path. Who allows such a command for more than once has seen what it ran then, and no later change of it.
 */
import { reveal } from "./reveal";

export type BoundFile = {
  /** Relative to the folder that the command runs in, or absolute. */
  readonly file: string;
  /** Of package.json only its scripts. */
  readonly part: "whole" | "scripts";
};

/** What such a file was when a person saw what it allows. */
export type Binding = BoundFile & {
  /** Real path of the folder that relative files begin at. */
  readonly cwd: string;
  readonly sha256: string;
};

/**
 * Looks at the text, since what can't be taken apart can be allowed too. Errs towards more files.
 * @returns undefined when it can't be told where the files are: then nothing should be allowed for ever.
 */
export function boundFiles(command: string): readonly BoundFile[] | undefined {
  const found = command
    .split(/[;&|(){}<>`$\n]+/)
    .flatMap((part) => filesOf(part.split(/[\s"'\\]+/).filter((word) => word !== "")));
  if (found.length > 0 && ELSEWHERE.test(command)) return undefined;
  return [...new Map(found.map((one) => [`${one.part} ${one.file}`, one])).values()];
}

/** For a sentence. */
export const namesOf = (files: readonly BoundFile[]): readonly string[] =>
  files.map(({ file, part }) => (part === "scripts" ? `the scripts in ${file}` : reveal(file).text));

/** Completes what an answer covers: a sentence behind a space, or nothing where nothing can change. */
export function untilChanged(files: readonly BoundFile[]): string {
  if (files.length === 0) return "";
  const names = namesOf(files);
  const isOne = files.length === 1 && files[0]?.part === "whole";
  return ` Asked again when ${names.join(" or ")} ${isOne ? "has" : "have"} changed.`;
}

/** @param words of what may be one command. */
function filesOf(words: readonly string[]): readonly BoundFile[] {
  const first = words.findIndex((word) => !WRAPPER.test(word));
  return words.flatMap((word, at): readonly BoundFile[] => {
    if (SCRIPT_RUNNERS.test(word)) return [{ file: "package.json", part: "scripts" }];
    if (MAKE.test(word)) return [{ file: "Makefile", part: "whole" }];
    const next = words.slice(at + 1).find((one) => !one.startsWith("-"));
    // Not the name of a program among the arguments of another one; a word with a dot or a slash may be a file.
    if (SHELL.test(word) && next !== undefined && (SHELL_ONLY.test(word) || /[./]/.test(next))) {
      return [{ file: next, part: "whole" }];
    }
    return at === first && word.includes("/") ? [{ file: word, part: "whole" }] : [];
  });
}

/** What runs the words behind it, and settings of variables. */
const WRAPPER = /^(?:time|env|nice|exec|sudo|doas|nohup|command|builtin|\w+=.*)$/;
const SCRIPT_RUNNERS = /^(?:npm|pnpm|yarn|bun|run-s|run-p|npm-run-all)$/;
const MAKE = /^g?make$/;
/** What runs a file of its arguments. */
const SHELL =
  /^(?:sh|bash|zsh|dash|ksh|fish|source|\.|node|nodejs|deno|tsx|ts-node|python[\d.]*|pypy\d*|ruby|perl|php|lua|Rscript|osascript|pwsh|powershell)$/;

const SHELL_ONLY = /^(?:sh|bash|zsh|dash|ksh|fish|source|\.)$/;

/** What makes a command look for these files in another folder, or for others. */
const ELSEWHERE =
  /(?:^|[\s;&|(])(?:cd|pushd|--(?:prefix|cwd|dir|directory|workspaces?|filter|file|makefile|recursive)(?:=\S*)?|-[Cf]\S*|-ws?|-F|-r)(?=[\s;&|)]|$)/;
