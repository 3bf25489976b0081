/** What each command of a script does, as far as the table knows. Pure: paths are looked up by the caller. */
import { programNamed } from "./programs/index";
import type { Judged } from "./programs/program";
import type { SimpleCommand } from "./script";

/** Programs whose arguments may hold `$?`: it is a number, and they only show or compare it. */
const TAKES_STATUS = new Set(["echo", "printf", "test", "["]);

export type JudgedCommand = {
  readonly judged: Judged;
  /** The name of the program to be looked for on disk; absent for what bash does itself. */
  readonly program?: string;
};

export function judgeCommand({ words, inputs }: SimpleCommand): JudgedCommand {
  const [first, ...args] = words;
  const name = first?.value ?? "";
  const program = programNamed(name);
  if (program === undefined) return { judged: { reads: false, why: `${name} is not in the reading table` } };
  const file = program.builtin === true ? {} : { program: name };
  if (args.some(({ varies }) => varies) && !TAKES_STATUS.has(name)) {
    return { judged: { reads: false, why: "the variable $?" }, ...file };
  }
  const judged = program.judge(args);
  return { judged: judged.reads ? { ...judged, paths: [...judged.paths, ...inputs] } : judged, ...file };
}
