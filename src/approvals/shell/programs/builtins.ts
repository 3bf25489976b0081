/** What bash does by itself, and small programs that tell something about the machine. */
import type { Word } from "../script";
import { builtin, type Judged, type PathUse, type Programs, refused, usual } from "./program";

const ANY = Number.POSITIVE_INFINITY;
const name = builtin({ options: `-afptP`, texts: ANY });
const nothing = { options: "", max: 0 };

export const builtins: Programs = {
  true: builtin({ options: "", texts: ANY }),
  false: builtin({ options: "", texts: ANY }),
  ":": builtin({ options: "", texts: ANY }),
  pwd: builtin({ options: "-LP", max: 0 }),
  exit: builtin({ options: "", texts: ANY, max: 1, only: /^\d{1,3}$/ }),
  // The names that a pattern stands for are read from a folder.
  echo: { builtin: true, judge: (args) => ({ reads: true, paths: args.filter(({ glob }) => glob !== undefined) }) },
  printf: { builtin: true, judge: judgePrintf },
  test: { builtin: true, judge: judgeTest },
  "[": {
    builtin: true,
    judge: (args) => (args.at(-1)?.value === "]" ? judgeTest(args.slice(0, -1)) : refused("a [ without ]")),
  },
  cd: { builtin: true, judge: judgeCd },
  type: name,
  // `command NAME` would run it.
  command: {
    builtin: true,
    judge: (args) =>
      /^-[vV]$/.test(args[0]?.value ?? "") ? name.judge(args.slice(1)) : refused("command runs others"),
  },
  which: usual({ options: "-as", texts: ANY }),
  whereis: usual({ options: "-bms", texts: ANY }),
  date: usual({
    options: `-uRjn -I? -d: -r@ -v: --utc --universal --iso-8601? --rfc-email --rfc-3339: --date: --reference@`,
    texts: ANY,
    max: 1,
    only: /^\+/,
  }),
  sleep: usual({ options: "", texts: 1, max: 1, only: /^\d+(?:\.\d+)?[smh]?$/ }),
  uname: usual({ options: "-asnrvmpio", max: 0 }),
  whoami: usual(nothing),
  hostname: usual({ options: "-s", max: 0 }),
  id: usual({ options: "-ugGn", texts: ANY, max: 1, only: /^\w+$/ }),
  arch: usual(nothing),
  nproc: usual({ options: "--all", max: 0 }),
  uptime: usual({ options: "-ps", max: 0 }),
  free: usual({ options: "-bkmghtw", max: 0 }),
};

/** `-v` assigns and can run what stands in a subscript; the format `%n` assigns too, to PATH for example. */
const PRINTF_FORMAT = /^(?:[^%\\]|\\[^\n]|%%|%[-+ #0]{0,5}\d{0,4}(?:\.\d{1,4})?[sdiouxXeEfFgGcqb])*$/;

function judgePrintf(args: readonly Word[]): Judged {
  const [first, ...rest] = args[0]?.value === "--" ? args.slice(1) : args;
  if (first === undefined || (first === args[0] && first.value.startsWith("-"))) return refused("an option of printf");
  if (first.glob !== undefined || first.varies === true) return refused("a format of printf that is not fixed");
  if (!PRINTF_FORMAT.test(first.value)) return refused(`the format ${first.value} of printf`);
  return { reads: true, paths: rest.filter(({ glob }) => glob !== undefined) };
}

/** Not here: `-v` and `-R`, which can run what stands in a subscript; `-a`, `-o` and parentheses. */
const TESTS = new Set(
  `! -b -c -d -e -f -g -h -k -p -r -s -u -w -x -G -L -N -O -S -z -n = == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef`.split(
    " ",
  ),
);

function judgeTest(args: readonly Word[]): Judged {
  if (args.length > 5) return refused("a long test");
  const paths: PathUse[] = [];
  for (const word of args) {
    if (word.glob !== undefined) return refused(`the pattern ${word.value}, which stands for any number of words`);
    if (TESTS.has(word.value)) continue;
    if (/^(?:-\D|[()])/.test(word.value)) return refused(`${word.value} of test`);
    if (word.varies !== true && word.value !== "" && !/^-?\d+$/.test(word.value)) paths.push(word);
  }
  return { reads: true, paths };
}

function judgeCd(args: readonly Word[]): Judged {
  const operands = args[0]?.value === "--" ? args.slice(1) : args;
  const folder = operands[0];
  if (folder === undefined || operands.length > 1) return refused("cd with other than one folder");
  if (folder.glob !== undefined || folder.varies === true || /^-/.test(folder.value) || folder.value === "") {
    return refused("cd to a folder that is not named");
  }
  return { reads: true, paths: [folder], cd: folder };
}
