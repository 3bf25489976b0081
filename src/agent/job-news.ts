/** What views and the model are told of the background commands of a tab. */
import { userDraft } from "../chunks/explode";
import type { JobState } from "../chunks/protocol";
import type { Draft } from "../chunks/rows";
import { jobEndWords, shortCommand, summaryOf } from "../tools/command-end";
import { linesSince } from "../tools/job-output";
import { truncateForModel } from "../tools/truncate";
import type { Job } from "../tools/types";

/** Characters of a command that views show on one line. */
const SHOWN_COMMAND = 200;

/** What a model without the tools for jobs gets of an output. */
const WITHOUT_TOOLS = { characters: 4_000, lines: 60 };

/** @param canRead whether the model knows `job_output`: a tab that is older than the tool does not. */
export function endedDrafts(step: number, ended: readonly Job[], canRead: boolean): readonly Draft[] {
  return ended.map((job) => userDraft(step, endedText(job, canRead), "context"));
}

export function jobState(job: Job): JobState {
  const end = job.end();
  const { id, startedAt } = job;
  return {
    id,
    command: shortCommand(job.command, SHOWN_COMMAND),
    startedAt,
    ...(end === undefined ? {} : { end: summaryOf(end.result) }),
  };
}

function endedText(job: Job, canRead: boolean): string {
  const end = job.end();
  const words = end === undefined ? "" : `: ${jobEndWords(end)}`;
  const ended = `The background job ${job.id} (${shortCommand(job.command)}) has ended${words}.`;
  if (canRead) {
    const count = linesSince(job, job.seen());
    if (count === 0) return `${ended} It has printed nothing more.`;
    return `${ended} It has printed ${count === 1 ? "1 more line" : `${count} more lines`}; read with job_output.`;
  }
  const text = job.output.since(job.seen());
  return text === "" ? `${ended} It has printed nothing more.` : `${ended} It has printed since:\n${cut(text)}`;
}

const cut = (text: string): string => truncateForModel(text, WITHOUT_TOOLS);
