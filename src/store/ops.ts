/** Applies the ops of one write to the database, and refuses what contradicts what is there. */
import { assertNever, type Row } from "../chunks/rows";
import { Contradiction } from "./contradiction";
import type { Database, Value } from "./database";
import type { LogOp } from "./log-op";
import { archive, closingOf, purge, refuseGone, remove, restore } from "./tab-ops";
import { approvalsTable, chunksTable, requestsTable, type Table, tabsTable, turnsTable, wellFormed } from "./tables";

/**
 * Applies the ops, in the caller's transaction. An op that is there already, with the same content, is accepted.
 * @returns whether the database changed: a write that was there already needs no journal record.
 * @throws {Contradiction} for a row, request or approval whose id is taken by other content, for a row whose place is
 * taken or leaves a gap, for a turn of another tab.
 */
export function applyOps(database: Database, ops: readonly LogOp[]): boolean {
  const last = new Map<string, number>();
  return ops.map((op) => applyOp(database, op, last)).includes(true);
}

/**
 * For a log with a hole in it: applies each op, each row, that fits in by itself and skips the others.
 * @returns how many had to be skipped.
 */
export function applyLeniently(database: Database, ops: readonly LogOp[]): number {
  const single = ops.flatMap((op): readonly LogOp[] =>
    op.op === "rows" ? op.rows.map((row) => ({ op: "rows", rows: [row] })) : [op],
  );
  return single.filter((op) => !fitsIn(database, op)).length;
}

/** The newest seq of the tab, 0 when it has no rows. */
export function lastSeq(database: Database, tabId: string): number {
  return Number(database.get("SELECT max(seq) FROM chunks WHERE tab_id = ?", [tabId])?.[0] ?? 0);
}

function applyOp(database: Database, op: LogOp, last: Map<string, number>): boolean {
  switch (op.op) {
    case "rows":
      return op.rows.map((row) => addRow(database, row, last)).includes(true);
    case "tab":
      return upsert(database, tabsTable, closingOf(database, op.tab));
    case "turn":
      refuseGone(database, op.turn.tabId);
      return putTurn(database, op);
    case "request":
      refuseGone(database, op.request.tabId);
      return insertOnce(database, requestsTable, op.request);
    case "approval":
      refuseGone(database, op.approval.tabId);
      return insertOnce(database, approvalsTable, op.approval);
    case "prompt":
      return insertPrompt(database, op.hash, op.text);
    case "setting":
      return putSetting(database, op.key, op.value);
    case "archived":
      return archive(database, op);
    case "restored":
      return restore(database, op);
    case "removed":
      return remove(database, op);
    case "purged":
      return purge(database, op);
    default:
      return assertNever(op);
  }
}

function addRow(database: Database, row: Row, last: Map<string, number>): boolean {
  if (!last.has(row.tabId)) refuseGone(database, row.tabId);
  const newest = last.get(row.tabId) ?? lastSeq(database, row.tabId);
  const values = chunksTable.encode(row);
  if (row.seq <= newest) return sameOrThrow(database, chunksTable, values);
  if (row.seq !== newest + 1) {
    throw new Contradiction(`Row ${row.seq} of tab ${row.tabId} leaves a gap: the newest row is ${newest}.`);
  }
  if (find(database, chunksTable, row.id) !== undefined) {
    throw new Contradiction(`Row ${row.id} is in the log already, at another place.`);
  }
  insertRow(database, values, row);
  last.set(row.tabId, row.seq);
  return true;
}

/** A tab is known from its first row on, so that no lost record of a tab can hide its rows. */
function insertRow(database: Database, values: readonly Value[], row: Row): void {
  insert(database, chunksTable, values);
  if (row.seq > 1) return;
  const position = "(SELECT coalesce(max(position) + 1, 0) FROM tabs)";
  const sql = `INSERT OR IGNORE INTO tabs (id, title, created_at, position, draft) VALUES (?, '', ?, ${position}, '')`;
  database.run(sql, [wellFormed(row.tabId), row.createdAt]);
}

function putTurn(database: Database, { turn }: LogOp & { readonly op: "turn" }): boolean {
  const known = find(database, turnsTable, turn.id);
  if (known !== undefined) {
    const { tabId, startedAt } = turnsTable.decode(known);
    if (tabId !== turn.tabId || startedAt !== turn.startedAt) {
      throw new Contradiction(`Turn ${turn.id} is in the log already, with another tab or start.`);
    }
  }
  return upsert(database, turnsTable, turn);
}

function insertOnce<R extends { readonly id: string }>(database: Database, table: Table<R>, record: R): boolean {
  const values = table.encode(record);
  if (find(database, table, record.id) !== undefined) return sameOrThrow(database, table, values);
  insert(database, table, values);
  return true;
}

function upsert<R extends { readonly id: string }>(database: Database, table: Table<R>, record: R): boolean {
  const values = table.encode(record);
  const known = find(database, table, record.id);
  if (known !== undefined && isSame(known, values)) return false;
  insert(database, table, values, "OR REPLACE");
  return true;
}

function insertPrompt(database: Database, hash: string, text: string): boolean {
  if (database.get("SELECT 1 FROM prompts WHERE hash = ?", [hash]) !== undefined) return false;
  database.run("INSERT INTO prompts (hash, text) VALUES (?, ?)", [hash, wellFormed(text)]);
  return true;
}

function putSetting(database: Database, key: string, value: string): boolean {
  const known = database.get("SELECT value FROM settings WHERE key = ?", [wellFormed(key)])?.[0];
  if (known === wellFormed(value)) return false;
  database.run("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", [wellFormed(key), wellFormed(value)]);
  return true;
}

function sameOrThrow<R>(database: Database, table: Table<R>, values: readonly Value[]): false {
  const [id] = values;
  const known = find(database, table, String(id));
  if (known !== undefined && isSame(known, values)) return false;
  const what =
    known === undefined ? "its place is taken by another one" : "it is in the log already, with other content";
  throw new Contradiction(`Can't add ${id} to ${table.name}: ${what}.`);
}

function find<R>(database: Database, table: Table<R>, id: string): readonly Value[] | undefined {
  return database.get(`SELECT ${table.columns.join(", ")} FROM ${table.name} WHERE id = ?`, [wellFormed(id)]);
}

function insert<R>(database: Database, table: Table<R>, values: readonly Value[], or = ""): void {
  const places = values.map(() => "?").join(", ");
  database.run(`INSERT ${or} INTO ${table.name} (${table.columns.join(", ")}) VALUES (${places})`, values);
}

function isSame(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function fitsIn(database: Database, op: LogOp): boolean {
  database.script("SAVEPOINT one");
  try {
    const [row] = op.op === "rows" ? op.rows : [];
    if (row !== undefined) refuseGone(database, row.tabId, "removed");
    if (row === undefined) applyOps(database, [op]);
    else if (find(database, chunksTable, row.id) === undefined) insertRow(database, chunksTable.encode(row), row);
    database.script("RELEASE one");
    return true;
  } catch {
    database.script("ROLLBACK TO one; RELEASE one");
    return false;
  }
}
