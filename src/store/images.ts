/** Checkpoint files as they are found: read, judged, opened. Nothing here writes. */
import { createHash } from "node:crypto";
import { type Database, type Engine, openDatabase } from "./database";
import type { StoreFs } from "./fs";
import { lastRecord, type Migration, migrate, schemaVersion } from "./schema";

export type Image = { readonly file: string; readonly bytes: Uint8Array; readonly sha256: string };

/** Where replay begins: a database that holds all records up to `last`. */
export type Base = {
  readonly database: Database;
  readonly last: number;
  /** Of the file's schema; 0 for an empty database. */
  readonly version: number;
};

export function readImage(fs: StoreFs, file: string): Image | undefined {
  const bytes = fs.read(file);
  return bytes === undefined ? undefined : { file, bytes, sha256: sha256(bytes) };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * @param steps all migrations that this code knows.
 * @param trusted the file's hash was recorded when it was written, so its pages need no look.
 * @returns the open database, or in words what the file is instead.
 */
export function openImage(
  engine: Engine,
  image: Image,
  steps: readonly Migration[],
  trusted: boolean,
): Base | "damaged" | "foreign" {
  let database: Database | undefined;
  try {
    database = openDatabase(engine, image.bytes);
    const version = schemaVersion(database);
    const isWhole = trusted || database.get("PRAGMA integrity_check")?.[0] === "ok";
    if (version !== undefined && isWhole && (trusted || hasColumns(engine, database, steps.slice(0, version)))) {
      return { database, last: lastRecord(database), version };
    }
    database.close();
    return version === undefined && isWhole ? "foreign" : "damaged";
  } catch {
    database?.close();
    return "damaged";
  }
}

/** The integrity check says nothing of a name in the schema that a flipped bit has changed. */
function hasColumns(engine: Engine, database: Database, steps: readonly Migration[]): boolean {
  const fresh = openDatabase(engine);
  migrate(fresh, steps);
  const sql = `SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
    WHERE t.type = 'table' ORDER BY t.name, c.name`;
  const there = new Set(database.all(sql).map(String));
  const isThere = fresh.all(sql).every((column) => there.has(String(column)));
  fresh.close();
  return isThere;
}

export function emptyBase(engine: Engine): Base {
  return { database: openDatabase(engine), last: 0, version: 0 };
}
