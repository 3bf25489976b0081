import { jobBegun } from "./job-begun";
import { MAX_JOBS } from "./jobs";
import { aboutText, failure, optionalNumber, optionalText, ROOT, ROOT_IS_GONE, textArgument } from "./tool-helpers";
import type { CommandResult, Mover, Prepared, Tool, ToolOutput, Workspace } from "./types";

/** What the model may ask for. The person may set more for calls that ask for nothing. */
const MAX_SECONDS = 600;
/** Linux takes 131,072 bytes for one argument; a person reads much less. */
const MAX_COMMAND = 16_000;

/** Runs a command in the shell. */
export const runShell: Tool = {
  name: "run_shell",
  description: `Runs a command in a shell (bash where there is one, else sh; PowerShell on Windows) on the person's machine. Use it to build, run tests and use version control. To read, find, search or change files use the tools for that.

Each command starts fresh in the workspace folder or in cwd: no variables, functions or cd of an earlier command remain, and no shell start files are read. There is no terminal and no input: programs that ask questions fail or wait until the timeout, so pass flags such as --yes or --no-edit. Pagers are off.

The output is what the command printed (standard output and errors together, in order, without colours), then a last line such as [exit code 0]. A non-zero exit code is reported as an error. Long output is cut in the middle, so print only what you need. After timeout_seconds (without it after 120 seconds, or what the person has set) the command and everything that it started is stopped.

With background the command goes on while you work, without a time limit: use it for servers and watchers, and for what takes many minutes. The result is what it prints in its first second and the id of the job; read on with job_output and end it with job_stop. Do not use & or nohup for this: what a command leaves behind is ended with it. A command can also be moved to the background while it runs, by the person or because a message of theirs waits; then the result says so.

The person sees the exact command and may deny it. Control characters other than tab and line break are refused.`,
  schema: {
    type: "object",
    properties: {
      command: {
        type: "string",
        minLength: 1,
        maxLength: MAX_COMMAND,
        description: "The command line or script to run.",
      },
      cwd: {
        type: "string",
        description:
          "The folder to run in, relative to the workspace folder, or an absolute path. Default: the workspace folder.",
      },
      timeout_seconds: {
        type: "integer",
        minimum: 1,
        maximum: MAX_SECONDS,
        description: `Seconds until the command is stopped. Default: 120, or what the person has set; at most ${MAX_SECONDS}. Has no effect with background.`,
      },
      background: {
        type: "boolean",
        description: "true: the command goes on in the background, and you go on at once. Default false.",
      },
      outside_sandbox: {
        type: "boolean",
        description:
          "Only for a chat in the mode Sandboxed auto. true: the command runs outside of the sandbox, and the person is asked. Use it when a command has failed inside for want of the network or of a place to write. Default false.",
      },
    },
    required: ["command"],
    additionalProperties: false,
  },
  readOnly: false,
  about: (args) => aboutText(args, "command"),
  prepare: async (args, workspace) => {
    const command = textArgument(args, "command");
    const problem = refuse(command);
    if (problem !== undefined) return { ok: false, error: problem };
    const resolved = await workspace.resolve(optionalText(args, "cwd") || ROOT);
    if ("error" in resolved) return { ok: false, error: resolved.error };
    const cwd = resolved.path;
    if (resolved.inside && (await workspace.read(cwd)).kind !== "folder") {
      const why =
        resolved.shown === ROOT
          ? `${ROOT_IS_GONE} Nothing was run.`
          : `There is no folder ${resolved.shown} to run in. Nothing was run. Leave cwd out to run in the workspace folder.`;
      return { ok: false, error: why };
    }
    return plan(workspace, {
      command,
      cwd,
      inside: resolved.inside,
      asked: optionalNumber(args, "timeout_seconds"),
      background: args.background === true,
      outside: args.outside_sandbox === true,
    });
  },
};

type Wish = {
  readonly command: string;
  readonly cwd: string;
  readonly inside: boolean;
  /** Seconds. */
  readonly asked: number | undefined;
  readonly background: boolean;
  readonly outside: boolean;
};

function plan(workspace: Workspace, wish: Wish): Prepared {
  const { command, cwd, inside, asked, background, outside } = wish;
  const inBackground = background ? { background } : {};
  return {
    ok: true,
    effect: { kind: "run", command, cwd, inside, ...inBackground, ...(outside ? { sandbox: "out" } : {}) },
    subject: { kind: "command", command, cwd, ...inBackground },
    movable: !background,
    run: async ({ signal, onOutput, callId, jobs, commandSeconds, sandboxed, withheld, offers }) => {
      if (!inside && (await workspace.read(cwd)).kind !== "folder") {
        return failure(`There is no folder ${cwd} to run in. Nothing was run.`, "no such folder");
      }
      if (background && jobs.isFull()) {
        return failure(
          `${MAX_JOBS} commands run in the background already. Nothing was run. End one with job_stop first.`,
          "too many jobs",
        );
      }
      const startedAt = performance.now();
      const seconds = asked ?? commandSeconds;
      const limit = background ? {} : { timeoutMs: seconds * 1_000 };
      const place = { sandboxed, ...(withheld === undefined ? {} : { withheld }) };
      const outcome = await jobs.run(workspace, { command, cwd, ...limit, signal, onOutput, callId, ...place });
      if (outcome.kind === "background") return jobBegun(outcome.job, MOVED[outcome.by], offers("job_output"));
      const output = outputOf(outcome.result, seconds, performance.now() - startedAt);
      return sandboxed && output.isError
        ? { ...output, text: `${output.text}\n${inSandbox(withheld !== undefined)}` }
        : output;
    },
  };
}

/** @param isWithheld a rule keeps files from it. */
const inSandbox = (isWithheld: boolean): string =>
  `[it ran in the sandbox: no network, writes only in the workspace folder and $TMPDIR, and not to files that make programs run by themselves${isWithheld ? "; files that a rule of the person's withholds are empty or unreadable there" : ""}. If it failed for that reason and is needed, run it again with outside_sandbox: true; the person is then asked.]`;

const MOVED: Readonly<Record<Mover, string>> = {
  agent: "The command goes on in the background",
  person: "The person moved this command to the background",
  message: "A message of the person waited behind this command, so it was moved to the background",
};

/** Escape sequences and carriage returns could show one command and run another (Trojan Source, terminal keys). */
function refuse(command: string): string | undefined {
  if (command.trim() === "") return "The command is empty. Nothing was run.";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(command)?.[0];
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `The command contains the control character U+${code}. Nothing was run. Only tab and line feed may stand in a command; write others as escapes, such as printf '\\r'.`;
  }
  if (/\p{Surrogate}/u.test(command))
    return "The command contains half of a surrogate pair (a broken \\u escape). Nothing was run.";
  return undefined;
}

function outputOf(result: CommandResult, seconds: number, elapsedMs: number): ToolOutput {
  const end = endOf(result, seconds, elapsedMs);
  const printed = result.output === "" || result.output.endsWith("\n") ? result.output : `${result.output}\n`;
  const notes = result.message !== undefined && result.kind === "exited" ? `[${result.message}]\n` : "";
  return { text: `${printed}${notes}${end.line}`, isError: end.isError, summary: end.summary };
}

function endOf(
  result: CommandResult,
  seconds: number,
  elapsedMs: number,
): { readonly line: string; readonly isError: boolean; readonly summary: string } {
  switch (result.kind) {
    case "exited": {
      if (result.signal !== undefined) {
        return { line: `[ended by ${result.signal}]`, isError: true, summary: result.signal };
      }
      const code = result.exitCode ?? 0;
      return { line: `[exit code ${code}]`, isError: code !== 0, summary: `exit ${code}` };
    }
    case "timeout":
      return {
        line: `[stopped after ${seconds === 1 ? "1 second" : `${seconds} seconds`}, with everything that it had started. Give more timeout_seconds (at most ${MAX_SECONDS}) or do less at a time.]`,
        isError: true,
        summary: `timeout ${seconds} s`,
      };
    case "cancelled":
      return {
        line: `[stopped after ${(elapsedMs / 1_000).toFixed(1)} seconds, with everything that it had started]`,
        isError: true,
        summary: "stopped",
      };
    case "failed-to-start":
      return {
        line: `[the command could not be started: ${result.message ?? "unknown reason"}]`,
        isError: true,
        summary: "not started",
      };
  }
}
