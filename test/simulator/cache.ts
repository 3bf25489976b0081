/** The prompt cache: what a request reads and writes, worked out on the bytes as they came. */
import type { Model } from "./models";
import { type Layout, type Marker, type Segment, sha256 } from "./segments";
import { type Clock, type Fields, isFields, textOf } from "./types";

export type CachePlan = {
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly input: number;
  readonly total: number;
  /** To be called when the first byte of the answer goes out: only then can others read what this request wrote. */
  readonly commit: () => void;
};

export type Cache = {
  readonly plan: (layout: Layout, body: Fields, model: Model, scope: string) => CachePlan;
  readonly size: () => number;
  /** Lets go of everything, as a server may at any time. */
  readonly forget: () => void;
};

/** A marked block, by its index among the blocks. */
type Breakpoint = { readonly index: number; readonly ttl: Marker["ttl"] };
type Entry = { readonly ttl: Marker["ttl"]; readonly expiresAt: number };

const lookbackPositions = 20;
const lifetime = { "5m": 5 * 60_000, "1h": 60 * 60_000 } as const;

/** @param everyBlock count each block as one position, as some resellers do, instead of a run of calls or results as one. */
export function createCache(clock: Clock, everyBlock = false): Cache {
  const entries = new Map<string, Entry>();
  return { plan, size: () => entries.size, forget: () => entries.clear() };

  function plan(layout: Layout, body: Fields, model: Model, scope: string): CachePlan {
    const start = clock.now();
    const segments = kept(layout.segments, model);
    const keys = hashes(segments, body, model, scope);
    const positions = positionsOf(segments, everyBlock);
    const totals = cumulative(segments);
    const total = totals.at(-1) ?? 0;
    const points = breakpoints(segments, layout.automatic);
    const hits = points.flatMap((point) => lookBack(point.index, keys, positions, start) ?? []);
    const hit = hits.length === 0 ? -1 : Math.max(...hits);
    const writes = points.filter((point) => point.index > hit && (totals[point.index] ?? 0) >= model.minCacheTokens);
    const last = Math.max(hit, ...writes.map((point) => point.index));
    const lastHour = Math.max(hit, ...writes.filter((point) => point.ttl === "1h").map((point) => point.index));
    const upTo = (index: number) => (index < 0 ? 0 : (totals[index] ?? 0));
    return {
      read: upTo(hit),
      write1h: upTo(lastHour) - upTo(hit),
      write5m: upTo(last) - upTo(lastHour),
      input: total - upTo(last),
      total,
      commit: () => {
        for (const index of hits) touch(keys[index], start);
        for (const point of writes) put(keys[point.index], point.ttl, start);
      },
    };
  }

  /** The nearest block at or before `index`, within the lookback, that an earlier request wrote. */
  function lookBack(
    index: number,
    keys: readonly string[],
    positions: readonly number[],
    now: number,
  ): number | undefined {
    const from = positions[index] ?? 0;
    for (let at = index; at >= 0 && from - (positions[at] ?? 0) < lookbackPositions; at--) {
      const entry = entries.get(keys[at] ?? "");
      if (entry !== undefined && now < entry.expiresAt) return at;
    }
    return undefined;
  }

  function touch(key: string | undefined, start: number): void {
    const entry = entries.get(key ?? "");
    if (entry !== undefined) put(key, entry.ttl, start);
  }

  function put(key: string | undefined, ttl: Marker["ttl"], start: number): void {
    if (key === undefined) return;
    const expiresAt = Math.max(entries.get(key)?.expiresAt ?? 0, start + lifetime[ttl]);
    entries.set(key, { ttl, expiresAt });
  }
}

/** Old models drop the thinking of earlier turns as soon as a plain user message follows. */
function kept(segments: readonly Segment[], model: Model): readonly Segment[] {
  if (model.keepsThinking) return segments;
  const results = new Set(segments.filter((s) => s.type === "tool_result").map((s) => s.message));
  const turn = segments.findLast((s) => s.role === "user" && !results.has(s.message))?.message ?? -1;
  return segments.filter((s) => s.message >= turn || (s.type !== "thinking" && s.type !== "redacted_thinking"));
}

/** One key per block: everything before it, and the parameters that make a prefix another prefix. */
function hashes(segments: readonly Segment[], body: Fields, model: Model, scope: string): readonly string[] {
  const hasImage = segments.some((s) => s.images > 0);
  const choice = isFields(body.tool_choice) ? body.tool_choice : {};
  const output = isFields(body.output_config) ? body.output_config : {};
  const effort = textOf(output.effort) || model.defaultEffort;
  const salts = {
    tools: sha256("tools", scope, model.id),
    system: sha256("system", textOf(body.speed) || "standard"),
    messages: sha256("messages", JSON.stringify([choice, hasImage, body.thinking ?? null, effort])),
  };
  let key = salts.tools;
  let section: Segment["section"] = "tools";
  return segments.map((segment) => {
    if (section === "tools" && segment.section !== "tools") key = sha256(key, salts.system);
    if (section !== "messages" && segment.section === "messages") key = sha256(key, salts.messages);
    section = segment.section;
    key = sha256(key, segment.role, String(segment.message), segment.bytes);
    return key;
  });
}

function positionsOf(segments: readonly Segment[], everyBlock: boolean): readonly number[] {
  let position = -1;
  let before = "";
  return segments.map((segment) => {
    const run = !everyBlock && segment.type === before && (before === "tool_use" || before === "tool_result");
    if (!run) position++;
    before = segment.type;
    return position;
  });
}

function cumulative(segments: readonly Segment[]): readonly number[] {
  let sum = 0;
  return segments.map((segment) => {
    sum += segment.tokens;
    return sum;
  });
}

function breakpoints(segments: readonly Segment[], automatic: Marker | undefined): readonly Breakpoint[] {
  const marked = segments.flatMap((s, index) => (s.marker === undefined ? [] : [{ index, ttl: s.marker.ttl }]));
  const last = segments.findLastIndex((s) => s.type !== "thinking" && s.type !== "redacted_thinking");
  if (automatic === undefined || last < 0 || marked.some((point) => point.index === last)) return marked;
  return [...marked, { index: last, ttl: automatic.ttl }];
}
