/** Logs as older versions of the schema wrote them, made from those versions' migrations and plain SQL. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Row } from "../../src/chunks/rows";
import { openDatabase } from "../../src/store/database";
import { encodeHeader, encodeRecord } from "../../src/store/journal";
import { migrations } from "../../src/store/schema";
import { chunksTable } from "../../src/store/tables";
import { rowsOp, sharedEngine, textRow } from "./support";

/** What every version knew of a tab. */
export const oldTab = {
  id: "tab-1",
  title: "Old",
  createdAt: 1,
  position: 0,
  draft: "half a thought",
  promptHash: "p",
};

/**
 * Rows 1 and 2 in a checkpoint, when there is one; a renamed tab and row 3 in the journal.
 * @param withCheckpoint false: all three rows are in the journal.
 */
export async function writeOldLog(folder: string, schema: number, withCheckpoint: boolean): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let checkpoint: string | null = null;
  if (withCheckpoint) {
    const image = await oldImage(schema);
    writeFileSync(path.join(folder, "checkpoint.sqlite"), image);
    checkpoint = createHash("sha256").update(image).digest("hex");
  }
  const after = withCheckpoint ? 2 : 0;
  const records = [
    ...(withCheckpoint ? [] : [rowsOp(textRow(1)), rowsOp(textRow(2))]),
    { op: "tab", tab: oldTab } as const,
    rowsOp(textRow(3)),
  ];
  const frames = records.map((op, index) => encodeRecord({ n: after + index + 1, b: after + index + 1, ops: [op] }));
  const header = encodeHeader({ format: 1, schema, after, checkpoint });
  writeFileSync(path.join(folder, "journal"), Buffer.concat([header, ...frames]));
}

/**
 * A checkpoint with a tab that is open, and the archive of one that is closed, each with a row and two requests.
 * @param schema 3: the second request sent a paused answer back.
 */
export async function writeOldRequests(folder: string, schema: 2 | 3): Promise<void> {
  mkdirSync(path.join(folder, "archive"), { recursive: true });
  const image = (tabId: string, closedAt: string) =>
    imageOf(schema, [textRow(1, undefined, tabId)], requestsSql(schema, tabId, closedAt));
  writeFileSync(path.join(folder, "checkpoint.sqlite"), await image("tab-1", "NULL"));
  writeFileSync(path.join(folder, "archive", "tab-2.sqlite.gz"), gzipSync(await image("tab-2", "9")));
}

/** What every version knew of the requests of `writeOldRequests`. */
export function oldRequest(tabId: string, attempt: number) {
  const place = { id: `${tabId}:${attempt}`, tabId, turnId: "turn-1", step: 1, attempt, keyId: "k", model: "m" };
  const body = { promptHash: "p", firstSeq: 1, lastSeq: 1, head: "h", renderer: 1, bodySha256: "00" };
  return {
    ...place,
    ...body,
    startedAt: 6,
    durationMs: 12.25,
    outcome: "ok",
    inputTokens: 1,
    outputTokens: 2,
  } as const;
}

function requestsSql(schema: number, tabId: string, closedAt: string): string {
  const values = (attempt: number) =>
    `('${tabId}:${attempt}', '${tabId}', 'turn-1', 1, ${attempt}, 'k', 'm', 'p', 1, 1, 'h', 1, '00', 6, 12.25, 'ok', 1, 2)`;
  return `
    INSERT INTO tabs (id, title, created_at, position, draft, prompt_hash, closed_at)
      VALUES ('${tabId}', 'Old', 1, 0, 'half a thought', 'p', ${closedAt});
    INSERT INTO requests (id, tab_id, turn_id, step, attempt, key_id, model, prompt_hash, first_seq, last_seq, head,
      renderer, body_sha256, started_at, duration_ms, outcome, input_tokens, output_tokens)
      VALUES ${values(1)}, ${values(2)};
    ${schema < 3 ? "" : "UPDATE requests SET after_pause = 1 WHERE attempt = 2;"}`;
}

function oldImage(schema: number): Promise<Uint8Array> {
  return imageOf(
    schema,
    [textRow(1), textRow(2)],
    `INSERT INTO tabs (id, title, created_at, position, draft, prompt_hash) VALUES ('tab-1', 'Before', 1, 0, '', NULL);
     INSERT INTO meta (key, value) VALUES ('last_record', '2');`,
  );
}

async function imageOf(schema: number, rows: readonly Row[], sql: string): Promise<Uint8Array> {
  const database = openDatabase(await sharedEngine());
  for (const step of migrations.slice(0, schema)) step(database);
  const places = chunksTable.columns.map(() => "?").join(", ");
  for (const row of rows) {
    database.run(`INSERT INTO chunks (${chunksTable.columns.join(", ")}) VALUES (${places})`, [
      ...chunksTable.encode(row),
    ]);
  }
  database.script(`${sql} PRAGMA user_version = ${schema};`);
  const image = database.image();
  database.close();
  return image;
}
