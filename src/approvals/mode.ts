/** What the mode of a tab does to a call that no rule has decided. */
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import type { Mode } from "./policy";

/** Whether the mode allows it by itself. Guarded files have been asked before. */
export function allowedByMode(mode: Mode, effect: Effect): boolean {
  switch (mode) {
    case "ask":
    case "plan":
    case "sandbox":
      return false;
    case "edits":
      return effect.kind === "write" && effect.inside && effect.guarded === undefined;
    case "unrestricted":
      return true;
    default:
      return assertNever(mode);
  }
}

/** Whether the mode forbids it, whatever is allowed. @param reads it is known to change nothing. */
export function deniedByMode(mode: Mode, effect: Effect, reads: boolean): boolean {
  return mode === "plan" && !reads && (effect.kind === "write" || effect.kind === "run");
}

export const modeNames: Readonly<Record<Mode, string>> = {
  ask: "Ask",
  edits: "Edits allowed",
  plan: "Plan",
  sandbox: "Sandboxed auto",
  unrestricted: "Unrestricted",
};
