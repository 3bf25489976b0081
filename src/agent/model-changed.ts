/** The row that says that from here on another model, key or effort is asked, and why. */

import type { Draft } from "../chunks/rows";
import { isSameChoice } from "../models/fallback";
import type { ModelChoice } from "../models/types";
import type { AskedModel } from "./tab-wire";
import type { Turn } from "./turn-context";

/** @returns undefined when the server sees no difference. */
export function modelChanged(step: number, before: AskedModel, after: AskedModel, why: string): Draft | undefined {
  if (before.keyId === after.keyId && before.model === after.model && before.effort === after.effort) return undefined;
  const text = `Changed from ${nameOf(before, after)} to ${nameOf(after, before)}: ${why}`;
  return { role: "system", type: "system", step, data: { kind: "model-changed", text } };
}

/** Why a turn asks a choice that no failure has brought it to. */
export function whyFirst(turn: Turn, choice: ModelChoice): string {
  const { key, model, effort } = choice;
  const isOwn = turn.tab().models?.some((own) => own.key === key.id && own.model === model && own.effort === effort);
  if (isOwn === true) return "it was chosen for this chat.";
  const [first] = turn.settings().models;
  return isSameChoice(first, choice) ? "it comes first in dispatch.models." : "it is the first that can be used.";
}

/** Key and effort are named where they differ. */
function nameOf(one: AskedModel, other: AskedModel): string {
  const key = one.keyId === other.keyId ? "" : ` with the key "${one.keyId}"`;
  const effort = one.effort === other.effort ? "" : `, ${one.effort ?? "usual"} effort`;
  return `${one.model}${key}${effort}`;
}
