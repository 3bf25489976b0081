/** How records become columns and come back. Reading checks every value: a damaged row is an error, never a guess. */
import { type Mode, modes } from "../chunks/modes";
import type { QueuedMessage, ReadingPlace, TurnEnd } from "../chunks/protocol";
import type { Decision, Row } from "../chunks/rows";
import { crc32OfText } from "./crc32";
import type { Value } from "./database";
import type { ApprovalRecord, RequestOptions, RequestRecord, TabModel, TabRecord, TurnRecord } from "./types";

type Field<T> = {
  readonly column: string;
  readonly optional: boolean;
  readonly write: (value: T) => Value;
  /** Throws when the value can't be one of T. */
  readonly read: (value: Value) => T;
};

export type Table<R> = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly encode: (record: R) => readonly Value[];
  readonly decode: (values: readonly Value[]) => R;
};

export const tabsTable = table<TabRecord>("tabs", {
  id: text("id"),
  title: text("title"),
  createdAt: number("created_at"),
  position: number("position"),
  draft: text("draft"),
  promptHash: optional(text("prompt_hash")),
  closedAt: optional(number("closed_at")),
  queue: optional(json<readonly QueuedMessage[]>("queue_json")),
  unread: optional(flag("unread")),
  place: optional(json<ReadingPlace>("place_json")),
  models: optional(json<readonly TabModel[]>("models_json")),
  mode: optional(oneOf<Mode>("mode", modes)),
  toldMode: optional(oneOf<Mode>("told_mode", modes)),
});

export const turnsTable = table<TurnRecord>("turns", {
  id: text("id"),
  tabId: text("tab_id"),
  startedAt: number("started_at"),
  endedAt: optional(number("ended_at")),
  endReason: optional(
    oneOf<TurnEnd>("end_reason", [
      "done",
      "cancelled",
      "error",
      "refusal",
      "max_tokens",
      "max_steps",
      "max_cost",
      "interrupted",
    ]),
  ),
});

export const requestsTable = table<RequestRecord>("requests", {
  id: text("id"),
  tabId: text("tab_id"),
  turnId: text("turn_id"),
  step: number("step"),
  attempt: number("attempt"),
  keyId: text("key_id"),
  model: text("model"),
  promptHash: text("prompt_hash"),
  firstSeq: number("first_seq"),
  lastSeq: number("last_seq"),
  head: text("head"),
  renderer: number("renderer"),
  bodySha256: text("body_sha256"),
  startedAt: number("started_at"),
  firstTokenMs: optional(number("first_token_ms")),
  durationMs: number("duration_ms"),
  outcome: oneOf("outcome", ["ok", "error", "aborted"]),
  errorCode: optional(text("error_code")),
  statusCode: optional(number("status_code")),
  stopReason: optional(text("stop_reason")),
  requestId: optional(text("request_id")),
  inputTokens: optional(number("input_tokens")),
  outputTokens: optional(number("output_tokens")),
  cacheReadTokens: optional(number("cache_read_tokens")),
  cacheWriteTokens: optional(number("cache_write_tokens")),
  provider: optional(text("provider")),
  account: optional(text("account")),
  messageId: optional(text("message_id")),
  options: optional(json<RequestOptions>("options_json")),
  cacheMissReason: optional(text("cache_miss_reason")),
});

export const approvalsTable = table<ApprovalRecord>("approvals", {
  id: text("id"),
  tabId: text("tab_id"),
  turnId: text("turn_id"),
  callId: text("call_id"),
  tool: text("tool"),
  argumentsSha256: text("arguments_sha256"),
  decision: json<Decision>("decision"),
  scope: text("scope"),
  createdAt: number("created_at"),
});

const rowColumns = ["id", "tab_id", "seq", "turn_id", "step", "role", "type", "data_json", "created_at", "crc"];

/** The chunks. `decode` throws when the row's data does not have the CRC that was stored with it. */
export const chunksTable: Table<Row> = {
  name: "chunks",
  columns: rowColumns,
  encode: (row) => {
    const data = JSON.stringify(row.data);
    const place = [wellFormed(row.id), wellFormed(row.tabId), row.seq, wellFormed(row.turnId), row.step];
    return [...place, row.role, row.type, data, row.createdAt, crc32OfText(data)];
  },
  decode: (values) => {
    const [id, tabId, seq, turnId, step, role, type, data, createdAt, crc] = values;
    if (typeof data !== "string" || crc32OfText(data) !== crc)
      throw new Error(`the checksum of row ${id} does not fit`);
    // What was written was a Row, and the CRC says that it is what was written.
    return { id, tabId, seq, turnId, step, createdAt, role, type, data: JSON.parse(data) } as Row;
  },
};

/** Lone halves of a character outside the BMP can't be UTF-8; everything else is stored as it is. */
export function wellFormed(value: string): string {
  return value.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

function table<R>(name: string, fields: { readonly [K in keyof R]-?: Field<NonNullable<R[K]>> }): Table<R> {
  const keys = Object.keys(fields) as (keyof R & string)[];
  return {
    name,
    columns: keys.map((key) => fields[key].column),
    encode: (record) => keys.map((key) => encodeField(fields[key], record[key])),
    decode: (values) => {
      const entries = keys.map((key, index) => [key, decodeField(fields[key], values[index] ?? null)] as const);
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as R;
    },
  };
}

function encodeField<T>(field: Field<NonNullable<T>>, value: T): Value {
  if (value !== undefined && value !== null) return field.write(value);
  if (field.optional) return null;
  throw new Error(`${field.column} is missing`);
}

function decodeField<T>(field: Field<T>, value: Value): T | undefined {
  return value === null && field.optional ? undefined : field.read(value);
}

function text(column: string): Field<string> {
  const read = (value: Value) => (typeof value === "string" ? value : fail(column, value));
  return { column, optional: false, write: wellFormed, read };
}

function number(column: string): Field<number> {
  const read = (value: Value) => (typeof value === "number" ? value : fail(column, value));
  return { column, optional: false, write: (value) => value, read };
}

function flag(column: string): Field<boolean> {
  const read = (value: Value) => (value === 0 || value === 1 ? value === 1 : fail(column, value));
  return { column, optional: false, write: Number, read };
}

function oneOf<T extends string>(column: string, allowed: readonly T[]): Field<T> {
  const read = (value: Value) => allowed.find((one) => one === value) ?? fail(column, value);
  return { column, optional: false, write: (value) => value, read };
}

function json<T>(column: string): Field<T> {
  const read = (value: Value) => (typeof value === "string" ? (JSON.parse(value) as T) : fail(column, value));
  return { column, optional: false, write: (value) => JSON.stringify(value), read };
}

function optional<T>(field: Field<T>): Field<T> {
  return { ...field, optional: true };
}

function fail(column: string, value: Value): never {
  throw new Error(`${column} can't be ${value}`);
}
