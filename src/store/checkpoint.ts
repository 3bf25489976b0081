/** Puts a checkpoint and an empty journal in place of the ones before, so that a crash at any point loses nothing. */
import { logFiles } from "./files";
import { replaceFile, type StoreFs, writeSynced } from "./fs";
import { sha256 } from "./images";
import { encodeHeader, journalFormat } from "./journal";
import type { Rotation } from "./load";

export type Checkpoint = {
  readonly image: Uint8Array;
  /** The newest record in the image. */
  readonly last: number;
  readonly schema: number;
};

/**
 * Both new files are complete and synced under temporary names before anything is renamed. After that, at each point:
 * the newest checkpoint and the journal give the log; so do the previous checkpoint, the previous journal and the
 * journal. A journal's records that a checkpoint contains already are skipped by their numbers.
 *
 * @param rotation `rotate`: the checkpoint in place becomes the previous one. `keep`: there is none in place, and the
 * previous one fits the journal. `rewrite`: what is in place is damaged or incomplete, both are written anew.
 * @returns the length of the new, empty journal.
 */
export function writeCheckpoint(fs: StoreFs, folder: string, rotation: Rotation, checkpoint: Checkpoint): number {
  const files = logFiles(folder);
  const { image, last, schema } = checkpoint;
  const header = encodeHeader({ format: journalFormat, schema, after: last, checkpoint: sha256(image) });
  writeSynced(fs, `${files.checkpoint}.tmp`, image);
  writeSynced(fs, `${files.journal}.tmp`, header);
  const hasCheckpoint = fs.stat(files.checkpoint) !== undefined;
  if (rotation === "rewrite") replaceFile(fs, files.checkpointBefore, image);
  else if (hasCheckpoint) moveDurably(fs, folder, files.checkpoint, files.checkpointBefore);
  moveDurably(fs, folder, `${files.checkpoint}.tmp`, files.checkpoint);
  if (fs.stat(files.journal) !== undefined) moveDurably(fs, folder, files.journal, files.journalBefore);
  moveDurably(fs, folder, `${files.journal}.tmp`, files.journal);
  return header.length;
}

/** The first file of a log: an empty journal. @returns its length. */
export function createJournal(fs: StoreFs, folder: string, schema: number): number {
  const header = encodeHeader({ format: journalFormat, schema, after: 0, checkpoint: null });
  replaceFile(fs, logFiles(folder).journal, header);
  return header.length;
}

function moveDurably(fs: StoreFs, folder: string, from: string, to: string): void {
  fs.rename(from, to);
  fs.syncFolder(folder);
}
