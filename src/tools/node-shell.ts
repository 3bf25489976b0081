/** Which shell runs commands here, and what a command word starts in it. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { isWithin } from "./node-paths";
import type { ShellInfo } from "./types";

/** The bash that runs commands: only from absolute folders, since with `.` in PATH a workspace could bring its own. */
export function findBash(searchPath: string | undefined): string | undefined {
  const folders = ["/bin", "/usr/bin", ...(searchPath ?? "").split(path.delimiter).filter(path.isAbsolute)];
  return folders.map((folder) => path.join(folder, "bash")).find(isExecutable);
}

/**
 * @param env what commands get.
 * @param root real path of the workspace folder: a program from there is not the system's.
 */
export function shellInfo(env: NodeJS.ProcessEnv, root: string): ShellInfo {
  if (process.platform === "win32") return { language: "powershell", doubt: () => "the shell is PowerShell" };
  const language = findBash(env.PATH) === undefined ? "sh" : "bash";
  return {
    language,
    doubt: (name, isBuiltin) => doubtOf(name, isBuiltin, env, root),
  };
}

/** Of git: what in the environment leads it to another repository or makes it run a program. */
const GIT_VARIABLES = /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|EXTERNAL_DIFF|EXEC_PATH|CONFIG.*)$/;

function doubtOf(name: string, isBuiltin: boolean, env: NodeJS.ProcessEnv, root: string): string | undefined {
  if (env[`BASH_FUNC_${name}%%`] !== undefined || env[`BASH_FUNC_${name}()`] !== undefined) {
    return `${name} is a function of the environment`;
  }
  if (isBuiltin) return undefined;
  if (name === "git") {
    const variable = Object.keys(env).find((key) => GIT_VARIABLES.test(key));
    if (variable !== undefined) return `the environment sets ${variable}`;
  }
  const settings = name === "rg" ? env.RIPGREP_CONFIG_PATH : undefined;
  if (settings !== undefined && settings !== "" && !isForeign(settings, root)) {
    return "the settings of rg are in the workspace";
  }
  for (const written of (env.PATH ?? "").split(path.delimiter)) {
    // bash itself reads a ~ in PATH as the home folder.
    const folder = /^~(?=\/|$)/.test(written) ? (env.HOME ?? "") + written.slice(1) : written;
    if (!path.isAbsolute(folder)) return "PATH has a folder that is not absolute";
    const file = path.join(folder, name);
    if (!isExecutable(file)) continue;
    const real = realpathSync.native(file);
    if (!isForeign(file, root) || !isForeign(real, root)) return `${name} would be started from the workspace`;
    return isShim(file) || isShim(real)
      ? `${name} is chosen by a version manager, which files of the folder can lead elsewhere`
      : undefined;
  }
  return undefined; // bash says that there is no such command
}

/** Absolute, and not in the workspace. */
function isForeign(file: string, root: string): boolean {
  return path.isAbsolute(file) && !isWithin(file, root);
}

function isShim(file: string): boolean {
  return /[/\\](?:shims|\.volta)[/\\]/.test(file);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
