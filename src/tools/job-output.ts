import { jobEndWords, shortCommand, summaryOf } from "./command-end";
import { aboutText, failure, optionalNumber, optionalText, textArgument } from "./tool-helpers";
import type { Job, Jobs, Prepared, RunContext, Tool, ToolOutput } from "./types";

const MAX_WAIT_SECONDS = 120;

/** Reads what a command in the background has printed. */
export const jobOutput: Tool = {
  name: "job_output",
  description: `Reads what a command in the background has printed, and says whether it still runs or with which exit code it has ended. A job is a command that you started with run_shell and background, or that was moved to the background while it ran; its id stands in the result of that call.

Each call gives what is new since the last one; the first gives what came after the result of run_shell. To see earlier lines again give from_line and to_line.

With wait_seconds the call waits until the command ends, or until its new output contains wait_for: use that instead of asking again and again. A message of the person ends the wait. You are told by yourself when a job has ended, so go on with other work if there is any.`,
  schema: {
    type: "object",
    properties: {
      job: { type: "string", minLength: 1, maxLength: 100, description: "The id of the job, such as j12." },
      wait_seconds: {
        type: "integer",
        minimum: 0,
        maximum: MAX_WAIT_SECONDS,
        description: `Wait up to this many seconds. Default 0, at most ${MAX_WAIT_SECONDS}.`,
      },
      wait_for: {
        type: "string",
        minLength: 1,
        maxLength: 500,
        description: "With wait_seconds: the wait ends when the new output contains this text, such as listening on.",
      },
      from_line: { type: "integer", minimum: 1, description: "Read again from this line on, counted from 1." },
      to_line: { type: "integer", minimum: 1, description: "The last line to read again. Default: the last one." },
    },
    required: ["job"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "job"),
  prepare: async (args): Promise<Prepared> => {
    const id = textArgument(args, "job");
    const [from, to] = [optionalNumber(args, "from_line"), optionalNumber(args, "to_line")];
    const wait = { seconds: optionalNumber(args, "wait_seconds") ?? 0, text: optionalText(args, "wait_for") };
    return {
      ok: true,
      effect: { kind: "job", act: "read", id },
      subject: { kind: "job", act: "read", id },
      run: async (context) => {
        const job = context.jobs.find(id);
        if (job === undefined) return noJob(id, context.jobs);
        if (wait.seconds > 0) await waitFor(job, wait, context);
        const range =
          from === undefined && to === undefined ? undefined : { from: from ?? 1, to: to ?? lineCount(job) };
        return lookAt(job, range, context.jobs);
      },
    };
  },
};

/** The answer to an id that no job of this tab has. */
export function noJob(id: string, jobs: Jobs): ToolOutput {
  const others = jobs.list().map((job) => `${job.id} (${shortCommand(job.command)}: ${stateOf(job)})`);
  const list = others.length === 0 ? "There are no jobs now." : `The jobs are: ${others.join(", ")}.`;
  return failure(
    `There is no job ${id}. Jobs end when Dispatch is closed or restarted, or when their chat is closed, and their output is gone then. ${list}`,
    "no such job",
  );
}

async function waitFor(
  job: Job,
  wait: { readonly seconds: number; readonly text: string | undefined },
  { jobs, signal }: RunContext,
): Promise<void> {
  const { text } = wait;
  const from = job.seen();
  await jobs.wait(job, wait.seconds * 1_000, signal, () => text !== undefined && job.output.since(from).includes(text));
}

function lookAt(job: Job, range: { readonly from: number; readonly to: number } | undefined, jobs: Jobs): ToolOutput {
  const end = job.end(); // before the output is read: what came before the end is in it
  const { text, firstLine } =
    range === undefined
      ? job.look()
      : { text: job.output.lines(range.from, range.to), firstLine: Math.min(range.from, lineCount(job)) };
  if (end !== undefined) jobs.told(job);
  const printed = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  const count = lineCount(job);
  const last = Math.min(range?.to ?? count, count);
  const place = text === "" ? `nothing new, ${lines(count)} in all` : `lines ${firstLine}-${last} of ${count}`;
  return {
    text: `${printed}[job ${job.id} ${stateOf(job)}; ${place}]`,
    isError: false,
    summary: end === undefined ? "running" : summaryOf(end.result),
  };
}

function stateOf(job: Job): string {
  const end = job.end();
  return end === undefined ? "is running" : `has ended: ${jobEndWords(end)}`;
}

/** Lines so far, one that has not ended yet among them. */
function lineCount(job: Job): number {
  return linesSince(job, 0);
}

/** Lines that have been printed since an offset in the output, also those that were not kept. */
export function linesSince({ output }: Job, offset: number): number {
  const length = output.length();
  if (length <= offset) return 0;
  const isWhole = output.since(length - 1) === "\n";
  return output.lineAt(length) - output.lineAt(offset) + (isWhole ? 0 : 1);
}

function lines(count: number): string {
  return count === 1 ? "1 line" : `${count} lines`;
}
