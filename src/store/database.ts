/** sql.js as the log uses it: prepared once, read by column position, errors leave no statement half-way. */
import initSqlJs, { type Database as SqlDatabase, type SqlJsStatic, type Statement } from "sql.js";

export type Value = number | string | Uint8Array | null;
export type Engine = SqlJsStatic;

export type Database = {
  readonly run: (sql: string, values?: readonly Value[]) => void;
  readonly all: (sql: string, values?: readonly Value[]) => readonly (readonly Value[])[];
  readonly get: (sql: string, values?: readonly Value[]) => readonly Value[] | undefined;
  /** Calls `visit` for each row until the end or the first error, which it throws. */
  readonly each: (sql: string, values: readonly Value[], visit: (row: readonly Value[]) => void) => void;
  /** Several statements at once, not kept. */
  readonly script: (sql: string) => void;
  /** The database as the bytes of an SQLite file. Costs time in proportion to its size. */
  readonly image: () => Uint8Array;
  readonly close: () => void;
};

/** @param wasm content of sql-wasm.wasm; without it sql.js looks beside its own file. */
export function loadEngine(wasm?: Uint8Array): Promise<Engine> {
  if (wasm === undefined) return initSqlJs();
  const wasmBinary = new ArrayBuffer(wasm.byteLength);
  new Uint8Array(wasmBinary).set(wasm);
  return initSqlJs({ wasmBinary });
}

/** @param image an SQLite file's bytes; without it the database is empty. Damage shows at the first use, not here. */
export function openDatabase(engine: Engine, image?: Uint8Array): Database {
  // sql.js copies by slice(), which for a Buffer is no copy: it would go on writing into the caller's bytes.
  const bytes = image === undefined ? undefined : new Uint8Array(image.buffer, image.byteOffset, image.byteLength);
  const db = new engine.Database(bytes);
  const statements = new Map<string, Statement>();
  tune(db);

  function prepared(sql: string): Statement {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }

  function each(sql: string, values: readonly Value[], visit: (row: readonly Value[]) => void): void {
    const statement = prepared(sql);
    try {
      statement.bind([...values]);
      while (statement.step()) visit(statement.get());
    } finally {
      statement.reset();
    }
  }

  function all(sql: string, values: readonly Value[] = []): readonly (readonly Value[])[] {
    const rows: (readonly Value[])[] = [];
    each(sql, values, (row) => rows.push(row));
    return rows;
  }

  return {
    each,
    all,
    get: (sql, values) => all(sql, values)[0],
    run: (sql, values = []) => each(sql, values, () => undefined),
    script: (sql) => void db.exec(sql),
    image: () => {
      // export() frees all statements, closes the database and opens it again with default pragmas.
      statements.clear();
      const bytes = db.export();
      tune(db);
      return bytes;
    },
    close: () => db.close(),
  };
}

/** The file is memory: its own rollback journal stays in memory too, and there is nothing to sync. */
function tune(db: SqlDatabase): void {
  try {
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;");
  } catch {
    // Not a database: whoever opened it finds out at its first query, where it is handled.
  }
}
