/** The tables, as an ordered list of migrations: entry i brings a database from `user_version` i to i + 1. */
import type { Database } from "./database";

export type Migration = (database: Database) => void;

/** In the header of each checkpoint: tells our files from other SQLite files. `DSPC` in ASCII. */
const applicationId = 0x44535043;

/**
 * Results with an edit, and what was undone and told of edits; found in the JSON as it is written. An index is made of it,
 * and used only by a query with the same text: it changes with a migration alone.
 */
export const editRows = `((type = 'tool_result' AND instr(data_json, '"edit":{') > 0)
  OR (type = 'system' AND instr(data_json, '"calls":[') > 0) OR (type = 'text' AND instr(data_json, '"tells":') > 0))`;

export const migrations: readonly Migration[] = [
  (database) =>
    database.script(`
      PRAGMA application_id = ${applicationId};
      CREATE TABLE chunks (
        id TEXT NOT NULL PRIMARY KEY, tab_id TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq >= 1),
        turn_id TEXT NOT NULL, step INTEGER NOT NULL, role TEXT NOT NULL, type TEXT NOT NULL,
        data_json TEXT NOT NULL, created_at INTEGER NOT NULL, crc INTEGER NOT NULL,
        UNIQUE (tab_id, seq));
      CREATE TABLE tabs (
        id TEXT NOT NULL PRIMARY KEY, title TEXT NOT NULL, created_at INTEGER NOT NULL, position INTEGER NOT NULL,
        draft TEXT NOT NULL, prompt_hash TEXT);
      CREATE TABLE turns (
        id TEXT NOT NULL PRIMARY KEY, tab_id TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
        end_reason TEXT);
      CREATE INDEX turns_of_tab ON turns (tab_id);
      CREATE TABLE requests (
        id TEXT NOT NULL PRIMARY KEY, tab_id TEXT NOT NULL, turn_id TEXT NOT NULL, step INTEGER NOT NULL,
        attempt INTEGER NOT NULL, key_id TEXT NOT NULL, model TEXT NOT NULL, prompt_hash TEXT NOT NULL,
        first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, head TEXT NOT NULL, renderer INTEGER NOT NULL,
        body_sha256 TEXT NOT NULL, started_at INTEGER NOT NULL, first_token_ms REAL, duration_ms REAL NOT NULL,
        outcome TEXT NOT NULL, error_code TEXT, status_code INTEGER, stop_reason TEXT, request_id TEXT,
        input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER);
      CREATE INDEX requests_of_tab ON requests (tab_id);
      CREATE TABLE prompts (hash TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
      CREATE TABLE approvals (
        id TEXT NOT NULL PRIMARY KEY, tab_id TEXT NOT NULL, turn_id TEXT NOT NULL, call_id TEXT NOT NULL,
        tool TEXT NOT NULL, arguments_sha256 TEXT NOT NULL, decision TEXT NOT NULL, scope TEXT NOT NULL,
        created_at INTEGER NOT NULL);
      CREATE INDEX approvals_of_tab ON approvals (tab_id);
      CREATE TABLE settings (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
    `),
  (database) =>
    database.script(`
      ALTER TABLE tabs ADD COLUMN closed_at INTEGER;
      ALTER TABLE tabs ADD COLUMN queue_json TEXT;
      -- The tabs whose rows are in a file of their own, with what the history list shows of them.
      CREATE TABLE archives (
        tab_id TEXT NOT NULL PRIMARY KEY, first_words TEXT NOT NULL, last_at INTEGER NOT NULL, steps INTEGER NOT NULL,
        usage_json TEXT NOT NULL, blobs_json TEXT NOT NULL);
      -- The tabs that were deleted; purged once the disk holds nothing of them any more.
      CREATE TABLE removed_tabs (tab_id TEXT NOT NULL PRIMARY KEY, blobs_json TEXT NOT NULL, purged INTEGER NOT NULL);
    `),
  (database) =>
    database.script(`
      ALTER TABLE tabs ADD COLUMN unread INTEGER;
      ALTER TABLE requests ADD COLUMN after_pause INTEGER;
    `),
  (database) =>
    database.script(`
      ALTER TABLE requests ADD COLUMN provider TEXT;
      ALTER TABLE requests ADD COLUMN account TEXT;
      ALTER TABLE requests ADD COLUMN message_id TEXT;
      ALTER TABLE requests ADD COLUMN options_json TEXT;
      ALTER TABLE requests ADD COLUMN cache_miss_reason TEXT;
      UPDATE requests SET options_json = '{"paused":true}' WHERE after_pause = 1;
      ALTER TABLE requests DROP COLUMN after_pause;
      ALTER TABLE tabs ADD COLUMN models_json TEXT;
    `),
  (database) => database.script("ALTER TABLE tabs ADD COLUMN place_json TEXT"),
  (database) =>
    database.script(`
      -- What the tab has used, summed before its requests left. Without it, it is summed from the archive.
      ALTER TABLE archives ADD COLUMN spend_json TEXT;
      ALTER TABLE removed_tabs ADD COLUMN spend_json TEXT;
    `),
  (database) =>
    database.script(`
      ALTER TABLE tabs ADD COLUMN mode TEXT;
      ALTER TABLE tabs ADD COLUMN told_mode TEXT;
    `),
  (database) => database.script(`CREATE INDEX edits_of_tab ON chunks (tab_id, seq) WHERE ${editRows}`),
];

/** @returns the schema version of the file, or `undefined` when it is not a log of ours. */
export function schemaVersion(database: Database): number | undefined {
  if (database.get("PRAGMA application_id")?.[0] !== applicationId) return undefined;
  const version = database.get("PRAGMA user_version")?.[0];
  return typeof version === "number" ? version : undefined;
}

/** Runs what is missing, each migration in its own transaction. @returns whether there was anything to run. */
export function migrate(database: Database, steps: readonly Migration[]): boolean {
  const from = schemaVersion(database) ?? 0;
  for (const [index, step] of steps.entries()) {
    if (index < from) continue;
    database.script("BEGIN");
    step(database);
    database.script(`PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  return from < steps.length;
}

/** The number of the newest journal record that the checkpoint contains. */
export function lastRecord(database: Database): number {
  return Number(database.get("SELECT value FROM meta WHERE key = 'last_record'")?.[0] ?? 0);
}

export function setLastRecord(database: Database, n: number): void {
  database.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('last_record', ?)", [String(n)]);
}
