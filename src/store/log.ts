/** The log itself, without queue, worker or ownership: opened from its folder, written record by record. */

import { createJournal, writeCheckpoint } from "./checkpoint";
import { purgeRemoved, sweepArchives } from "./closed-tabs";
import { settleComing } from "./coming";
import { Contradiction } from "./contradiction";
import type { Database, Engine } from "./database";
import { logFiles } from "./files";
import type { Place } from "./follow";
import { errorCode, type StoreFs, setAside } from "./fs";
import { heal } from "./heal";
import { encodeRecord, type JournalRecord } from "./journal";
import { type JournalFile, JournalGone, openJournal } from "./journal-file";
import { type Loaded, loadLog, type Rotation } from "./load";
import type { LogOp } from "./log-op";
import { applyOps } from "./ops";
import { describeRecovery } from "./recovery";
import { type Migration, migrations, setLastRecord } from "./schema";

export type LogOptions = {
  readonly fs: StoreFs;
  readonly engine: Engine;
  readonly folder: string;
  readonly migrations?: readonly Migration[];
  readonly now?: () => Date;
};

/** What became of one write: `undefined` when it is durable, else why it was refused. */
export type Outcome = Error | undefined;

export type Log = {
  readonly database: Database;
  /** What was found and mended when the log was opened. */
  readonly recovery: readonly string[];
  /** The schema version of the files, when it is newer than this code: then nothing may be written. */
  readonly newer: number | undefined;
  /**
   * Writes several lists of ops, each one record, with one sync for all. A list that contradicts the log is refused by
   * itself, before it reaches the journal.
   * @throws when the disk refuses: then nothing has changed and the same call can be repeated.
   */
  readonly write: (batch: readonly (readonly LogOp[])[]) => readonly Outcome[];
  /**
   * Writes everything into a new checkpoint and starts an empty journal. Throws when the disk refuses.
   * @param how `compact`: nothing that was removed from the database remains in its pages.
   */
  readonly checkpoint: (how?: "compact") => void;
  /** Bytes that the journal holds beyond the last checkpoint; roughly, when it was there before. */
  readonly journalBytes: () => number;
  readonly databaseBytes: () => number;
  /** Closes the files as they are. */
  readonly close: () => void;
};

/** For the one process that owns the folder: mends what is damaged. @throws when the disk refuses. */
export function openLog(options: LogOptions): Log {
  const { fs, engine, folder, migrations: steps = migrations, now = () => new Date() } = options;
  fs.makeFolder(folder);
  settleComing(fs, folder);
  const loaded = loadLog(fs, engine, folder, steps);
  if (loaded.newer !== undefined) return readOnlyLog(loaded);
  try {
    const names = loaded.damaged.map(({ file }) => setAside(fs, file, now()));
    const healed = heal({ ...healing(options, loaded), setAsideAt: now() });
    const log = writableLog(options, loaded, steps.length);
    if (loaded.needsCheckpoint || healed.changed) log.checkpoint();
    withoutTrouble(() => purgeRemoved(log, { fs, engine, folder, steps }, new Set()));
    return { ...log, recovery: [...describeRecovery(loaded, names), ...healed.told] };
  } catch (error) {
    loaded.database.close();
    throw error;
  }
}

/**
 * For everyone else: shows what is there and leaves every file as it is. @throws when the disk refuses to read.
 * @returns with `place`, from where `follow` goes on.
 */
export function readLog(options: LogOptions): Log & { readonly place: Place } {
  const { fs, engine, folder, migrations: steps = migrations } = options;
  let seen = fs.stat(logFiles(folder).journal);
  let loaded = loadLog(fs, engine, folder, steps);
  // A writer that checkpoints meanwhile can make the files look as if they did not fit together.
  for (let tries = 0; tries < 3 && (loaded.damaged.length > 0 || loaded.missing !== 0); tries += 1) {
    loaded.database.close();
    seen = fs.stat(logFiles(folder).journal);
    loaded = loadLog(fs, engine, folder, steps);
  }
  if (loaded.newer !== undefined) return { ...readOnlyLog(loaded), place: { seen, at: undefined } };
  const { told } = heal({ ...healing(options, loaded), setAsideAt: undefined });
  const log = readOnlyLog({ ...loaded, tornBytes: 0 });
  const isWhole = loaded.damaged.length === 0 && loaded.missing === 0;
  const at = isWhole ? { last: loaded.last, mark: loaded.journalMark } : undefined;
  return { ...log, recovery: [...log.recovery, ...told], place: { seen, at } };
}

/** An empty log that keeps nothing, for a folder that can't even be read. */
export function emptyLog(options: LogOptions): Log {
  const nothing: StoreFs = { ...options.fs, read: () => undefined };
  return readOnlyLog(loadLog(nothing, options.engine, options.folder, options.migrations ?? migrations));
}

function healing({ fs, engine, folder, migrations: steps = migrations }: LogOptions, loaded: Loaded) {
  const isDamaged = loaded.damaged.length > 0 || loaded.missing !== 0;
  return { fs, engine, folder, steps, database: loaded.database, isDamaged };
}

function readOnlyLog(loaded: Loaded): Log {
  const refuse = () => {
    throw new Error("This log is open for reading only.");
  };
  return {
    database: loaded.database,
    recovery: describeRecovery(loaded, undefined),
    newer: loaded.newer,
    write: refuse,
    checkpoint: refuse,
    journalBytes: () => 0,
    databaseBytes: () => databaseBytes(loaded.database),
    close: loaded.database.close,
  };
}

function writableLog({ fs, folder }: LogOptions, loaded: Loaded, schema: number): Log {
  const { database } = loaded;
  const file = logFiles(folder).journal;
  let { last } = loaded;
  let rotation: Rotation = loaded.rotation;
  let headerBytes = loaded.journalRecords === 0 ? (loaded.journalBytes ?? 0) : 0;
  let journal = firstJournal();

  function hasCheckpoint(): boolean {
    return fs.stat(logFiles(folder).checkpoint) !== undefined;
  }

  /** A log without any file gets its journal at once; damaged ones get theirs from the checkpoint that follows. */
  function firstJournal(): JournalFile {
    const isNew = loaded.journalBytes === undefined && last === 0 && !loaded.needsCheckpoint;
    if (isNew) headerBytes = createJournal(fs, folder, schema);
    const opened = openJournal(fs, file, isNew ? headerBytes : (loaded.journalBytes ?? 0));
    if (!loaded.needsCheckpoint && (isNew || loaded.journalBytes !== undefined)) opened.trim();
    return opened;
  }

  function checkpoint(how?: "compact"): void {
    if (how === "compact" || isSparse(database)) database.script("VACUUM");
    setLastRecord(database, last);
    const image = database.image();
    if (rotation === "rotate" && !hasCheckpoint()) rotation = "rewrite";
    try {
      headerBytes = writeCheckpoint(fs, folder, rotation, { image, last, schema });
    } catch (error) {
      // Stopped between the two names: the former checkpoint is the previous one now, and fits the journal.
      if (rotation === "rotate" && !hasCheckpoint()) rotation = "keep";
      throw error;
    }
    rotation = "rotate";
    closeQuietly(journal);
    journal = openJournal(fs, file, headerBytes);
    withoutTrouble(() => sweepArchives(fs, folder, database));
  }

  /** The journal is gone. Memory still holds everything that was acknowledged: it goes back to the disk first. */
  function rebuild(): void {
    fs.makeFolder(folder);
    rotation = "rewrite";
    checkpoint();
  }

  function writeOnce(batch: readonly (readonly LogOp[])[]): readonly Outcome[] {
    database.run("BEGIN");
    const outcomes = batch.map((ops) => attempt(database, ops));
    const changes = batch.filter((_, index) => outcomes[index] === "changed");
    const records = changes.map((ops, index): JournalRecord => ({ n: last + index + 1, b: last + 1, ops }));
    try {
      if (records.length > 0) journal.append(Buffer.concat(records.map(encodeRecord)));
    } catch (error) {
      database.run("ROLLBACK");
      throw error;
    }
    last += records.length;
    database.run("COMMIT");
    return outcomes.map((outcome) => (outcome instanceof Error ? outcome : undefined));
  }

  function write(batch: readonly (readonly LogOp[])[]): readonly Outcome[] {
    try {
      return writeOnce(batch);
    } catch (error) {
      if (!(error instanceof JournalGone)) throw error;
      rebuild();
      return writeOnce(batch);
    }
  }

  return {
    database,
    recovery: [],
    newer: undefined,
    write,
    checkpoint,
    journalBytes: () => journal.length() - headerBytes,
    databaseBytes: () => databaseBytes(database),
    close: () => {
      closeQuietly(journal);
      database.close();
    },
  };
}

/** Applies one list of ops inside the batch's transaction, or none of it. */
function attempt(database: Database, ops: readonly LogOp[]): "changed" | "same" | Error {
  database.run("SAVEPOINT write");
  try {
    const changed = applyOps(database, ops);
    database.run("RELEASE write");
    return changed ? "changed" : "same";
  } catch (error) {
    database.run("ROLLBACK TO write");
    database.run("RELEASE write");
    return error instanceof Contradiction ? error : new Error(`The write can't be stored: ${error}`, { cause: error });
  }
}

function databaseBytes(database: Database): number {
  return Number(database.get("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")?.[0] ?? 0);
}

/** More than a quarter of the pages hold nothing, and giving them back is worth writing the rest anew. */
function isSparse(database: Database): boolean {
  const sql = "SELECT freelist_count, page_count FROM pragma_freelist_count, pragma_page_count";
  const [free = 0, all = 0] = database.get(sql)?.map(Number) ?? [];
  return free > 64 && free > all / 4;
}

/** For what the next opening or checkpoint does as well. */
function withoutTrouble(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

function closeQuietly(journal: JournalFile): void {
  try {
    journal.close();
  } catch {
    // Everything in it is synced: a failing close loses nothing.
  }
}
