/** What the mode of a tab does to a call that no rule has decided. */
import type { Effect } from "../chunks/effect";
import type { Mode } from "../chunks/modes";
import { assertNever } from "../chunks/rows";

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
