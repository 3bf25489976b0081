/** The settings under their full names, checked. A wrong shape is a sentence, never an exception. */
import { baseUrlProblem, trimBaseUrl } from "./base-url";
import type { Effort, KeyConfig, ModelChoice } from "./types";

export type Settings = {
  readonly keys: readonly KeyConfig[];
  /** Ordered: the first is the default. Never empty. */
  readonly models: readonly [ModelChoice, ...ModelChoice[]];
  /** Steps of one turn before the agent asks whether to go on. */
  readonly maxSteps: number;
  readonly commandTimeoutSeconds: number;
};

export type SettingsState =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly message: string };

/** Every setting by its full name, as the manifest contributes them. */
export const settingNames = [
  "dispatch.keys",
  "dispatch.models",
  "dispatch.maxSteps",
  "dispatch.commandTimeoutSeconds",
] as const;

const defaultBaseUrl = "https://api.anthropic.com";
const defaultModel = "claude-sonnet-5-5";
const defaultKey: KeyConfig = { id: "anthropic", provider: "anthropic", baseUrl: defaultBaseUrl };
const efforts: readonly Effort[] = ["low", "medium", "high", "xhigh", "max"];

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

/** Carries the sentence from the place where it is found to `parseSettings`. Never leaves this file. */
class Wrong extends Error {}

type Fields = Readonly<Record<string, unknown>>;

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
    commandTimeoutSeconds: wholeNumber(
      "dispatch.commandTimeoutSeconds",
      raw["dispatch.commandTimeoutSeconds"],
      120,
      86_400,
    ),
  };
}

type Keys = readonly [KeyConfig, ...KeyConfig[]];

function keysOf(value: unknown): Keys {
  if (value === undefined) return [defaultKey];
  const keys = nonEmptyList("dispatch.keys", value, `{"id": "anthropic", "provider": "anthropic"}`).map((item, index) =>
    keyOf(item, `dispatch.keys[${index}]`),
  );
  keys.forEach((key, index) => {
    const first = keys.findIndex((other) => other.id === key.id);
    if (first === index) return;
    throw new Wrong(
      `dispatch.keys[${index}].id is "${key.id}", as is dispatch.keys[${first}].id; give each key an id of its own.`,
    );
  });
  const [first, ...rest] = keys;
  return first === undefined ? [defaultKey] : [first, ...rest];
}

function keyOf(value: unknown, place: string): KeyConfig {
  const fields = objectOf(value, place, ["id", "provider", "baseUrl", "env"]);
  const id = text(
    fields,
    place,
    "id",
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    `a name of letters, digits, ".", "-" and "_"`,
  );
  if (fields.provider !== "anthropic") {
    throw new Wrong(`${place}.provider ${found(fields.provider)}; write "anthropic", the one provider there is.`);
  }
  const baseUrl = baseUrlOf(fields.baseUrl, `${place}.baseUrl`);
  if (fields.env === undefined) return { id, provider: "anthropic", baseUrl };
  if (typeof fields.env !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(fields.env)) {
    // Not quoted: the likeliest mistake is the key itself in place of the variable's name.
    throw new Wrong(`${place}.env is not the name of an environment variable; write one such as "ANTHROPIC_API_KEY".`);
  }
  return { id, provider: "anthropic", baseUrl, env: fields.env };
}

function baseUrlOf(value: unknown, place: string): string {
  if (value === undefined) return defaultBaseUrl;
  if (typeof value !== "string") {
    throw new Wrong(`${place} ${found(value)}; write an address such as "${defaultBaseUrl}".`);
  }
  const problem = baseUrlProblem(value);
  if (problem !== undefined) throw new Wrong(`${place} ${problem}.`);
  return trimBaseUrl(value);
}

function modelsOf(value: unknown, keys: Keys): Settings["models"] {
  if (value === undefined) return [{ key: keys[0], model: defaultModel }];
  const example = `{"key": "${keys[0].id}", "model": "${defaultModel}"}`;
  const [first, ...rest] = nonEmptyList("dispatch.models", value, example).map((item, index) =>
    modelOf(item, `dispatch.models[${index}]`, keys),
  );
  return first === undefined ? [{ key: keys[0], model: defaultModel }] : [first, ...rest];
}

function modelOf(value: unknown, place: string, keys: Keys): ModelChoice {
  const fields = objectOf(value, place, ["key", "model", "effort"]);
  const key = keys.find((candidate) => candidate.id === fields.key);
  if (key === undefined) {
    const ids = listOf(keys.map((candidate) => `"${candidate.id}"`));
    throw new Wrong(`${place}.key ${found(fields.key)}; write an id from dispatch.keys: ${ids}.`);
  }
  const model = text(fields, place, "model", /^[\x21-\x7e]{1,200}$/, `the name of a model, such as "${defaultModel}"`);
  if (fields.effort === undefined) return { key, model };
  const effort = efforts.find((known) => known === fields.effort);
  if (effort === undefined) {
    const known = listOf(efforts.map((name) => `"${name}"`));
    throw new Wrong(`${place}.effort ${found(fields.effort)}; write ${known}, or leave it out.`);
  }
  return { key, model, effort };
}

// ---- shapes ----------------------------------------------------------------------------------------------------

function nonEmptyList(place: string, value: unknown, example: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Wrong(`${place} ${found(value)}; write a list such as [${example}].`);
  if (value.length === 0) throw new Wrong(`${place} is an empty list; write at least one entry, such as [${example}].`);
  return value;
}

function objectOf(value: unknown, place: string, known: readonly string[]): Fields {
  if (!isFields(value)) throw new Wrong(`${place} ${found(value)}; write an object with ${listOf(known, "and")}.`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined && /key$|secret|token/i.test(unknown)) {
    throw new Wrong(
      `${place} has a property "${clip(unknown)}"; leave it out: a key is set with Dispatch: Set API Key.`,
    );
  }
  if (unknown !== undefined) {
    throw new Wrong(`${place} has an unknown property "${clip(unknown)}"; it may have ${listOf(known, "and")}.`);
  }
  return value;
}

function text(fields: Fields, place: string, name: string, pattern: RegExp, what: string): string {
  const value = fields[name];
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Wrong(`${place}.${name} ${found(value)}; write ${what}.`);
}

function wholeNumber(place: string, value: unknown, whenAbsent: number, most: number): number {
  if (value === undefined) return whenAbsent;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Wrong(`${place} ${found(value)}; write a whole number from 1 to ${most}, such as ${whenAbsent}.`);
}

/** What is there instead, as the predicate of a sentence. Values are clipped: somebody may have pasted a key. */
function found(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is null";
  if (value === "") return "is empty";
  if (typeof value === "string") return `is "${clip(value)}"`;
  if (typeof value === "number" || typeof value === "boolean") return `is ${value}`;
  return Array.isArray(value) ? "is a list" : "is an object";
}

function clip(value: string): string {
  return value.length <= 40 ? value : `${value.slice(0, 12)}…`;
}

function listOf(names: readonly string[], joint: "or" | "and" = "or"): string {
  const last = names[names.length - 1] ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} ${joint} ${last}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
