/** What is read from the database. Records that are damaged are left out and named, the rest is given. */
import type { Row } from "../chunks/rows";
import type { Database, Value } from "./database";
import { lastSeq } from "./ops";
import { editRows } from "./schema";
import { approvalsTable, chunksTable, requestsTable, type Table, tabsTable, turnsTable, wellFormed } from "./tables";
import type { ApprovalRecord, RequestRecord, TabRecord, TurnRecord } from "./types";

export type Found<T> = {
  readonly records: readonly T[];
  /** One sentence for each record that was left out. */
  readonly damaged: readonly string[];
};

export { lastSeq };

export function findTabs(database: Database): Found<TabRecord> {
  return find(database, tabsTable, "ORDER BY position, created_at, id", []);
}

export function findTab(database: Database, tabId: string): TabRecord | undefined {
  return find(database, tabsTable, "WHERE id = ?", [wellFormed(tabId)]).records[0];
}

/** Rows with fromSeq <= seq <= toSeq, in order of seq. */
export function findRows(database: Database, tabId: string, fromSeq: number, toSeq: number): Found<Row> {
  return find(database, chunksTable, "WHERE tab_id = ? AND seq BETWEEN ? AND ? ORDER BY seq", [tabId, fromSeq, toSeq]);
}

/** The newest `limit` rows with seq < before, in order of seq. */
export function findRowsBefore(database: Database, tabId: string, before: number, limit: number): Found<Row> {
  const rest = "WHERE tab_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
  const found = find(database, chunksTable, rest, [tabId, before, limit]);
  return { ...found, records: found.records.toReversed() };
}

/** The newest `limit` calls and results of a tool with seq < before, in order of seq. The name is found in the JSON as it is written. */
export function findRowsOfTool(
  database: Database,
  tabId: string,
  tool: string,
  before: number,
  limit: number,
): Found<Row> {
  const rest =
    "WHERE tab_id = ? AND seq < ? AND type IN ('tool_call', 'tool_result') AND instr(data_json, ?) > 0 ORDER BY seq DESC LIMIT ?";
  const found = find(database, chunksTable, rest, [tabId, before, `"name":${JSON.stringify(tool)}`, limit]);
  return { ...found, records: found.records.toReversed() };
}

/** Results with an edit, and what was undone and told of edits, in order of seq. Costs what there is of them. */
export function findEditRows(database: Database, tabId: string): Found<Row> {
  return find(database, chunksTable, `WHERE tab_id = ? AND ${editRows} ORDER BY seq`, [tabId]);
}

export function findTurns(database: Database, tabId: string): Found<TurnRecord> {
  return find(database, turnsTable, "WHERE tab_id = ? ORDER BY started_at, rowid", [tabId]);
}

export function findRequests(database: Database, tabId: string): Found<RequestRecord> {
  return find(database, requestsTable, "WHERE tab_id = ? ORDER BY rowid", [tabId]);
}

export function findApprovals(database: Database, tabId: string): Found<ApprovalRecord> {
  return find(database, approvalsTable, "WHERE tab_id = ? ORDER BY rowid", [tabId]);
}

export function findPrompt(database: Database, hash: string): string | undefined {
  const text = database.get("SELECT text FROM prompts WHERE hash = ?", [hash])?.[0];
  return typeof text === "string" ? text : undefined;
}

export function findSettings(database: Database): Readonly<Record<string, string>> {
  const rows = database.all("SELECT key, value FROM settings ORDER BY key");
  return Object.fromEntries(rows.map(([key, value]) => [String(key), String(value)]));
}

function find<R>(database: Database, table: Table<R>, rest: string, values: readonly Value[]): Found<R> {
  const records: R[] = [];
  const damaged: string[] = [];
  database.each(`SELECT ${table.columns.join(", ")} FROM ${table.name} ${rest}`, values, (row) => {
    try {
      records.push(table.decode(row));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      damaged.push(`A record in ${table.name} is damaged and is left out: ${reason}.`);
    }
  });
  return { records, damaged };
}
