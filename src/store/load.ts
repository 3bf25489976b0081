/**
 * Reads the log from its folder without changing a file: the checkpoint and the records of the journal after it. When
 * they don't fit together or are damaged, the previous checkpoint and the previous journal stand in, and what remains
 * unreadable is salvaged piece by piece.
 */
import type { Database, Engine } from "./database";
import { logFiles } from "./files";
import type { StoreFs } from "./fs";
import { type Base, emptyBase, type Image, openImage, readImage } from "./images";
import { type JournalMark, type JournalRecord, type JournalScan, journalFormat, scanJournal } from "./journal";
import { applyLeniently, applyOps } from "./ops";
import { salvage } from "./salvage";
import { type Migration, migrate } from "./schema";

export type Loaded = {
  readonly database: Database;
  /** The number of the newest record that was found. */
  readonly last: number;
  /** Length of the journal's good part; `undefined`: there is no journal to go on with. */
  readonly journalBytes: number | undefined;
  /** Records in that part: 0 means that the checkpoint is all there is. */
  readonly journalRecords: number;
  /** The last frame of that part. */
  readonly journalMark: JournalMark | undefined;
  /** Bytes after the good part, the rest of a write that was cut short. */
  readonly tornBytes: number;
  readonly damaged: readonly Damaged[];
  /** How many records are known to have existed but can't be read; `unknown` when not even that can be told. */
  readonly missing: number | "unknown";
  /** The files on disk should be replaced by a checkpoint of what was loaded. */
  readonly needsCheckpoint: boolean;
  /** How the next checkpoint treats the previous one: see `writeCheckpoint`. */
  readonly rotation: Rotation;
  /** The schema version of the files, when it is newer than this code. */
  readonly newer: number | undefined;
};

export type Damaged = { readonly file: string; readonly what: "damaged" | "foreign" };
export type Rotation = "rotate" | "keep" | "rewrite";

type Attempt = {
  readonly base: Base;
  readonly from: "checkpoint" | "previous" | "nothing";
  readonly trusted: boolean;
  readonly records: ReadonlyMap<number, JournalRecord>;
  readonly usesJournalBefore: boolean;
  /** The newest record that can be reached without a hole, and the newest that is known to have existed. */
  readonly reach: number;
  readonly newest: number;
};

/** @throws only when the disk refuses to read: damage is data. */
export function loadLog(fs: StoreFs, engine: Engine, folder: string, steps: readonly Migration[]): Loaded {
  const files = logFiles(folder);
  // The journal comes first: a writer may put a newer checkpoint in place meanwhile, never an older one.
  const journal = readScan(fs, files.journal);
  const current = readImage(fs, files.checkpoint);
  const damaged: (Damaged & { readonly image?: Image })[] = [];
  if (journal?.damage === "corrupt") damaged.push({ file: files.journal, what: "damaged" });
  const journalBefore = lazy(() => readScan(fs, files.journalBefore));
  const before = lazy(() => readImage(fs, files.checkpointBefore));
  const attempts: Attempt[] = [];

  function attempt(base: Base, from: Attempt["from"], trusted: boolean): Attempt {
    const first = follow(base, [journal]);
    const whole = first.reach === first.newest;
    const fits = whole ? first : follow(base, [journalBefore(), journal]);
    const result = { ...fits, base, from, trusted, usesJournalBefore: !whole && journalBefore() !== undefined };
    attempts.push(result);
    return result;
  }

  function tryImage(image: Image | undefined, from: "checkpoint" | "previous"): Attempt | undefined {
    if (image === undefined) return undefined;
    const trusted = image.sha256 === journal?.header?.checkpoint;
    const fits = trusted || from === "previous" || isSuccessor(image, journal, before);
    const opened = fits ? openImage(engine, image, steps, trusted) : "damaged";
    if (typeof opened !== "string") return attempt(opened, from, trusted);
    damaged.push({ file: image.file, what: opened, image });
    return undefined;
  }

  const isComplete = (one: Attempt | undefined) => one !== undefined && one.reach === one.newest;
  if (!isComplete(tryImage(current, "checkpoint")) && !isComplete(tryImage(before(), "previous"))) {
    attempt(emptyBase(engine), "nothing", true);
  }
  const chosen = attempts.reduce((best, one) => (one.reach > best.reach ? one : best));
  for (const one of attempts) if (one !== chosen) one.base.database.close();
  if (chosen.usesJournalBefore && journalBefore()?.damage === "corrupt") {
    damaged.push({ file: files.journalBefore, what: "damaged" });
  }
  const newest = Math.max(...attempts.map((one) => one.newest));
  const holes = newest - chosen.base.last - countAfter(chosen.records, chosen.base.last);
  const images = damaged.flatMap(({ image }) => (image === undefined ? [] : [image]));
  const missing = holes === 0 && images.length > 0 && journal?.header === undefined ? "unknown" : holes;
  const newer = newerVersion(chosen.base, journal, steps);
  const migrated = newer === undefined && migrate(chosen.base.database, steps) && chosen.base.version > 0;
  // Older code reads a journal by its header: what this code appends must stand in a journal of its own.
  const isOlder = journal?.header !== undefined && journal.header.schema < steps.length;
  const skipped = replay(engine, chosen, missing === 0 ? [] : images);
  const rotation = damaged.length > 0 || missing !== 0 || skipped > 0 ? "rewrite" : rotationAfter(chosen);
  return {
    database: chosen.base.database,
    last: newest,
    journalBytes: journal?.header === undefined ? undefined : journal.goodBytes,
    journalRecords: journal?.records.length ?? 0,
    journalMark: journal?.mark,
    tornBytes: journal?.damage === "torn" ? journal.totalBytes - journal.goodBytes : 0,
    damaged: damaged.map(({ file, what }) => ({ file, what })),
    missing: missing === "unknown" ? missing : missing + skipped,
    needsCheckpoint: migrated || isOlder || rotation === "rewrite" || !chosen.trusted,
    rotation,
    newer,
  };
}

/**
 * A checkpoint whose hash the journal does not know is good only as the newer one of a checkpoint that was interrupted:
 * then the journal still continues the previous one, or has been moved away already.
 */
function isSuccessor(image: Image, journal: JournalScan | undefined, before: () => Image | undefined): boolean {
  const continued = journal?.header?.checkpoint ?? null;
  return continued === null || continued === before()?.sha256 || image.sha256 === before()?.sha256;
}

function rotationAfter({ from, usesJournalBefore }: Attempt): Rotation {
  if (from === "checkpoint") return "rotate";
  return usesJournalBefore ? "rewrite" : "keep";
}

function follow(
  base: Base,
  scans: readonly (JournalScan | undefined)[],
): Pick<Attempt, "records" | "reach" | "newest"> {
  const records = new Map<number, JournalRecord>();
  let newest = base.last;
  for (const scan of scans) {
    newest = Math.max(newest, scan?.header?.after ?? 0, ...(scan?.records.slice(-1).map(({ n }) => n) ?? []));
    for (const record of scan?.records ?? []) records.set(record.n, record);
  }
  let reach = base.last;
  while (records.has(reach + 1)) reach += 1;
  return { records, reach, newest };
}

/** @returns how many ops did not fit in: more than 0 only when something was lost before them. */
function replay(engine: Engine, { base, records }: Attempt, images: readonly Image[]): number {
  const { database } = base;
  let skipped = 0;
  database.script("BEGIN");
  for (const image of images) salvage(engine, image.bytes, database);
  const pending = [...records.values()].filter(({ n }) => n > base.last).sort((left, right) => left.n - right.n);
  for (const { ops } of pending) {
    database.run("SAVEPOINT record");
    try {
      applyOps(database, ops);
    } catch {
      database.run("ROLLBACK TO record");
      skipped += applyLeniently(database, ops);
    }
    database.run("RELEASE record");
  }
  database.script("COMMIT");
  return skipped;
}

function newerVersion(base: Base, journal: JournalScan | undefined, steps: readonly Migration[]): number | undefined {
  const version = Math.max(base.version, journal?.header?.schema ?? 0);
  if (version > steps.length) return version;
  return (journal?.header?.format ?? journalFormat) > journalFormat ? steps.length + 1 : undefined;
}

function countAfter(records: ReadonlyMap<number, JournalRecord>, last: number): number {
  return [...records.keys()].filter((n) => n > last).length;
}

function readScan(fs: StoreFs, file: string): (JournalScan & { readonly totalBytes: number }) | undefined {
  const bytes = fs.read(file);
  return bytes === undefined ? undefined : { ...scanJournal(bytes), totalBytes: bytes.length };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
