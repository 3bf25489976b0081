/** The table: what is known of programs, by name. What is not here may do anything. */
import type { Word } from "../script";
import { builtins } from "./builtins";
import { filePrograms } from "./files";
import { judgeGit } from "./git";
import { type Judged, judgeUsual, type Program, type Programs, refused } from "./program";
import { searchPrograms } from "./search";
import { textPrograms } from "./text";

/**
 * Programs that are known only by their versions. Not here: those that take a folder's word for which version or program
 * to run (cargo, rustc, go, yarn, pnpm).
 */
const versions: Programs = Object.fromEntries(
  `ruby perl gcc g++ cc clang make cmake docker bash curl sqlite3 gh`.split(" ").map((name) => [name, version()]),
);

const npmList = {
  options: `-la --all --long --json --parseable --depth: --prod --dev --include: --omit: --production --link --package-lock-only --workspaces`,
  texts: Number.POSITIVE_INFINITY,
  only: /^[\w@./^~-]+$/,
};

const table: Programs = {
  ...versions,
  ...builtins,
  ...filePrograms,
  ...textPrograms,
  ...searchPrograms,
  node: version("-v"),
  python: version("-V"),
  python3: version("-V"),
  java: version("-version"),
  git: { judge: judgeGit },
  npm: { judge: judgeNpm },
};

/** @param short what the program has beside `--version`. */
function version(short = "--version"): Program {
  const judge = (args: readonly Word[]): Judged =>
    args.length === 1 && ["--version", short].includes(args[0]?.value ?? "")
      ? { reads: true, paths: [] }
      : refused("other than its version");
  return { judge };
}

function judgeNpm(args: readonly Word[]): Judged {
  const first = args[0]?.value ?? "";
  if (["ls", "list", "ll"].includes(first)) return judgeUsual(npmList, args.slice(1));
  const isRead = args.length === 1 && ["-v", "--version", "root", "prefix"].includes(first);
  return isRead ? { reads: true, paths: [] } : refused(`npm ${first}`);
}

/** @param name the command word; one with a slash is a file, of which nothing is known. */
export function programNamed(name: string): Program | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

export const programNames: readonly string[] = Object.keys(table);
