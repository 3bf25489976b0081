/** What the mode of a tab does to a call that no rule has decided. */
import type { Effect } from "../chunks/effect";
import type { Mode } from "../chunks/modes";
import { assertNever } from "../chunks/rows";
import { boundFiles } from "./bound-files";

/** Whether the mode allows it by itself. Guarded files have been asked before. */
export function allowedByMode(mode: Mode, effect: Effect): boolean {
  switch (mode) {
    case "ask":
    case "plan":
      return false;
    case "sandbox":
      return isOrdinaryWrite(effect) || (effect.kind === "run" && effect.sandbox === "in");
    case "edits":
      return isOrdinaryWrite(effect);
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

/** The effect in this mode: a command says whether it would run in the sandbox. */
export function effectIn(mode: Mode, effect: Effect): Effect {
  if (effect.kind !== "run") return effect;
  const { sandbox: wish, ...run } = effect;
  if (mode !== "sandbox") return run;
  return { ...run, sandbox: wish === "out" || !run.inside ? "out" : "in" };
}

function isOrdinaryWrite(effect: Effect): boolean {
  return effect.kind === "write" && effect.inside && effect.guarded === undefined;
}

/**
 * Whether a command outside the sandbox runs what files say that commands in it may have changed, which nobody was asked
 * about: then only a rule that is bound to their content allows it.
 */
export function runsUnseen(effect: Effect): boolean {
  return effect.kind === "run" && effect.sandbox === "out" && boundFiles(effect.command)?.length !== 0;
}
