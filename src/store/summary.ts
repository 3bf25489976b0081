/** What the history list shows of a tab, derived from its rows and requests. */
import type { Database } from "./database";
import type { Summary } from "./log-op";
import { findRows } from "./queries";

/** The person's first message is looked for in this many rows: only what Dispatch adds stands before it. */
const firstRows = 50;
const firstWordsLength = 200;

/** Costs time by the number of requests, not of rows. @param createdAt when the tab was made. */
export function summarise(database: Database, tabId: string, createdAt: number): Omit<Summary, "blobs" | "spend"> {
  const newest = "SELECT created_at FROM chunks WHERE tab_id = ? ORDER BY seq DESC LIMIT 1";
  // A step has one request that went well beside those of its searches; failed attempts count as far as the server said what they cost.
  const sums = `SELECT coalesce(sum(outcome = 'ok' AND instr(coalesce(options_json, ''), '"side":') = 0), 0), coalesce(sum(input_tokens), 0),
    coalesce(sum(cache_read_tokens), 0), coalesce(sum(cache_write_tokens), 0), coalesce(sum(output_tokens), 0)
    FROM requests WHERE tab_id = ?`;
  const [steps = 0, fresh = 0, read = 0, written = 0, output = 0] = database.get(sums, [tabId])?.map(Number) ?? [];
  return {
    firstWords: firstWords(database, tabId),
    lastAt: Number(database.get(newest, [tabId])?.[0] ?? createdAt),
    steps,
    usage: { fresh, read, written, output },
  };
}

/** The blobs that the rows of a tab refer to; of all tabs without an id. */
export function blobsOf(database: Database, tabId?: string): ReadonlySet<string> {
  const names = new Set<string>();
  const [rest, values] = tabId === undefined ? ["", []] : [" AND tab_id = ?", [tabId]];
  database.each(`SELECT data_json FROM chunks WHERE role IN ('tool', 'user')${rest}`, values, ([data]) => {
    for (const name of blobNames(String(data))) names.add(name);
  });
  return names;
}

/** Every string in the JSON text that is a blob's name. Inside of longer strings the quotes would be escaped. */
export function blobNames(json: string): readonly string[] {
  return [...json.matchAll(/"([0-9a-f]{64})"/g)].map(([, name]) => name ?? "");
}

function firstWords(database: Database, tabId: string): string {
  for (const row of findRows(database, tabId, 1, firstRows).records) {
    if (row.role !== "user" || row.data.origin === "context") continue;
    const line = row.data.text
      .slice(0, 4 * firstWordsLength)
      .replaceAll(/\s+/g, " ")
      .trim();
    return Array.from(line).slice(0, firstWordsLength).join("");
  }
  return "";
}
