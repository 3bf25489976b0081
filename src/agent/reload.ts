/** The row that says what a change of the settings means for a turn that runs: for this tab, from its next step on. */
import type { Draft } from "../chunks/rows";
import { isSameChoice } from "../models/fallback";
import type { Settings } from "../models/settings";
import type { ModelChoice } from "../models/types";
import type { TabRecord } from "../store/types";

/** Of the settings, what a turn of this tab depends on. */
export type Terms = Pick<Settings, "maxSteps" | "commandTimeoutSeconds"> & {
  readonly choice: ModelChoice;
  /** The tab's own order of models: when that is another one, the choice is not the settings' doing. */
  readonly own: TabRecord["models"];
};

/** @returns undefined when nothing is different for this tab. */
export function reloaded(step: number, before: Terms, now: Terms): Draft | undefined {
  const changes = [
    ...(before.own !== now.own || isSameChoice(before.choice, now.choice)
      ? []
      : [`the model is ${nameOf(now.choice)}`]),
    ...(before.maxSteps === now.maxSteps ? [] : [`a turn may take ${now.maxSteps} steps`]),
    ...(before.commandTimeoutSeconds === now.commandTimeoutSeconds
      ? []
      : [`a command may run for ${now.commandTimeoutSeconds} s`]),
  ];
  if (changes.length === 0) return undefined;
  const text = `The settings have changed: ${changes.join(", ")}.`;
  return { role: "system", type: "system", step, data: { kind: "config-reload", text } };
}

function nameOf({ key, model, effort }: ModelChoice): string {
  return `${model} with the key "${key.id}"${effort === undefined ? "" : `, ${effort} effort`}`;
}
