import type { Job, ToolOutput } from "./types";

/**
 * The result of a call whose work goes on as a job.
 * @param how it came to that, as the beginning of a sentence.
 * @param isKnown whether the model has the tools for jobs.
 */
export function jobBegun(job: Job, how: string, isKnown: boolean): ToolOutput {
  const { text } = job.look();
  const printed = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  const next = isKnown
    ? "job_output reads what comes next, job_stop ends it."
    : "You will be told when it has ended. Do not start it again.";
  return {
    text: `${printed}[${how}, as job ${job.id}: it is running, and above is what it has printed so far. ${next}]`,
    isError: false,
    summary: "in the background",
    goesOn: true,
  };
}
