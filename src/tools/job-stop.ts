import { jobEndWords } from "./command-end";
import { noJob } from "./job-output";
import { aboutText, textArgument } from "./tool-helpers";
import type { Tool } from "./types";

/** Ends a command in the background. */
export const jobStop: Tool = {
  name: "job_stop",
  description:
    "Ends a command in the background, with everything that it started. Use it when a server or a watcher that you started is no longer needed. What it has printed can still be read with job_output.",
  schema: {
    type: "object",
    properties: {
      job: { type: "string", minLength: 1, maxLength: 100, description: "The id of the job, such as j12." },
    },
    required: ["job"],
    additionalProperties: false,
  },
  readOnly: false,
  about: (args) => aboutText(args, "job"),
  prepare: async (args) => {
    const id = textArgument(args, "job");
    return {
      ok: true,
      effect: { kind: "job", act: "stop", id },
      subject: { kind: "job", act: "stop", id },
      run: async ({ jobs }) => {
        const job = jobs.find(id);
        if (job === undefined) return noJob(id, jobs);
        const hadEnded = job.end() !== undefined;
        await jobs.stop(job, "agent");
        jobs.told(job);
        const end = job.end();
        const words = end === undefined ? "stopped" : jobEndWords(end);
        const text = hadEnded ? `Job ${id} had ended already: ${words}.` : `Job ${id} has ended: ${words}.`;
        return { text, isError: false, summary: hadEnded ? "had ended" : "stopped" };
      },
    };
  },
};
