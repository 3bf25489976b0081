/** The settings under their full names, checked. A wrong shape is a sentence, never an exception. */
import type { Mode } from "../chunks/modes";
import type { PriceOverrides } from "./cost";
import type { WhenExhausted } from "./fallback";
import { factsOf } from "./profiles";
import { maxCostOf, pricesOf } from "./settings-cost";
import { type Keys, keysOf } from "./settings-keys";
import {
  type Fields,
  flag,
  found,
  listOf,
  nonEmptyList,
  objectOf,
  oneOf,
  text,
  Wrong,
  wholeNumber,
} from "./settings-shapes";
import { efforts, type KeyConfig, type ModelChoice } from "./types";

export type Settings = {
  readonly keys: readonly KeyConfig[];
  /** Ordered: the first is the default. Never empty. */
  readonly models: readonly [ModelChoice, ...ModelChoice[]];
  /** Steps of one turn before the agent asks whether to go on. */
  readonly maxSteps: number;
  /** US dollars of one turn before the agent asks whether to go on. Absent: no limit. */
  readonly maxCost?: number;
  readonly prices: PriceOverrides;
  readonly commandTimeoutSeconds: number;
  /** How long a queued message waits behind a command before that goes on in the background by itself. 0: for ever. */
  readonly backgroundAfterSeconds: number;
  /** How many rows of a conversation a view holds at most. */
  readonly rowsInView: number;
  /** What a turn does when no choice can be used for now: wait until one can, or stop and say so. */
  readonly whenExhausted: WhenExhausted;
  /** The mode that a new chat begins in. */
  readonly mode: Mode;
  /** Whether a chat may be in the mode Unrestricted. */
  readonly allowUnrestricted: boolean;
};

export type SettingsState =
  /** `problem`: a later change is broken, in one sentence; these are the settings from before it. */
  | { readonly ok: true; readonly settings: Settings; readonly problem?: string }
  | { readonly ok: false; readonly message: string };

/** Every setting by its full name, as the manifest contributes them. */
export const settingNames = [
  "dispatch.keys",
  "dispatch.models",
  "dispatch.maxSteps",
  "dispatch.maxCost",
  "dispatch.prices",
  "dispatch.commandTimeoutSeconds",
  "dispatch.backgroundAfterSeconds",
  "dispatch.rowsInView",
  "dispatch.whenExhausted",
  "dispatch.permissions",
  "dispatch.mode",
  "dispatch.allowUnrestricted",
] as const;

export const defaultRowsInView = 400;

/**
 * Most commands that are about to end do so within it, and whoever has just sent a message sees the countdown and can
 * choose; much longer, and they wonder whether the agent has heard.
 */
const defaultBackgroundAfter = 10;

/**
 * @param raw values by full name (`dispatch.keys`, …); an absent name takes its default. Names of other
 *   extensions are passed over; an unknown name of ours is an error, since it would have no effect.
 * @returns the settings, or one sentence that names the setting, what is wrong and what to write.
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): SettingsState {
  try {
    return { ok: true, settings: settingsOf(raw) };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, message: error.message };
    throw error;
  }
}

/** A change that is broken changes nothing but what is said: the last good settings stay. */
export function keepGood(before: SettingsState | undefined, now: SettingsState): SettingsState {
  if (now.ok || before === undefined || !before.ok) return now;
  return { ok: true, settings: before.settings, problem: now.message };
}

function settingsOf(raw: Fields): Settings {
  for (const name of Object.keys(raw)) {
    if (name.startsWith("dispatch.") && !settingNames.some((known) => known === name)) {
      throw new Wrong(`${name} is not a setting of Dispatch; the settings are ${listOf(settingNames, "and")}.`);
    }
  }
  const keys = keysOf(raw["dispatch.keys"]);
  return {
    keys,
    models: modelsOf(raw["dispatch.models"], keys),
    maxSteps: wholeNumber("dispatch.maxSteps", raw["dispatch.maxSteps"], 100, 10_000),
    ...maxCostOf(raw["dispatch.maxCost"]),
    prices: pricesOf(raw["dispatch.prices"]),
    commandTimeoutSeconds: wholeNumber(
      "dispatch.commandTimeoutSeconds",
      raw["dispatch.commandTimeoutSeconds"],
      120,
      86_400,
    ),
    backgroundAfterSeconds: wholeNumber(
      "dispatch.backgroundAfterSeconds",
      raw["dispatch.backgroundAfterSeconds"],
      defaultBackgroundAfter,
      3_600,
      0,
    ),
    rowsInView: wholeNumber("dispatch.rowsInView", raw["dispatch.rowsInView"], defaultRowsInView, 10_000, 100),
    whenExhausted: oneOf(raw["dispatch.whenExhausted"] ?? "wait", "dispatch.whenExhausted", ["wait", "stop"]),
    mode: oneOf(raw["dispatch.mode"] ?? "ask", "dispatch.mode", ["ask", "edits", "plan", "sandbox"]),
    allowUnrestricted: flag("dispatch.allowUnrestricted", raw["dispatch.allowUnrestricted"], false),
  };
}

function modelsOf(value: unknown, keys: Keys): Settings["models"] {
  const usual = { key: keys[0], model: factsOf(keys[0].provider).exampleModel };
  if (value === undefined) return [usual];
  const example = `{"key": "${usual.key.id}", "model": "${usual.model}"}`;
  const [first, ...rest] = nonEmptyList("dispatch.models", value, example).map((item, index) =>
    modelOf(item, `dispatch.models[${index}]`, keys),
  );
  return first === undefined ? [usual] : [first, ...rest];
}

function modelOf(value: unknown, place: string, keys: Keys): ModelChoice {
  const fields = objectOf(value, place, ["key", "model", "effort"]);
  const key = keys.find((candidate) => candidate.id === fields.key);
  if (key === undefined) {
    const ids = listOf(keys.map((candidate) => `"${candidate.id}"`));
    throw new Wrong(`${place}.key ${found(fields.key)}; write an id from dispatch.keys: ${ids}.`);
  }
  const example = factsOf(key.provider).exampleModel;
  const model = text(fields, place, "model", /^[\x21-\x7e]{1,200}$/, `the name of a model, such as "${example}"`);
  if (fields.effort === undefined) return { key, model };
  const effort = efforts.find((known) => known === fields.effort);
  if (effort === undefined) {
    const known = listOf(efforts.map((name) => `"${name}"`));
    throw new Wrong(`${place}.effort ${found(fields.effort)}; write ${known}, or leave it out.`);
  }
  return { key, model, effort };
}
