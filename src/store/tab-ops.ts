/** Applies what the log does with whole tabs: they leave the database for their archive, come back, and go for ever. */
import { Contradiction } from "./contradiction";
import type { Database, Value } from "./database";
import type { LogOp } from "./log-op";
import { approvalsTable, chunksTable, requestsTable, type Table, tabsTable, turnsTable, wellFormed } from "./tables";
import type { TabRecord } from "./types";

type Of<K extends LogOp["op"]> = Extract<LogOp, { readonly op: K }>;

const contents = [chunksTable, turnsTable, requestsTable, approvalsTable] as const;

export function archive(database: Database, { tab, summary }: Of<"archived">): true {
  refuseGone(database, tab.id, "removed");
  empty(database, tab.id);
  insert(database, tabsTable, tabsTable.encode(tab), "REPLACE");
  const { firstWords, lastAt, steps, usage, blobs, spend } = summary;
  database.run(
    `INSERT OR REPLACE INTO archives (tab_id, first_words, last_at, steps, usage_json, blobs_json, spend_json)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      wellFormed(tab.id),
      wellFormed(firstWords),
      lastAt,
      steps,
      JSON.stringify(usage),
      JSON.stringify(blobs),
      jsonOrNull(spend),
    ],
  );
  return true;
}

export function restore(database: Database, { tab, content }: Of<"restored">): true {
  refuseGone(database, tab.id, "removed");
  database.run("DELETE FROM archives WHERE tab_id = ?", [wellFormed(tab.id)]);
  insert(database, tabsTable, tabsTable.encode(tab), "IGNORE");
  database.run("UPDATE tabs SET closed_at = NULL WHERE id = ?", [wellFormed(tab.id)]);
  for (const row of content.rows) insert(database, chunksTable, chunksTable.encode(row), "IGNORE");
  for (const turn of content.turns) insert(database, turnsTable, turnsTable.encode(turn), "IGNORE");
  for (const one of content.requests) insert(database, requestsTable, requestsTable.encode(one), "IGNORE");
  for (const one of content.approvals) insert(database, approvalsTable, approvalsTable.encode(one), "IGNORE");
  for (const { hash, text } of content.prompts)
    database.run("INSERT OR IGNORE INTO prompts (hash, text) VALUES (?, ?)", [hash, wellFormed(text)]);
  return true;
}

export function remove(database: Database, { tabId, blobs, spend }: Of<"removed">): true {
  empty(database, tabId);
  database.run("DELETE FROM tabs WHERE id = ?", [wellFormed(tabId)]);
  database.run("DELETE FROM archives WHERE tab_id = ?", [wellFormed(tabId)]);
  const sql = "INSERT OR REPLACE INTO removed_tabs (tab_id, blobs_json, purged, spend_json) VALUES (?, ?, 0, ?)";
  database.run(sql, [wellFormed(tabId), JSON.stringify(blobs), jsonOrNull(spend)]);
  return true;
}

export function purge(database: Database, { tabIds }: Of<"purged">): true {
  const sql = "UPDATE removed_tabs SET purged = 1, blobs_json = '[]' WHERE tab_id = ?";
  for (const id of tabIds) database.run(sql, [wellFormed(id)]);
  return true;
}

/** A tab's record does not open its archive: as long as that stands, the tab is closed. */
export function closingOf(database: Database, tab: TabRecord): TabRecord {
  refuseGone(database, tab.id, "removed");
  if (!isArchived(database, tab.id) || tab.closedAt !== undefined) return tab;
  const closedAt = database.get("SELECT closed_at FROM tabs WHERE id = ?", [wellFormed(tab.id)])?.[0];
  return typeof closedAt === "number" ? { ...tab, closedAt } : tab;
}

/** @throws {Contradiction} when the tab's content is not in the database and must not begin anew. */
export function refuseGone(database: Database, tabId: string, how: "any" | "removed" = "any"): void {
  if (isRemoved(database, tabId)) throw new Contradiction(`Tab ${tabId} was deleted.`);
  if (how === "any" && isArchived(database, tabId)) throw new Contradiction(`Tab ${tabId} is closed.`);
}

export function isArchived(database: Database, tabId: string): boolean {
  return database.get("SELECT 1 FROM archives WHERE tab_id = ?", [wellFormed(tabId)]) !== undefined;
}

export function isRemoved(database: Database, tabId: string): boolean {
  return database.get("SELECT 1 FROM removed_tabs WHERE tab_id = ?", [wellFormed(tabId)]) !== undefined;
}

function empty(database: Database, tabId: string): void {
  for (const { name } of contents) database.run(`DELETE FROM ${name} WHERE tab_id = ?`, [wellFormed(tabId)]);
}

function insert<R>(database: Database, table: Table<R>, values: readonly Value[], or: "IGNORE" | "REPLACE"): void {
  const places = values.map(() => "?").join(", ");
  database.run(`INSERT OR ${or} INTO ${table.name} (${table.columns.join(", ")}) VALUES (${places})`, values);
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
