/** All tools, in the order in which models get them: it is part of the cached prefix, so new ones go to the end. */
import { askUser } from "./ask-user";
import { diagnostics } from "./diagnostics";
import { editFile } from "./edit-file";
import { findFiles } from "./find-files";
import { jobOutput } from "./job-output";
import { jobStop } from "./job-stop";
import { listFiles } from "./list-files";
import { readFile } from "./read-file";
import { readOutput } from "./read-output";
import { runShell } from "./run-shell";
import { search } from "./search";
import { todo } from "./todo";
import type { Tool } from "./types";
import { webFetch } from "./web-fetch";
import { webSearch } from "./web-search";
import { writeFile } from "./write-file";
import { youtubeTranscribe } from "./youtube-transcribe";

export const allTools: readonly Tool[] = [
  readFile,
  listFiles,
  writeFile,
  editFile,
  runShell,
  jobOutput,
  jobStop,
  todo,
  askUser,
  search,
  findFiles,
  readOutput,
  webFetch,
  youtubeTranscribe,
  webSearch,
  diagnostics,
];

/** Those that run commands: a rule allows these by the command, never by the name of the tool. */
export const commandTools: readonly string[] = [runShell.name];
