/** Reads what still can be read out of a damaged checkpoint. */
import { type Database, type Engine, openDatabase, type Value } from "./database";
import { migrate, migrations } from "./schema";
import { approvalsTable, chunksTable, requestsTable, tabsTable, turnsTable } from "./tables";

type Source = { readonly name: string; readonly columns: readonly string[]; decode(values: readonly Value[]): unknown };

const plain = (name: string, columns: readonly string[]): Source => ({ name, columns, decode: () => undefined });

const sources: readonly Source[] = [
  chunksTable,
  tabsTable,
  turnsTable,
  requestsTable,
  approvalsTable,
  plain("prompts", ["hash", "text"]),
  plain("settings", ["key", "value"]),
  plain("removed_tabs", ["tab_id", "blobs_json", "purged", "spend_json"]),
];

/** Adds every readable record that `target` does not have yet. Rows whose checksum does not fit are left out. */
export function salvage(engine: Engine, image: Uint8Array, target: Database): void {
  const damaged = openDatabase(engine, image);
  try {
    migrate(damaged, migrations);
  } catch {
    // What an older version wrote may then be readable in part only.
  }
  for (const source of sources) {
    // An unreadable page ends a scan; a second one from the other end gets what is behind it.
    for (const order of ["ASC", "DESC"]) copy(damaged, target, source, order);
  }
  for (const name of ["chunks", "turns", "requests", "approvals"])
    target.run(`DELETE FROM ${name} WHERE tab_id IN (SELECT tab_id FROM removed_tabs)`);
  target.run("DELETE FROM tabs WHERE id IN (SELECT tab_id FROM removed_tabs)");
  target.run(
    `INSERT OR IGNORE INTO tabs (id, title, created_at, position, draft)
     SELECT tab_id, '', min(created_at), 0, '' FROM chunks GROUP BY tab_id`,
  );
  try {
    damaged.close();
  } catch {
    // Only memory: nothing depends on it.
  }
}

function copy(from: Database, to: Database, source: Source, order: string): void {
  const columns = source.columns.join(", ");
  const places = source.columns.map(() => "?").join(", ");
  try {
    from.each(`SELECT ${columns} FROM ${source.name} NOT INDEXED ORDER BY rowid ${order}`, [], (values) => {
      try {
        source.decode(values);
        to.run(`INSERT OR IGNORE INTO ${source.name} (${columns}) VALUES (${places})`, values);
      } catch {
        // This record is damaged, the next one may be whole.
      }
    });
  } catch {
    // The scan can't go on from here.
  }
}
