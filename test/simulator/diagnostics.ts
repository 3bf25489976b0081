/** Why a prompt was not found in the cache, for clients that ask: where it differs from an earlier request's. */
import type { Layout, Segment } from "./segments";
import { type Fields, isFields, textOf } from "./types";

export type Diagnostics = {
  /** What goes into the answer as `diagnostics`; undefined when the request does not ask. */
  readonly compare: (body: Fields, layout: Layout) => Fields | undefined;
  /** Keeps the fingerprint of a request that asked, under the id of its answer. */
  readonly keep: (messageId: string, body: Fields, layout: Layout) => void;
};

type Fingerprint = {
  readonly model: string;
  readonly segments: readonly Pick<Segment, "section" | "digest" | "tokens">[];
};

export function createDiagnostics(): Diagnostics {
  const known = new Map<string, Fingerprint>();
  return {
    compare: (body, layout) => {
      const asked = body.diagnostics;
      if (!isFields(asked)) return undefined;
      const id = asked.previous_message_id;
      if (typeof id !== "string") return { cache_miss_reason: null };
      const before = known.get(id);
      if (before === undefined) return { cache_miss_reason: { type: "previous_message_not_found" } };
      return { cache_miss_reason: divergence(before, fingerprint(body, layout)) };
    },
    keep: (messageId, body, layout) => {
      if (isFields(body.diagnostics)) known.set(messageId, fingerprint(body, layout));
    },
  };
}

function divergence(before: Fingerprint, now: Fingerprint): Fields | null {
  const at = before.segments.findIndex((segment, index) => segment.digest !== now.segments[index]?.digest);
  const lost = (from: number) => before.segments.slice(from).reduce((sum, segment) => sum + segment.tokens, 0);
  if (before.model !== now.model) return { type: "model_changed", cache_missed_input_tokens: lost(0) };
  if (at < 0) return null;
  const section =
    before.segments[at]?.section === now.segments[at]?.section
      ? before.segments[at]?.section
      : earlier(before, now, at);
  return { type: `${section}_changed`, cache_missed_input_tokens: lost(at) };
}

/** A tool more or less: the block that differs is of two sections, and the first of them changed. */
function earlier(before: Fingerprint, now: Fingerprint, at: number): Segment["section"] {
  const here = [before.segments[at]?.section, now.segments[at]?.section];
  return here.includes("tools") ? "tools" : here.includes("system") ? "system" : "messages";
}

function fingerprint(body: Fields, layout: Layout): Fingerprint {
  return { model: `${textOf(body.model)} ${textOf(body.speed) || "standard"}`, segments: layout.segments };
}
