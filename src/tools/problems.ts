/** What language services say of files: in lines for the model, and what of it is new. Pure. */
import { count } from "./truncate";
import type { Problem } from "./types";

/** Characters of a message that are shown: the first sentence of what a type checker says, and what follows of it. */
const MAX_MESSAGE = 400;

const ORDER = { error: 0, warning: 1, info: 2, hint: 3 } as const;

/** Errors first, then by file and line. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) =>
      ORDER[a.severity] - ORDER[b.severity] ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) ||
      a.line - b.line ||
      a.column - b.column,
  );
}

/** `src/a.ts:12:5 error ts(2322): Type 'string' is not assignable …`, on one line. */
export function problemLine({ path, line, column, severity, source, code, message }: Problem): string {
  const by = `${source ?? ""}${code === undefined ? "" : `(${code})`}`;
  const plain = message.replace(/\s+/g, " ").trim();
  const words = plain.length <= MAX_MESSAGE ? plain : `${plain.slice(0, MAX_MESSAGE)}…`;
  return `${path}:${line}:${column} ${severity}${by === "" ? "" : ` ${by}`}: ${words}`;
}

/** `2 errors, 1 warning`. */
export function problemCounts(problems: readonly Problem[]): string {
  const words = (["error", "warning", "info", "hint"] as const).flatMap((severity) => {
    const found = problems.filter((one) => one.severity === severity).length;
    const name = severity === "info" ? "note" : severity;
    return found === 0 ? [] : [`${count(found)} ${name}${found === 1 ? "" : "s"}`];
  });
  return words.length === 0 ? "no problems" : words.join(", ");
}

/** Errors and warnings that were not there before. A line that has only moved is not new. */
export function newProblems(before: readonly Problem[], after: readonly Problem[]): readonly Problem[] {
  const known = new Map<string, number>();
  for (const problem of before) known.set(keyOf(problem), (known.get(keyOf(problem)) ?? 0) + 1);
  return after.filter((problem) => {
    if (problem.severity !== "error" && problem.severity !== "warning") return false;
    const left = known.get(keyOf(problem)) ?? 0;
    known.set(keyOf(problem), left - 1);
    return left <= 0;
  });
}

const keyOf = ({ path, severity, source, code, message }: Problem): string =>
  JSON.stringify([path, severity, source, code, message]);

/**
 * Without those in files that a rule withholds.
 * @param mayRead of a real path.
 * @returns what may be told, and what to say of the rest, in lines.
 */
export function tellable(
  problems: readonly Problem[],
  mayRead: (path: string) => boolean,
): { readonly told: readonly Problem[]; readonly note: readonly string[] } {
  const told = problems.filter(({ file, real }) => mayRead(file) && mayRead(real));
  const left = problems.length - told.length;
  const note = `[${count(left)} left out: a rule of the person withholds ${left === 1 ? "its file" : "their files"}]`;
  return { told, note: left === 0 ? [] : [note] };
}
