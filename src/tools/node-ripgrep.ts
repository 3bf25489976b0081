/** Runs ripgrep: no shell, no configuration of its own, bounded in time and ended with its call. */
import { type ChildProcess, spawn } from "node:child_process";
import { realpath } from "node:fs/promises";
import { isKernelPath } from "./node-files";
import type { RipgrepEnd, RipgrepOptions } from "./types";

const ERROR_CHARACTERS = 4_000;

/**
 * @param program undefined: there is none on this machine.
 * @param options.cwd the real folder to look through. Links that have appeared on the way to it since are not followed.
 */
export async function runRipgrep(
  program: string | undefined,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: RipgrepOptions,
): Promise<RipgrepEnd> {
  if (program === undefined) return { kind: "missing" };
  if (options.signal.aborted) return { kind: "cancelled" };
  if (isKernelPath(options.cwd)) return { kind: "failed", message: `${options.cwd} is the system's own.` };
  const now = await realpath(options.cwd).catch(() => undefined);
  if (now !== options.cwd) return { kind: "failed", message: `${options.cwd} has changed meanwhile. Try again.` };
  const { RIPGREP_CONFIG_PATH: _, ...rest } = env;
  const child = start(program, ["--no-config", ...args], rest, options.cwd);
  return child instanceof Error ? { kind: "failed", message: child.message } : untilEnd(child, options);
}

function start(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): ChildProcess | Error {
  try {
    return spawn(program, [...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function untilEnd(child: ChildProcess, { signal, timeoutMs, onBytes }: RipgrepOptions): Promise<RipgrepEnd> {
  return new Promise((resolve) => {
    let errors = "";
    let isOver = false;
    const end = (how: RipgrepEnd): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (child.exitCode === null) child.kill("SIGKILL"); // it only reads, and starts nothing
      resolve(how);
    };
    const onAbort = (): void => end({ kind: "cancelled" });
    const timer = setTimeout(() => end({ kind: "timeout" }), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    child.on("error", (error) => end({ kind: "failed", message: error.message }));
    child.on("close", (code) => end({ kind: "ended", exitCode: code ?? 2, errors }));
    child.stdout?.on("data", (bytes: Uint8Array) => {
      if (!isOver && !onBytes(bytes)) end({ kind: "enough" });
    });
    child.stderr?.on("data", (bytes: Uint8Array) => {
      if (errors.length < ERROR_CHARACTERS) errors = (errors + bytes.toString()).slice(0, ERROR_CHARACTERS);
    });
  });
}
