/** The file of a closed tab: all that the log holds of it, as a small SQLite file of its own, compressed. */
import path from "node:path";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { type Database, type Engine, openDatabase } from "./database";
import { replaceFile, type StoreFs } from "./fs";
import { openImage, sha256 } from "./images";
import type { Summary, TabContent } from "./log-op";
import { findApprovals, findRequests, findRows, findTabs, findTurns } from "./queries";
import { salvage } from "./salvage";
import { type Migration, migrate } from "./schema";
import { blobsOf, summarise } from "./summary";
import { approvalsTable, chunksTable, requestsTable, tabsTable, turnsTable } from "./tables";
import type { TabRecord } from "./types";
import { spendOf } from "./usage";

export type ArchivePlace = {
  readonly fs: StoreFs;
  readonly engine: Engine;
  /** The log's folder. */
  readonly folder: string;
  readonly steps: readonly Migration[];
};

export type Archive = {
  readonly tab: TabRecord;
  readonly summary: Summary;
  readonly content: TabContent;
  /** Whether this is all that was written. */
  readonly isWhole: boolean;
};

/** What stands in place of an archive: no such file, one that can't be read at all, one of a newer version. */
export type NoArchive = "absent" | "damaged" | "newer";

const suffix = ".sqlite.gz";

export function archiveFolder(folder: string): string {
  return path.join(folder, "archive");
}

/** Ids that are no safe file names on every system have their hash in the name. */
export function archiveName(tabId: string): string {
  const isSafe = /^[0-9a-z][0-9a-z_-]{0,99}$/.test(tabId);
  return (isSafe ? tabId : `id-${sha256(Buffer.from(tabId)).slice(0, 40)}`) + suffix;
}

export function archivePath(folder: string, tabId: string): string {
  return path.join(archiveFolder(folder), archiveName(tabId));
}

/** The names of all archives that are there. */
export function listArchives(fs: StoreFs, folder: string): readonly string[] {
  return fs.list(archiveFolder(folder)).filter((name) => name.endsWith(suffix));
}

/** Durable when it returns; an archive that is there is replaced. @throws when the disk refuses. */
export function writeArchive(place: ArchivePlace, database: Database, tab: TabRecord): void {
  const { fs, folder } = place;
  const packed = packArchive(place, database, tab);
  if (fs.stat(archiveFolder(folder)) === undefined) {
    fs.makeFolder(archiveFolder(folder));
    fs.syncFolder(folder);
  }
  replaceFile(fs, archivePath(folder, tab.id), packed);
}

/** @returns the bytes of an archive. */
export function packArchive({ engine, steps }: ArchivePlace, database: Database, tab: TabRecord): Uint8Array {
  const archive = openDatabase(engine);
  try {
    migrate(archive, steps);
    archive.script("BEGIN");
    insert(archive, tabsTable.name, tabsTable.columns, tabsTable.encode(tab));
    for (const { name, columns } of [chunksTable, turnsTable, requestsTable, approvalsTable]) {
      // As the values stand there: also a record that can't be decoded is kept.
      const order = name === chunksTable.name ? "seq" : "rowid";
      const sql = `SELECT ${columns.join(", ")} FROM ${name} WHERE tab_id = ? ORDER BY ${order}`;
      database.each(sql, [tab.id], (values) => insert(archive, name, columns, values));
    }
    const hashes = "SELECT prompt_hash FROM requests WHERE tab_id = ? UNION SELECT prompt_hash FROM tabs WHERE id = ?";
    const prompts = database.all(`SELECT hash, text FROM prompts WHERE hash IN (${hashes})`, [tab.id, tab.id]);
    for (const values of prompts) insert(archive, "prompts", ["hash", "text"], values);
    archive.script("COMMIT");
    return gzipSync(archive.image());
  } finally {
    archive.close();
  }
}

/** @throws only when the disk refuses to read. */
export function readArchive({ fs, engine, steps }: ArchivePlace, file: string): Archive | NoArchive {
  const packed = fs.read(file);
  if (packed === undefined) return "absent";
  const { image, isWhole } = unpack(packed);
  const opened = openImage(engine, { file, bytes: image, sha256: "" }, steps, false);
  if (typeof opened === "string") {
    const mended = openDatabase(engine);
    migrate(mended, steps);
    ignoreDamage(() => salvage(engine, image, mended));
    return contentOf(mended, false) ?? "damaged";
  }
  const { database, version } = opened;
  if (version > steps.length) {
    database.close();
    return "newer";
  }
  migrate(database, steps);
  return contentOf(database, isWhole) ?? "damaged";
}

/** Closes the database. @returns nothing when there is no tab in it. */
function contentOf(database: Database, isWhole: boolean): Archive | undefined {
  const [tab] = findTabs(database).records;
  if (tab === undefined) {
    database.close();
    return undefined;
  }
  const rows = findRows(database, tab.id, 1, Number.MAX_SAFE_INTEGER);
  const turns = findTurns(database, tab.id);
  const requests = findRequests(database, tab.id);
  const approvals = findApprovals(database, tab.id);
  const prompts = database.all("SELECT hash, text FROM prompts");
  const archive = {
    tab,
    summary: {
      ...summarise(database, tab.id, tab.createdAt),
      blobs: [...blobsOf(database, tab.id)].sort(),
      spend: spendOf(database, tab.id),
    },
    content: {
      rows: rows.records,
      turns: turns.records,
      requests: requests.records,
      approvals: approvals.records,
      prompts: prompts.map(([hash, text]) => ({ hash: String(hash), text: String(text) })),
    },
    isWhole: isWhole && [rows, turns, requests, approvals].every(({ damaged }) => damaged.length === 0),
  };
  database.close();
  return archive;
}

/** The beginning of what was packed, when the rest can't be read. */
function unpack(packed: Uint8Array): { readonly image: Uint8Array; readonly isWhole: boolean } {
  try {
    return { image: gunzipSync(packed), isWhole: true };
  } catch {
    return { image: ignoreDamage(() => gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH })), isWhole: false };
  }
}

function ignoreDamage(read: () => Uint8Array): Uint8Array;
function ignoreDamage(read: () => void): void;
function ignoreDamage(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return new Uint8Array();
  }
}

function insert(
  database: Database,
  name: string,
  columns: readonly string[],
  values: Parameters<Database["run"]>[1],
): void {
  const places = columns.map(() => "?").join(", ");
  database.run(`INSERT INTO ${name} (${columns.join(", ")}) VALUES (${places})`, values);
}
