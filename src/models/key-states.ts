/** Whether a key can be used, and what changes that. Pure: src/models/key-ring.ts keeps the states. */
import { accountOfKey } from "./base-url";
import { backoffMs } from "./retry";
import type { Failure, KeyConfig, ModelChoice } from "./types";

export type KeyState =
  | { readonly kind: "active" }
  /** No request before `until`, in milliseconds since 1970. */
  | { readonly kind: "limited"; readonly until: number; readonly why: string }
  /** Out of credit, or at its spending limit, since `since`; until a time where the server says one. */
  | { readonly kind: "exhausted"; readonly since: number; readonly until?: number; readonly why: string }
  /** With a `model`: for that model only. */
  | { readonly kind: "refused"; readonly why: string; readonly model?: string };

export const active: KeyState = { kind: "active" };

/** Credit that nobody has promised for a certain time is asked for again after so long. */
const askAgainMs = 60 * 60_000;

/** A key by its id and the server that it is used at: at another address it is another key. */
export function nameOfKey(key: Pick<KeyConfig, "id" | "baseUrl">): string {
  return accountOfKey(key);
}

/** A model as it is asked with a key. */
export type Place = Pick<ModelChoice, "key" | "model">;

/**
 * What a rate limit counts for. Anthropic limits each class of models (Opus, Sonnet, …) by itself
 * (platform.claude.com/docs/en/api/rate-limits); of other servers only the key is known.
 */
export function nameOfLimit({ key, model }: Place): string {
  if (key.provider !== "anthropic") return nameOfKey(key);
  return `${nameOfKey(key)}#${/^claude-[\d-]*([a-z]+)/.exec(model)?.[1] ?? model}`;
}

/** The state as it is at this moment: what has passed is over. */
export function stateAt(state: KeyState, now: number): KeyState {
  switch (state.kind) {
    case "limited":
      return now >= state.until ? active : state;
    case "exhausted":
      return now >= (state.until ?? state.since + askAgainMs) ? active : state;
    case "active":
    case "refused":
      return state;
  }
}

/**
 * What a failed request says about its key. Failures of the server or the network say nothing.
 * @param strikes how many requests in a row were limited before this one, for servers that name no time.
 */
export function afterKeyFailure(
  state: KeyState,
  failure: Failure,
  { now, model, strikes }: { readonly now: number; readonly model: string; readonly strikes: number },
): KeyState {
  const why = failure.message;
  switch (failure.code) {
    case "rate-limit": {
      const until = now + (failure.retryAfterMs ?? backoffMs(strikes, 0));
      return state.kind === "limited" && state.until > until ? state : { kind: "limited", until, why };
    }
    case "no-credit":
    case "spend-limit":
      return {
        kind: "exhausted",
        since: now,
        ...(failure.resetAt === undefined ? {} : { until: failure.resetAt }),
        why,
      };
    case "no-key":
      return { kind: "refused", why };
    case "bad-key":
      // 403 may concern this model only.
      return { kind: "refused", why, ...(failure.statusCode === 403 ? { model } : {}) };
    default:
      return state;
  }
}

/** Whether a request may go to this choice now. `state`: of its key, as of now. */
export function isUsable(state: KeyState, choice: Pick<ModelChoice, "model">): boolean {
  if (state.kind === "refused") return state.model !== undefined && state.model !== choice.model;
  return state.kind === "active";
}

/** Why the key can't be used, as a sentence; "" when it can. */
export function whyNot(state: KeyState): string {
  return state.kind === "active" ? "" : state.why;
}

/** When the key can be used again, where that is known. */
export function usableFrom(state: KeyState): number | undefined {
  return state.kind === "limited" || state.kind === "exhausted" ? state.until : undefined;
}

/** What is worth keeping over a restart: what ends by itself at a known time. */
export function writeStates(states: ReadonlyMap<string, KeyState>, now: number): string {
  const kept = [...states].filter(([, state]) => (usableFrom(state) ?? 0) > now);
  return JSON.stringify(Object.fromEntries(kept));
}

/** Reads what `writeStates` has written; anything else counts as nothing. */
export function readStates(text: string | undefined): ReadonlyMap<string, KeyState> {
  const entries = Object.entries(parse(text)).flatMap(([name, value]): readonly [string, KeyState][] => {
    const state = stateOf(value);
    return state === undefined ? [] : [[name, state]];
  });
  return new Map(entries);
}

function stateOf(value: unknown): KeyState | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("kind" in value && "until" in value && "why" in value)) return undefined;
  const { kind, until, why } = value;
  if (typeof until !== "number" || typeof why !== "string") return undefined;
  if (kind === "limited") return { kind, until, why };
  return kind === "exhausted" ? { kind, since: 0, until, why } : undefined;
}

function parse(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
