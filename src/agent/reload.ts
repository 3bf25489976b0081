/** The row that says what a change of the settings means for a turn that runs: for this tab, from its next step on. */
import { dollars } from "../chunks/money";
import type { Draft } from "../chunks/rows";
import { hostOf } from "../models/base-url";
import { isSameChoice } from "../models/fallback";
import type { Settings } from "../models/settings";
import type { KeyConfig, ModelChoice } from "../models/types";
import type { TabRecord } from "../store/types";

/** Of the settings, what a turn of this tab depends on. */
export type Terms = Pick<Settings, "maxSteps" | "maxCost" | "commandTimeoutSeconds"> & {
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
    ...(before.choice.key.id === now.choice.key.id ? serverChanges(before.choice.key, now.choice.key) : []),
    ...(before.maxSteps === now.maxSteps ? [] : [`a turn may take ${now.maxSteps} steps`]),
    ...(before.maxCost === now.maxCost
      ? []
      : [now.maxCost === undefined ? "a turn may cost any amount" : `a turn may cost ${dollars(now.maxCost)}`]),
    ...(before.commandTimeoutSeconds === now.commandTimeoutSeconds
      ? []
      : [`a command may run for ${now.commandTimeoutSeconds} s`]),
  ];
  if (changes.length === 0) return undefined;
  const text = `The settings have changed: ${changes.join(", ")}.`;
  return { role: "system", type: "system", step, data: { kind: "config-reload", text } };
}

/** The same key, asked elsewhere or otherwise. */
function serverChanges(before: KeyConfig, now: KeyConfig): readonly string[] {
  if (before.baseUrl !== now.baseUrl || before.provider !== now.provider)
    return [`requests with the key "${now.id}" go to ${hostOf(now.baseUrl)}`];
  if (JSON.stringify(before.profile) === JSON.stringify(now.profile)) return [];
  return [`what the server of the key "${now.id}" accepts is set otherwise`];
}

function nameOf({ key, model, effort }: ModelChoice): string {
  return `${model} with the key "${key.id}"${effort === undefined ? "" : `, ${effort} effort`}`;
}
