/** What bash makes of a text that Dispatch reads as plain commands: its own argv beside ours. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ShellParser } from "../../src/approvals/shell/parser";
import type { Pipeline } from "../../src/approvals/shell/script";

export type Pick = <T>(from: readonly T[]) => T;

/** The commands of the texts: functions that write down what they get and do nothing else. */
const NAMES = ["c0", "c1", "c2", "c3"];
const END = "\x01";

/** The arguments and the end. In one line: bash writes line by line, and the commands of a pipe write at once. */
const SHOWN = `"${"$"}{@//${"$'\\n'"}/${"$'\\x03'"}}" ${"$'\\x01'"}`;

/** Reports each command as its name and arguments, ended by \0, and all of it by an \x01. */
const PRELUDE = `${NAMES.map((name) => `${name}() { printf '%s\\0' ${name} ${SHOWN} >&3; }`).join("\n")}
command_not_found_handle() { printf '%s\\0' ${SHOWN} >&3; }
set -f
PATH=/nowhere
cd "$1"
exec 3>>calls
while IFS= read -r -d '' line <&4; do
  printf '%s\\0' ${"$'\\x02'"} >&3
  ( eval "$line" ) </dev/null >/dev/null 2>&1
done`;

const PARTS = [
  ...`a foo -n --x=y 1 src/a.ts . .. - -- = == a=b @{u} HEAD~1 HEAD^ {} { } !x a!b % + , : / ] a# #`.split(" "),
  ...'\'\' "" \'a b\' "a b" \'a;b\' "a|b" \'$x\' "a$" \'a"b\' "a\'b" "a\\"b" "a\\\\b" "\\$x" "\\a" \'é✓\' "größe"'.split(
    / (?=['"])/,
  ),
  ..."\\; \\& \\| \\< \\> \\\\ \\' \\\" \\$ \\# \\( \\) \\{ \\} \\* \\a \\~ \\! a\\ b * *.ts [a] ? a* ~ a~ $ a$".split(
    / (?!b)/,
  ),
  "'a\nb'",
  '"a\nb"',
  "\\\n",
  '"a\\\nb"',
];
const JOINTS = [
  " ; ",
  ";",
  " && ",
  "&&",
  " || ",
  "||",
  " | ",
  "|",
  "\n",
  " ; \n",
  "\n\n",
  " &&\n ",
  " |\n",
  " # note\n",
  "\n# note\n",
];
const REDIRECTS = [
  " 2>/dev/null",
  " >/dev/null",
  " 2>&1",
  " &>/dev/null",
  " </dev/null",
  " >>/dev/null",
  " > '/dev/null'",
  ">&2",
];

/** A text of words, quotes, operators and a little of what must not be believed. */
export function textOf(pick: Pick, random: () => number): string {
  const commands = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
    const words = Array.from({ length: Math.floor(random() * 5) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 2.3) }, () => pick(PARTS)).join(""),
    );
    const name = random() < 0.15 ? pick(["'c0'", '"c1"', "c\\2", "c''3", "c\\\n0", '"c"1']) : pick(NAMES);
    const blank = () => (random() < 0.1 ? pick(["  ", "\t", " \\\n "]) : " ");
    const end = random() < 0.2 ? pick(REDIRECTS) : "";
    const start = random() < 0.05 ? "! " : "";
    return `${start}${[name, ...words].join(blank())}${end}`;
  });
  return (
    commands.reduce((text, command) => text + pick(JOINTS) + command) +
    (random() < 0.1 ? pick([" ;", "\n", " #x"]) : "")
  );
}

export type Comparison = { readonly known: number; readonly different: readonly string[] };

/** @returns how many of the texts are read as plain commands, and those of which bash makes something else. */
export function compareWithBash(parse: ShellParser, texts: readonly string[]): Comparison {
  const known = texts.flatMap((text) => {
    const script = parse(text);
    return script.kind === "script" && areOurs(script.pipelines) ? [{ text, pipelines: script.pipelines }] : [];
  });
  const folder = mkdtempSync(path.join(tmpdir(), "dispatch-argv-"));
  try {
    const lines = path.join(folder, "lines");
    writeFileSync(lines, known.map(({ text }) => `${text}\0`).join(""));
    writeFileSync(path.join(folder, "calls"), "");
    const command = `exec 4<"$1/lines"\n${PRELUDE}`;
    const ended = spawnSync("bash", ["--noprofile", "--norc", "-c", command, "bash", folder], {
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8" },
      stdio: "inherit",
    });
    if (ended.status !== 0) throw new Error(`bash ended with ${ended.status ?? ended.signal}`);
    const real = readFileSync(path.join(folder, "calls"), "utf8").split("\x02\0").slice(1);
    const different = known.filter(({ pipelines }, index) => expected(pipelines) !== sorted(real[index] ?? ""));
    return { known: known.length, different: different.map(({ text }) => text) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A comment may leave any word in the place of a command; of a builtin, a job or a path nothing would be reported. */
function areOurs(pipelines: readonly Pipeline[]): boolean {
  const names = pipelines.flatMap(({ commands }) => commands.map(({ words }) => words[0]?.value ?? ""));
  return names.every((name) => !/^$|^%|^[.:[]$|\//.test(name));
}

/** Each command ends well, so what stands behind `||` does not run. */
function expected(pipelines: readonly Pipeline[]): string {
  const ran: string[] = [];
  let isWell = true;
  for (const { after, negated, commands } of pipelines) {
    if (after === (isWell ? "||" : "&&")) continue;
    ran.push(...commands.map(({ words }) => words.map(({ value }) => value.replaceAll("\n", "\x03")).join("\0")));
    isWell = !negated;
  }
  return ran.sort().join("\n\n");
}

/** The commands of a pipe run at once. */
function sorted(calls: string): string {
  return calls.split(`\0${END}\0`).slice(0, -1).sort().join("\n\n");
}
