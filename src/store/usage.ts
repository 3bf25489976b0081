/** What the requests have cost in tokens, summed by SQL; of tabs that are closed or deleted, what was summed before they left. */
import type { Database, Value } from "./database";
import { isArchived } from "./tab-ops";
import type { Spend, UsageQuery, UsageSum } from "./types";

/** Prices may change at these sizes of a prompt; a sum never mixes requests from both sides of one. */
const sizeStep = 100_000;

const input = "input_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0)";

/** Attempts that failed count as the others do, as far as the server has said what they cost. */
const sums = `SELECT tab_id, date(started_at / 1000, 'unixepoch', 'localtime') AS day, key_id, provider, model,
  max(1, (${input} + ${sizeStep - 1}) / ${sizeStep}) AS size, count(*), sum(input_tokens),
  coalesce(sum(cache_read_tokens), 0), coalesce(sum(cache_write_tokens), 0), coalesce(sum(output_tokens), 0),
  coalesce(sum(json_extract(options_json, '$.side.searches')), 0)
  FROM requests WHERE input_tokens IS NOT NULL`;
const grouped = "GROUP BY tab_id, day, key_id, provider, model, size ORDER BY min(rowid)";

/** All that was ever used, of deleted tabs too; in no order that means anything. */
export function findUsage(database: Database, { tabId, fromDay = "" }: UsageQuery): readonly UsageSum[] {
  const [only, values] = tabId === undefined ? ["", []] : ["AND tab_id = ?", [tabId]];
  const open = `${sums} AND tab_id NOT IN (SELECT tab_id FROM archives) ${only} ${grouped}`;
  const gone = `SELECT tab_id, spend_json FROM archives WHERE spend_json IS NOT NULL ${only}
    UNION ALL SELECT tab_id, spend_json FROM removed_tabs WHERE spend_json IS NOT NULL ${only}`;
  const kept = database
    .all(gone, [...values, ...values])
    .flatMap(([id, json]) => parseSpend(json).map((spend) => ({ tabId: String(id), ...spend })));
  return [...database.all(open, values).map(sumOf), ...kept].filter(({ day }) => day >= fromDay);
}

/** What one tab has used, open or closed. */
export function spendOf(database: Database, tabId: string): readonly Spend[] {
  if (isArchived(database, tabId))
    return parseSpend(database.get("SELECT spend_json FROM archives WHERE tab_id = ?", [tabId])?.[0]);
  return database.all(`${sums} AND tab_id = ? ${grouped}`, [tabId]).map((row) => {
    const { tabId: _, ...spend } = sumOf(row);
    return spend;
  });
}

/** @param json as it was written by this code, or nothing. */
export function parseSpend(json: unknown): readonly Spend[] {
  return typeof json === "string" ? JSON.parse(json) : [];
}

function sumOf(row: readonly Value[]): UsageSum {
  const [tabId, day, keyId, provider, model, size, requests, fresh, read, written, output, searches] = row;
  return {
    tabId: String(tabId),
    day: String(day),
    keyId: String(keyId),
    ...(provider === null || provider === undefined ? {} : { provider: String(provider) }),
    model: String(model),
    size: Number(size),
    requests: Number(requests),
    usage: { fresh: Number(fresh), read: Number(read), written: Number(written), output: Number(output) },
    ...(Number(searches) === 0 ? {} : { searches: Number(searches) }),
  };
}
