/**
 * How a reader keeps up with the writer: it reads the journal from where it stopped, and changes no file. What it costs
 * follows what is new.
 */
import { Contradiction } from "./contradiction";
import type { Database } from "./database";
import { logFiles } from "./files";
import type { FileStat, StoreFs } from "./fs";
import { type JournalMark, type JournalRecord, readOn, scanJournal } from "./journal";
import type { LogOp } from "./log-op";
import { applyOps } from "./ops";
import type { Change, Op } from "./types";

/** How far a reader has come. */
export type Place = {
  /** The journal as it was before it was read. */
  readonly seen: FileStat | undefined;
  /** Undefined: damage, or a newer version, makes it impossible to go on from here. */
  readonly at: { readonly last: number; readonly mark: JournalMark | undefined } | undefined;
};

export type Step =
  | { readonly kind: "same" }
  /** Some records can't be found any more, only the checkpoint that holds them: the log must be read anew. */
  | { readonly kind: "behind" }
  | { readonly kind: "new"; readonly place: Place; readonly records: readonly JournalRecord[] };

/**
 * Looks for records behind `place`. @param schema the newest version that this code knows.
 * @throws when the disk refuses to read.
 */
export function follow(fs: StoreFs, folder: string, { seen, at }: Place, schema: number): Step {
  const files = logFiles(folder);
  const now = fs.stat(files.journal);
  // No journal: a checkpoint is about to put a new one in its place.
  if (now === undefined || isSame(now, seen)) return { kind: "same" };
  if (at === undefined) return { kind: "behind" };
  const more = restOf(fs, files.journal, at);
  if (more !== undefined) return { kind: "new", records: more.records, place: { seen: now, at: more.at } };
  // A checkpoint has moved that journal away: its rest comes first.
  const rest = restOf(fs, files.journalBefore, at);
  const bytes = fs.read(files.journal);
  if (bytes === undefined) return { kind: "same" };
  if (rest === undefined) return { kind: "behind" };
  const { header, records, mark, damage } = scanJournal(bytes);
  if (header === undefined || damage === "corrupt" || header.schema > schema) return { kind: "behind" };
  if (header.after !== rest.at.last) return { kind: "behind" };
  const place = { seen: now, at: { last: header.after + records.length, mark } };
  return { kind: "new", records: [...rest.records, ...records], place };
}

/** All of the records or none. @returns whether they fit: otherwise the log must be read anew. */
export function takeOver(database: Database, records: readonly JournalRecord[]): boolean {
  database.script("BEGIN");
  try {
    for (const { ops } of records) applyOps(database, ops);
    database.script("COMMIT");
    return true;
  } catch (error) {
    database.script("ROLLBACK");
    if (error instanceof Contradiction) return false;
    throw error;
  }
}

/** What the records mean for someone who shows the log, in order. */
export function changesOf(records: readonly JournalRecord[]): readonly Change[] {
  const changes: Change[] = [];
  let run: Op[] = [];
  const endRun = (): void => {
    if (run.length > 0) changes.push({ kind: "ops", ops: run });
    run = [];
  };
  for (const op of records.flatMap(({ ops }) => ops)) {
    if (!isWholeTab(op)) run.push(op);
    else if (op.op !== "purged") {
      endRun();
      if (changes.at(-1)?.kind !== "tabs") changes.push({ kind: "tabs" });
    }
  }
  endRun();
  return changes;
}

function restOf(fs: StoreFs, file: string, { last, mark }: NonNullable<Place["at"]>) {
  const bytes = mark === undefined ? undefined : fs.readFrom(file, mark.at);
  const rest = bytes === undefined || mark === undefined ? undefined : readOn(bytes, mark, last);
  if (rest === undefined) return undefined;
  return { records: rest.records, at: { last: last + rest.records.length, mark: rest.mark } };
}

function isWholeTab(op: LogOp): op is Exclude<LogOp, Op> {
  return op.op === "archived" || op.op === "restored" || op.op === "removed" || op.op === "purged";
}

function isSame(left: FileStat, right: FileStat | undefined): boolean {
  return left.id === right?.id && left.size === right.size && left.modified === right.modified;
}
