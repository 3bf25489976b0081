/** Names of the files in the log's folder. */
import path from "node:path";

export type LogFiles = {
  readonly folder: string;
  readonly checkpoint: string;
  /** The checkpoint before; with `journalBefore` and `journal` it gives the same log again. */
  readonly checkpointBefore: string;
  readonly journal: string;
  readonly journalBefore: string;
};

export function logFiles(folder: string): LogFiles {
  return {
    folder,
    checkpoint: path.join(folder, "checkpoint.sqlite"),
    checkpointBefore: path.join(folder, "checkpoint.previous.sqlite"),
    journal: path.join(folder, "journal"),
    journalBefore: path.join(folder, "journal.previous"),
  };
}
