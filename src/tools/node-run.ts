/** Runs one command in a shell, in its own process group, with bounded output and none of our secrets. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { createBoundedText } from "./bounded-text";
import { guardGroup } from "./group-guard";
import { findBash } from "./node-shell";
import { createPlainText } from "./plain-output";
import { endGroup, isGroupAlive } from "./process-group";
import type { CommandResult, RunOptions, Sandbox } from "./types";

/** 1 MiB of text per command, most of it from the end, where failures are reported. */
const HEAD_CHARACTERS = 256 * 1_024;
const TAIL_CHARACTERS = 768 * 1_024;

/** How long output may still arrive after the shell has ended: a child of it may be writing its last lines. */
const LAST_OUTPUT_MS = 500;
const LAST_STEPS_MS = 100;

/**
 * Both output streams arrive merged, in the order of writing (on Windows about so). Input is closed. When the shell has
 * ended, so are the background processes that it left in its group: nothing runs on without an owner.
 * On abort and timeout the whole group is ended, by force after 2 s; so it is when this process dies.
 */
export async function runCommand(
  command: string,
  env: NodeJS.ProcessEnv,
  options: RunOptions,
  sandbox?: Sandbox,
): Promise<CommandResult> {
  if (options.signal.aborted) return { kind: "cancelled", output: "", droppedBytes: 0 };
  const collected = createBoundedText(HEAD_CHARACTERS, TAIL_CHARACTERS);
  const collect = (text: string): void => {
    if (text === "") return;
    collected.push(text);
    options.onOutput(text);
  };
  const line = await lineFor(command, env, options, sandbox);
  if ("error" in line) return failedToStart(line.error);
  if (options.signal.aborted) {
    line.release();
    return { kind: "cancelled", output: "", droppedBytes: 0 };
  }
  const child = start(line, options.cwd);
  if (child instanceof Error) {
    line.release();
    return failedToStart(child.message);
  }
  const release = guardGroup(child.pid);
  const end = await untilEnd(child, options, collect).finally(() => {
    release();
    line.release();
  });
  if (end.kind === "failed-to-start") return failedToStart(end.message);
  return { ...end, output: collected.text(), droppedBytes: collected.droppedBytes() };
}

/** What makes a shell run something first, go elsewhere with `cd`, or read its language in another way. */
const SHELL_VARIABLES = `BASH_ENV ENV CDPATH GLOBIGNORE BASHOPTS SHELLOPTS POSIXLY_CORRECT BASH_COMPAT PS4 PWD OLDPWD`;

/**
 * What commands get beside: nothing waits for a person, git writes no index of its own accord (which would run a hook, and
 * lock out the person's git), npm asks no registry for news of itself (the folder's .npmrc names the registry)
 * and writes no log (it would name the place too).
 */
const QUIET = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  PAGER: "cat",
  GIT_PAGER: "cat",
  TERM: "dumb",
  npm_config_update_notifier: "false",
  npm_config_logs_max: "0",
};

/**
 * The environment of commands: that of the editor without its own wiring, without our secrets, without what would change
 * what a command means, and with what keeps programs from waiting for a person.
 */
export function environmentFor(base: NodeJS.ProcessEnv, strip: readonly string[]): NodeJS.ProcessEnv {
  const hidden = new Set(
    ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", ...SHELL_VARIABLES.split(" "), ...strip].map((name) =>
      name.toUpperCase(),
    ),
  );
  const kept = Object.entries(base).filter(
    ([name]) => !hidden.has(name.toUpperCase()) && !/^(?:DISPATCH_|VSCODE_|ELECTRON_)/i.test(name),
  );
  return { ...Object.fromEntries(kept), ...QUIET };
}

type Line = {
  readonly words: readonly [string, string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly release: () => void;
};

async function lineFor(
  command: string,
  env: NodeJS.ProcessEnv,
  { sandboxed, withheld }: Pick<RunOptions, "sandboxed" | "withheld">,
  sandbox: Sandbox | undefined,
): Promise<Line | { readonly error: string }> {
  if (sandboxed !== true) return { words: shellFor(command, env), env, release: () => undefined };
  if (sandbox === undefined) return { error: "There is no sandbox here." };
  const bash = findBash(env.PATH);
  const wrapped = await sandbox.wrap(
    bash === undefined ? ["/bin/sh", "-c", "--", command] : [bash, "--noprofile", "--norc", "-c", "--", command],
    withheld,
  );
  if ("error" in wrapped) return wrapped;
  const words = ["/bin/sh", ["-c", `exec 2>&1\n${wrapped.script}`]] as const;
  return { words: [words[0], [...words[1]]], env: { ...env, ...wrapped.env }, release: wrapped.release };
}

function start({ words: [file, args], env }: Line, cwd: string): ChildProcess | Error {
  try {
    // A group of its own, so that a signal reaches everything that the command starts.
    const detached = process.platform !== "win32";
    return spawn(file, args, { cwd, env, detached, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The outer shell only joins the two streams into one, which keeps their order, and becomes the inner one. */
function shellFor(command: string, env: NodeJS.ProcessEnv): readonly [string, string[]] {
  if (process.platform === "win32") {
    return ["powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", command]];
  }
  const bash = findBash(env.PATH);
  return bash === undefined
    ? ["/bin/sh", ["-c", 'exec /bin/sh -c -- "$1" 2>&1', "sh", command]]
    : ["/bin/sh", ["-c", 'exec "$2" --noprofile --norc -c -- "$1" 2>&1', "sh", command, bash]];
}

type End =
  | { readonly kind: "failed-to-start"; readonly message: string }
  | { readonly kind: "timeout" | "cancelled" }
  | { readonly kind: "exited"; readonly exitCode?: number; readonly signal?: string; readonly message?: string };

async function untilEnd(child: ChildProcess, options: RunOptions, collect: (text: string) => void): Promise<End> {
  const closed = new Promise<"closed">((resolve) => child.once("close", () => resolve("closed")));
  const failed = new Promise<Error>((resolve) => child.once("error", resolve));
  const exited = new Promise<End>((resolve) => child.once("exit", (code, signal) => resolve(exitOf(code, signal))));
  read(child.stdout, collect);
  read(child.stderr, collect);
  const stop = untilStop(options);
  try {
    const first = await Promise.race([exited, failed, stop.promise]);
    if (first instanceof Error) {
      return { kind: "failed-to-start", message: first.message };
    }
    if (child.pid === undefined) return { kind: "failed-to-start", message: "no process was made" };
    if (first.kind === "exited") return await settle(child.pid, first, closed, stop.promise);
    await endGroup(child.pid);
    await Promise.race([closed, pause(LAST_OUTPUT_MS)]);
    return first;
  } finally {
    stop.dispose();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** The shell has ended: waits a moment for the rest of the output, then ends what it left behind. */
async function settle(
  leader: number,
  end: End & { kind: "exited" },
  closed: Promise<"closed">,
  stop: Promise<End>,
): Promise<End> {
  await Promise.race([closed, pause(LAST_OUTPUT_MS), stop]);
  if (!(await isGroupAlive(leader))) return end;
  await pause(LAST_STEPS_MS); // who has closed its output last may still be on its way out
  if (!(await isGroupAlive(leader))) return end;
  await endGroup(leader);
  return { ...end, message: "Background processes that the command had left running were ended." };
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): End {
  if (signal !== null) return { kind: "exited", signal };
  return { kind: "exited", exitCode: code ?? 0 };
}

function untilStop(options: RunOptions): { readonly promise: Promise<End>; readonly dispose: () => void } {
  let dispose = (): void => undefined;
  const promise = new Promise<End>((resolve) => {
    const onAbort = (): void => resolve({ kind: "cancelled" });
    const timer = setTimeout(() => resolve({ kind: "timeout" }), options.timeoutMs);
    const onUntimed = (): void => clearTimeout(timer);
    options.signal.addEventListener("abort", onAbort, { once: true });
    options.untimed?.addEventListener("abort", onUntimed, { once: true });
    dispose = () => {
      clearTimeout(timer);
      options.untimed?.removeEventListener("abort", onUntimed);
      options.signal.removeEventListener("abort", onAbort);
    };
  });
  return { promise, dispose };
}

function read(stream: Readable | null, collect: (text: string) => void): void {
  const decoder = new TextDecoder("utf-8");
  const plain = createPlainText();
  stream?.on("data", (bytes: Uint8Array) => collect(plain(decoder.decode(bytes, { stream: true }))));
  stream?.on("end", () => collect(plain(decoder.decode())));
  // A pipe that breaks has nothing more to say; the exit of the process tells what happened.
  stream?.on("error", () => undefined);
}

function failedToStart(message: string): CommandResult {
  return { kind: "failed-to-start", output: "", droppedBytes: 0, message };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
