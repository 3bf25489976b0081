/** Logs as older versions of the schema wrote them, made from those versions' migrations and plain SQL. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
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

async function oldImage(schema: number): Promise<Uint8Array> {
  const database = openDatabase(await sharedEngine());
  for (const step of migrations.slice(0, schema)) step(database);
  const places = chunksTable.columns.map(() => "?").join(", ");
  for (const seq of [1, 2]) {
    database.run(`INSERT INTO chunks (${chunksTable.columns.join(", ")}) VALUES (${places})`, [
      ...chunksTable.encode(textRow(seq)),
    ]);
  }
  database.script(`
    INSERT INTO tabs (id, title, created_at, position, draft, prompt_hash) VALUES ('tab-1', 'Before', 1, 0, '', NULL);
    INSERT INTO meta (key, value) VALUES ('last_record', '2');
    PRAGMA user_version = ${schema};
  `);
  const image = database.image();
  database.close();
  return image;
}
