/** Runs what was allowed in a real bash, in a place where everything but reading leaves a trace. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { programNames } from "../../src/approvals/shell/programs/index";
import { environmentFor } from "../../src/tools/node-run";
import type { Repository } from "./repository";

/** Programs that are allowed to tell their version, and npm what is installed; anything else they do is told. */
const KNOWN_BY_VERSION = ["node", "npm", "python3", "perl", "bash", "curl"];
const VERSION = "--version | -v | -V | ls | 'ls '* | list | 'list '* | ll | 'll '* | root | prefix";

/** Programs that would take time or produce without end; and those whose shims tell that they ran. */
const IDLE = ["sleep", "seq"];
const TELLTALES = ["touch", "sh", "tee", "canary", "rm", "cp", "mv", "env", "xargs", "sudo", "nohup"];
const SECRET = "canary-secret-4711";
const TOKEN = "canary-token-4711";

export type Canary = {
  /** The commands of which some trace was found. */
  readonly run: (commands: readonly string[]) => readonly string[];
};

/** @param repository gets a secret beside it, and a folder of programs. */
export function makeCanary({ root, outer }: Repository): Canary {
  const [bin, traces] = [path.join(outer, "bin"), path.join(outer, "traces")];
  mkdirSync(bin);
  mkdirSync(traces);
  mkdirSync(path.join(outer, "home"));
  writeFileSync(path.join(outer, "secret.txt"), `${SECRET}\n`);
  writeFileSync(path.join(root, "canary"), `#!/bin/sh\necho ran >> ${traces}/ran\n`);
  chmodSync(path.join(root, "canary"), 0o755);
  for (const name of new Set([...programNames, ...KNOWN_BY_VERSION, ...TELLTALES])) {
    const places = name === "rg" ? [rgPath] : ["/bin", "/usr/bin"].map((folder) => path.join(folder, name));
    const real = places.find(existsSync);
    const shim = path.join(bin, name);
    if (IDLE.includes(name)) script(shim, ":");
    else if (KNOWN_BY_VERSION.includes(name)) {
      script(
        shim,
        `case "$*" in ${name === "npm" ? VERSION : "--version | -v | -V"}) ;; *) echo "${name} $*" >> ${traces}/ran ;; esac`,
      );
    } else if (TELLTALES.includes(name)) script(shim, `echo "${name} $*" >> ${traces}/ran`);
    else if (real !== undefined) symlinkSync(real, shim);
    else script(shim, ":"); // not on this machine
  }
  const env = {
    ...environmentFor({ PATH: bin, HOME: path.join(outer, "home"), LANG: "C.UTF-8", CANARY_TOKEN: TOKEN }, []),
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const before = stateOf(outer);
  const leavesTrace = (commands: readonly string[]): boolean => {
    const [list, out] = [path.join(traces, "list"), path.join(traces, "out")];
    writeFileSync(list, commands.map((command) => `${command}\0`).join(""));
    const batch = `command_not_found_handle() { echo "$*" >> '${traces}/ran'; return 127; }
      exec 3<'${list}' >'${out}' 2>&1 </dev/null
      while IFS= read -r -d '' line <&3; do ( exec 3<&-; eval "$line" ); done`;
    const ended = spawnSync("/bin/bash", ["--noprofile", "--norc", "-c", "--", batch], {
      cwd: root,
      env,
      stdio: "ignore",
      timeout: 120_000,
    });
    const printed = existsSync(out) ? readFileSync(out, "latin1") : "";
    const isSilent = ended.status !== null && !printed.includes(SECRET) && !printed.includes(TOKEN);
    const isClean = isSilent && !existsSync(path.join(traces, "ran")) && stateOf(outer) === before;
    rmSync(traces, { recursive: true });
    mkdirSync(traces);
    return !isClean;
  };
  const find = (commands: readonly string[]): readonly string[] => {
    if (commands.length === 0 || !leavesTrace(commands)) return [];
    if (commands.length === 1) return commands;
    const half = Math.ceil(commands.length / 2);
    const found = [...find(commands.slice(0, half)), ...find(commands.slice(half))];
    return found.length > 0 ? found : commands;
  };
  return { run: find };
}

function script(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** Names and contents of everything but the traces and git's own index, which a comparison may refresh. */
function stateOf(folder: string): string {
  const hash = createHash("sha256");
  const visit = (place: string): void => {
    for (const entry of readdirSync(place, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const file = path.join(place, entry.name);
      if (file.endsWith(".git/index") || entry.name === "traces") continue;
      hash.update(`${file}\0`);
      if (entry.isDirectory()) visit(file);
      else hash.update(entry.isSymbolicLink() ? readlinkSync(file) : readFileSync(file));
    }
  };
  visit(folder);
  return hash.digest("hex");
}
