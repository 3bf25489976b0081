/**
 * The journal's bytes: a signature, then frames. A frame is the payload's length (u32, little-endian), the payload's
 * CRC-32 (u32, little-endian) and the payload, JSON. The first frame is the header, every other one a record.
 */
import { crc32 } from "./crc32";
import type { LogOp } from "./log-op";

export type JournalHeader = {
  readonly format: number;
  /** The schema version of the code that wrote the records. */
  readonly schema: number;
  /** The first record is number `after` + 1. */
  readonly after: number;
  /** SHA-256 of the checkpoint file that holds everything up to `after`; `null`: there was none yet. */
  readonly checkpoint: string | null;
};

export type JournalRecord = {
  /** Counts all records of the log, over all journals. */
  readonly n: number;
  /** The first record of the batch that shared this record's sync: all records before it were durable already. */
  readonly b: number;
  readonly ops: readonly LogOp[];
};

export type JournalScan = {
  /** `undefined` when it can't be read. */
  readonly header: JournalHeader | undefined;
  /** Every record that can be read, in order; with damage `corrupt`, numbers may be missing between them. */
  readonly records: readonly JournalRecord[];
  /** Length of the part before the first byte that makes no sense. */
  readonly goodBytes: number;
  /** The last frame of that part. */
  readonly mark: JournalMark | undefined;
  /**
   * `torn`: the end of a write that was cut short and thus never acknowledged. `corrupt`: something that may have been
   * acknowledged can't be read.
   */
  readonly damage: "none" | "torn" | "corrupt";
};

/** One whole frame of a journal: by it a reader finds its place again, or sees that the file is another one now. */
export type JournalMark = {
  readonly at: number;
  readonly end: number;
  /** Its length and CRC, as hexadecimal digits. */
  readonly head: string;
};

export const journalFormat = 1;
const signature = Buffer.from("DSPJRNL1");
const frameHead = 8;
/** How each record's payload begins: JSON strings can't contain it, since they escape the quotes. */
const recordMark = Buffer.from('{"n":');

export function encodeHeader(header: JournalHeader): Uint8Array {
  return Buffer.concat([signature, frame(JSON.stringify(header))]);
}

export function encodeRecord({ n, b, ops }: JournalRecord): Uint8Array {
  return frame(JSON.stringify({ n, b, ops }));
}

/** Reads what can be read and says what is wrong with the rest. Never throws. */
export function scanJournal(content: Uint8Array): JournalScan {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const head = bytes.subarray(0, signature.length).equals(signature) ? readFrame(bytes, signature.length) : undefined;
  const header = head === undefined ? undefined : parseHeader(head.payload);
  if (head === undefined || header === undefined) {
    return { header: undefined, records: findRecords(bytes, 0), goodBytes: 0, mark: undefined, damage: "corrupt" };
  }
  const first = markOf(bytes, signature.length, head.end);
  const { records, mark } = readRun(bytes, first, header.after);
  const good = { header, records, mark, goodBytes: mark.end };
  if (mark.end === bytes.length) return { ...good, damage: "none" };
  return judgeTail(bytes, { ...good, damage: "torn" });
}

/**
 * Goes on where a reader has stopped. What can't be read yet is the beginning of a write that is under way.
 * @param rest the journal's bytes from `from.at` on.
 * @param last the number of the last record before.
 * @returns `undefined` when this is another journal, or something is wrong with it.
 */
export function readOn(
  rest: Uint8Array,
  from: JournalMark,
  last: number,
): { readonly records: readonly JournalRecord[]; readonly mark: JournalMark } | undefined {
  const bytes = Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength);
  const length = from.end - from.at;
  if (bytes.length < length || markOf(bytes, 0, length).head !== from.head) return undefined;
  const { records, mark } = readRun(bytes, { ...from, at: 0, end: length }, last);
  const firstBad = last + records.length + 1;
  if (findRecords(bytes, mark.end).some(({ n, b }) => n === firstBad || b > firstBad)) return undefined;
  return { records, mark: { ...mark, at: from.at + mark.at, end: from.at + mark.end } };
}

function markOf(bytes: Buffer, at: number, end: number): JournalMark {
  return { at, end, head: bytes.toString("hex", at, at + frameHead) };
}

/** The records behind `mark`, up to the first one that can't be read or has not the next number. */
function readRun(
  bytes: Buffer,
  mark: JournalMark,
  last: number,
): { readonly records: readonly JournalRecord[]; readonly mark: JournalMark } {
  const records: JournalRecord[] = [];
  let end = mark;
  while (end.end < bytes.length) {
    const next = readFrame(bytes, end.end);
    const record = next === undefined ? undefined : parseRecord(next.payload);
    if (next === undefined || record?.n !== last + records.length + 1) break;
    records.push(record);
    end = markOf(bytes, end.end, next.end);
  }
  return { records, mark: end };
}

/** The part after `goodBytes` is torn unless it holds what was, or may have been, acknowledged. */
function judgeTail(bytes: Buffer, scan: JournalScan & { readonly header: JournalHeader }): JournalScan {
  const firstBad = scan.header.after + scan.records.length + 1;
  const later = findRecords(bytes, scan.goodBytes).filter((record) => record.n > firstBad);
  const wasDurable = later.some((record) => record.b > firstBad);
  const length = scan.goodBytes + frameHead <= bytes.length ? bytes.readUInt32LE(scan.goodBytes) : 0;
  const isWhole = length > 0 && scan.goodBytes + frameHead + length <= bytes.length;
  // A batch that was cut short can leave whole later frames behind a hole, but then all of them share its start.
  if (!wasDurable && (later.length > 0 || !isWhole)) return scan;
  return { ...scan, records: [...scan.records, ...later], damage: "corrupt" };
}

function frame(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(frameHead);
  head.writeUInt32LE(bytes.length, 0);
  head.writeUInt32LE(crc32(bytes), 4);
  return Buffer.concat([head, bytes]);
}

function readFrame(bytes: Buffer, at: number): { readonly payload: string; readonly end: number } | undefined {
  if (at < 0 || at + frameHead > bytes.length) return undefined;
  const start = at + frameHead;
  const end = start + bytes.readUInt32LE(at);
  if (end === start || end > bytes.length) return undefined;
  const payload = bytes.subarray(start, end);
  return crc32(payload) === bytes.readUInt32LE(at + 4) ? { payload: payload.toString(), end } : undefined;
}

/** All whole records from `from` on, wherever they begin. */
function findRecords(bytes: Buffer, from: number): readonly JournalRecord[] {
  const found: JournalRecord[] = [];
  let at = bytes.indexOf(recordMark, from);
  while (at >= 0) {
    const hit = readFrame(bytes, at - frameHead);
    const record = hit === undefined ? undefined : parseRecord(hit.payload);
    if (hit !== undefined && record !== undefined) found.push(record);
    at = bytes.indexOf(recordMark, hit === undefined ? at + 1 : hit.end);
  }
  return found;
}

function parseHeader(payload: string): JournalHeader | undefined {
  const value = parseObject(payload);
  if (value === undefined) return undefined;
  const { format, schema, after, checkpoint } = value;
  if (typeof format !== "number" || typeof schema !== "number" || typeof after !== "number") return undefined;
  return { format, schema, after, checkpoint: typeof checkpoint === "string" ? checkpoint : null };
}

/** The CRC has vouched for the payload: its ops are as they were written. */
function parseRecord(payload: string): JournalRecord | undefined {
  const value = parseObject(payload);
  if (value === undefined || typeof value.n !== "number" || typeof value.b !== "number") return undefined;
  return Array.isArray(value.ops) ? { n: value.n, b: value.b, ops: value.ops } : undefined;
}

function parseObject(payload: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
