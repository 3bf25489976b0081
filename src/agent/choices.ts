/** Which models a tab may ask, and in which order. */
import { isSameChoice } from "../models/fallback";
import type { Settings } from "../models/settings";
import { efforts, type ModelChoice } from "../models/types";
import type { TabModel, TabRecord } from "../store/types";

export type Choices = readonly [ModelChoice, ...ModelChoice[]];

/**
 * The tab's own order, and behind it the list of the settings, each choice once. What the tab has kept by a name that the
 * settings know no more (a key that was taken out, a level of effort of another version) is passed over.
 */
export function choicesOf(
  settings: Pick<Settings, "keys" | "models">,
  { models: own = [] }: Pick<TabRecord, "models">,
): Choices {
  const kept = own.flatMap((model) => choiceOf(settings.keys, model) ?? []);
  const [first, ...rest] = kept;
  if (first === undefined) return withoutDoubles(settings.models);
  return withoutDoubles([first, ...rest, ...settings.models]);
}

/** A choice by its names, as a tab keeps it. */
export function tabModelOf({ key, model, effort }: ModelChoice): TabModel {
  return { key: key.id, model, ...(effort === undefined ? {} : { effort }) };
}

/** @returns nothing when the settings know its key or its level of effort no more. */
export function choiceOf(keys: Settings["keys"], { key: id, model, effort: level }: TabModel): ModelChoice | undefined {
  const key = keys.find((candidate) => candidate.id === id);
  const effort = efforts.find((known) => known === level);
  if (key === undefined || effort !== level) return undefined;
  return { key, model, ...(effort === undefined ? {} : { effort }) };
}

function withoutDoubles([first, ...rest]: Choices): Choices {
  const isNew = (choice: ModelChoice, at: number): boolean =>
    !isSameChoice(choice, first) && rest.findIndex((other) => isSameChoice(choice, other)) === at;
  return [first, ...rest.filter(isNew)];
}
