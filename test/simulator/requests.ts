/** The log of what came in: raw bytes, what they cost, and how much of the conversation's previous request they keep. */
import type { Layout } from "./segments";
import { type Fields, isFields, listOf, type SentUsage, type Usage } from "./types";
import type { Headers } from "./validate";

export type RecordedRequest = {
  /** Among all recorded requests; `request` counts POST /v1/messages only. */
  readonly index: number;
  readonly method: string;
  readonly path: string;
  /** What stands behind the `?`. */
  readonly query: string;
  readonly headers: Headers;
  /** The body as it came, byte for byte. */
  readonly body: Buffer;
  readonly at: number;
  readonly requestId: string;
  readonly status: number;
  readonly error: { readonly type: string; readonly message: string } | undefined;
  /** From 0, at this point of this conversation. */
  readonly attempt: number;
  /** What the whole answer would cost. */
  readonly usage: Usage | undefined;
  /** What the answer has told of it before it ended or was cut off: what a client that counts right has counted. */
  readonly billed: SentUsage | undefined;
  readonly segments: readonly SegmentInfo[];
  readonly prefix: PrefixInfo | undefined;
  readonly outcome: Outcome;
};

export type Outcome = "open" | "complete" | "refused" | "broken" | "client-gone";

export type SegmentInfo = {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  readonly digest: string;
};

/** How a request stands to the last one that it shares the most of its conversation with. Markers don't count. */
export type PrefixInfo = {
  /** Index of that request; undefined when this one begins a conversation. */
  readonly previous: number | undefined;
  readonly sharedBlocks: number;
  readonly previousBlocks: number;
  readonly sharedBytes: number;
  /** Bytes of the previous body up to the end of its last message. */
  readonly previousBytes: number;
  /** Each block of the previous request is here, unchanged and in its place. */
  readonly blocksIntact: boolean;
  /** The body begins with the previous one's, up to the end of its last message, byte for byte. */
  readonly bytesIntact: boolean;
};

export type MutableRequest = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

export type RequestLog = {
  readonly records: readonly RecordedRequest[];
  readonly add: (
    start: Pick<RecordedRequest, "method" | "path" | "query" | "headers" | "body" | "at" | "requestId">,
  ) => MutableRequest;
  /** Notes the blocks of an accepted request; sets `attempt`, `segments` and `prefix`. */
  readonly place: (record: MutableRequest, layout: Layout, body: Fields) => void;
};

/** @param keep how many of the newest requests keep their bytes. */
export function createRequestLog(keep: number): RequestLog {
  const records: MutableRequest[] = [];
  const layouts = new Map<number, Layout>();
  const owners = new Map<string, number>();
  const attempts = new Map<string, number>();
  return { records, add, place };

  function add(
    start: Pick<RecordedRequest, "method" | "path" | "query" | "headers" | "body" | "at" | "requestId">,
  ): MutableRequest {
    const record: MutableRequest = {
      ...start,
      index: records.length,
      status: 0,
      error: undefined,
      attempt: 0,
      usage: undefined,
      billed: undefined,
      segments: [],
      prefix: undefined,
      outcome: "open",
    };
    records.push(record);
    const old = records[records.length - 1 - keep];
    if (old !== undefined) {
      old.body = Buffer.alloc(0);
      layouts.delete(old.index);
    }
    return record;
  }

  function place(record: MutableRequest, layout: Layout, body: Fields): void {
    const point = layout.segments.at(-1)?.digest ?? "";
    record.attempt = attempts.get(point) ?? 0;
    attempts.set(point, record.attempt + 1);
    record.segments = layout.segments.map(({ path, range, tokens, digest }) => ({ path, ...range, tokens, digest }));
    record.prefix = compare(layout, body);
    for (const segment of layout.segments) owners.set(segment.digest, record.index);
    layouts.set(record.index, layout);
  }

  function compare(layout: Layout, body: Fields): PrefixInfo {
    const shared = layout.segments.findLastIndex((s) => s.section === "messages" && owners.has(s.digest));
    const index = owners.get(layout.segments[shared]?.digest ?? "");
    const previous = index === undefined ? undefined : layouts.get(index);
    if (previous === undefined) {
      const begun = listOf(body.messages).some((message) => isFields(message) && message.role === "assistant");
      const nothing = { sharedBlocks: 0, previousBlocks: 0, sharedBytes: 0, previousBytes: 0 };
      return { previous: undefined, ...nothing, blocksIntact: !begun, bytesIntact: !begun };
    }
    const sharedBytes = commonLength(previous.stripped, layout.stripped);
    return {
      previous: index,
      sharedBlocks: shared + 1,
      previousBlocks: previous.segments.length,
      sharedBytes,
      previousBytes: previous.messagesEnd,
      blocksIntact: shared + 1 >= previous.segments.length,
      bytesIntact: sharedBytes >= previous.messagesEnd,
    };
  }
}

function commonLength(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  if (a.subarray(0, length).equals(b.subarray(0, length))) return length;
  let low = 0;
  let high = length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (a.subarray(0, middle).equals(b.subarray(0, middle))) low = middle;
    else high = middle;
  }
  return low;
}
