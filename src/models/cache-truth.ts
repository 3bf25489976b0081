/**
 * What a request should have read from the prompt cache, and why it did not: a fold over the requests of a tab in their
 * order. Pure. What only the log's rows can tell is found in src/agent/cache-report.ts.
 */
import type { SeqRange } from "../wire/assemble";
import { listed } from "./cost";

/** The part of a request's record that this needs. */
export type CacheFacts = {
  readonly keyId: string;
  readonly model: string;
  readonly provider?: string;
  readonly account?: string;
  readonly promptHash: string;
  readonly head: string;
  readonly startedAt: number;
  readonly outcome: "ok" | "error" | "aborted";
  /** Absent when the server had not begun to answer. */
  readonly inputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly lastSeq: number;
  readonly options?: {
    readonly marks?: boolean;
    readonly withoutThinking?: readonly SeqRange[];
    readonly images?: boolean;
  };
  readonly cacheMissReason?: string;
};

export type CacheNote =
  /** There was nothing that it could have read. */
  | { readonly kind: "none" }
  | { readonly kind: "held"; readonly expected: number }
  /** Less was read than the last request with the same choice had read and written. */
  | { readonly kind: "missed"; readonly expected: number; readonly cause: MissCause };

export type MissCause =
  | { readonly part: "model"; readonly before: string }
  /** `before`: the id of the key that was used then. */
  | { readonly part: "account"; readonly before: string }
  | { readonly part: "head" | "tools" | "system" | "marks" | "thinking" | "images" }
  /** Tools or system: which of them, only the two texts can tell. */
  | { readonly part: "prompt"; readonly before: string; readonly now: string }
  /** Rows of the log that are not as they were sent. */
  | { readonly part: "rows"; readonly from: number; readonly to: number }
  | { readonly part: "time"; readonly idleMs: number }
  /** `server`: the reason that the server gave. */
  | { readonly part: "unknown"; readonly server?: string };

/** What the requests so far have left in the cache. */
export type CacheMemory = {
  readonly last?: CacheFacts;
  /** By account, model and everything of the head that the cache depends on: the last request that went well, and when any was sent. */
  readonly byChoice: ReadonlyMap<string, { readonly facts?: CacheFacts; readonly usedAt: number }>;
};

export const emptyCache: CacheMemory = { byChoice: new Map() };

/** How long a prefix stays without being read: the lifetime that our cache marks ask for. */
export const cacheLifetimeMs = 300_000;

/** The memory after a request, and what became of the prefix that it shares with those before it. */
export function noteCache(
  memory: CacheMemory,
  now: CacheFacts,
): { readonly memory: CacheMemory; readonly note: CacheNote } {
  if (now.inputTokens === undefined) return { memory, note: { kind: "none" } };
  const choice = choiceOf(now);
  const same = memory.byChoice.get(choice);
  const facts = now.outcome === "ok" ? now : same?.facts;
  const byChoice = new Map(memory.byChoice).set(choice, { ...(facts && { facts }), usedAt: now.startedAt });
  const last = now.outcome === "ok" ? now : memory.last;
  return { memory: { ...(last && { last }), byChoice }, note: judge(memory.last, same, now) };
}

function judge(
  last: CacheFacts | undefined,
  same: { readonly facts?: CacheFacts; readonly usedAt: number } | undefined,
  now: CacheFacts,
): CacheNote {
  const before = same?.facts ?? last;
  // A server without cache marks reports no cache figures that could be compared.
  if (before === undefined || now.options?.marks === false) return { kind: "none" };
  const expected = cachedAfter(before);
  const least = listed(now.provider, now.model)?.leastCached ?? 1;
  if (expected < least) return { kind: "none" };
  if ((now.cacheReadTokens ?? 0) >= expected) return { kind: "held", expected };
  return { kind: "missed", expected, cause: causeOf(before, same?.usedAt ?? before.startedAt, now) };
}

function causeOf(before: CacheFacts, usedAt: number, now: CacheFacts): MissCause {
  if (before.model !== now.model) return { part: "model", before: before.model };
  if (accountOf(before) !== accountOf(now)) return { part: "account", before: before.keyId };
  if (plainHead(before) !== plainHead(now)) return { part: "head" };
  if (before.promptHash !== now.promptHash) return { part: "prompt", before: before.promptHash, now: now.promptHash };
  if (before.options?.marks === false) return { part: "marks" };
  if (leftOut(before, before.lastSeq) !== leftOut(now, before.lastSeq)) return { part: "thinking" };
  if ((before.options?.images ?? false) !== (now.options?.images ?? false)) return { part: "images" };
  const idleMs = now.startedAt - usedAt;
  if (idleMs > cacheLifetimeMs) return { part: "time", idleMs };
  const server = now.cacheMissReason;
  return { part: "unknown", ...(server === undefined ? {} : { server }) };
}

/** One short sentence for the step's line. */
export function missWords(cause: MissCause): string {
  switch (cause.part) {
    case "model":
      return `Cache missed: the step before went to ${cause.before}.`;
    case "account":
      return `Cache missed: the key ${cause.before}, used before, has another account.`;
    case "head":
      return "Cache missed: thinking or effort is set otherwise than before.";
    case "tools":
      return "Cache missed: the list of tools has changed.";
    case "system":
      return "Cache missed: the instructions have changed.";
    case "prompt":
      return "Cache missed: tools or instructions have changed.";
    case "marks":
      return "Cache missed: the request before was sent without cache marks.";
    case "thinking":
      return "Cache missed: thinking that the model can't read was left out.";
    case "images":
      return "Cache missed: with the first image, or without any, messages are cached anew.";
    case "rows":
      return cause.from === cause.to
        ? `Cache missed: row ${cause.from} of the log is not as it was sent.`
        : `Cache missed: one of the rows ${cause.from}–${cause.to} of the log is not as it was sent.`;
    case "time":
      return `Cache missed: ${Math.floor(cause.idleMs / 60_000)} min since it was last used; it lasts ${cacheLifetimeMs / 60_000}.`;
    case "unknown":
      return `Cache missed, no cause found${cause.server === undefined ? "" : `; the server says ${cause.server}`}.`;
    default:
      return cause satisfies never;
  }
}

/** What a request leaves in the cache for the next one. */
function cachedAfter({ cacheReadTokens = 0, cacheWriteTokens = 0 }: CacheFacts): number {
  return cacheReadTokens + cacheWriteTokens;
}

/** Caches belong to an account and a model; thinking and effort stand in the head. */
function choiceOf(facts: CacheFacts): string {
  return `${accountOf(facts)}\n${plainHead(facts)}`;
}

function accountOf({ account, keyId }: CacheFacts): string {
  return account ?? keyId;
}

/** The rows up to a seq whose thinking was not sent. */
function leftOut({ options }: CacheFacts, upTo: number): string {
  const ranges = options?.withoutThinking ?? [];
  return ranges
    .filter(([first]) => first <= upTo)
    .map(([first, last]) => `${first}-${Math.min(last, upTo)}`)
    .join();
}

/** The length of the answer may change without a loss. */
function plainHead({ head }: CacheFacts): string {
  return head.replace(/"max_tokens":\d+,?/, "");
}
