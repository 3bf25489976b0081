/** Checks the arguments that a model streamed, and tells it in words what does not fit. */
import { type OutputUnit, Validator } from "@cfworker/json-schema";
import { findJsonError } from "./json-error";
import { count } from "./truncate";
import type { JsonSchema } from "./types";

export type Arguments = Readonly<Record<string, unknown>>;

export type CheckedArguments =
  | { readonly ok: true; readonly args: Arguments }
  | { readonly ok: false; readonly error: string };

/** Far above anything that a model can stream in one answer. */
const MAX_CHARACTERS = 4_000_000;
const MAX_DEPTH = 64;
const MAX_PROBLEMS = 5;

/**
 * Parses and checks. An empty text counts as `{}`: a model streams nothing for a call without arguments.
 * Of a key given twice the last one counts, as everywhere in JSON. Never throws.
 * @returns `error`: sentences for the model, with what is expected.
 */
export function checkArguments(schema: JsonSchema, argumentsText: string): CheckedArguments {
  const parsed = parse(argumentsText);
  if (!parsed.ok) return parsed;
  if (!isObject(parsed.value)) {
    return fail(`The arguments must be one JSON object, not ${kindOf(parsed.value)}.`, schema);
  }
  const problems = findProblems(schema, parsed.value);
  if (problems.length === 0) return { ok: true, args: parsed.value };
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`);
  if (problems.length > MAX_PROBLEMS) shown.push(`- and ${problems.length - MAX_PROBLEMS} more`);
  return fail(`The arguments do not fit the schema of the tool:\n${shown.join("\n")}`, schema);
}

function parse(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string } {
  if (text.length > MAX_CHARACTERS) {
    return {
      ok: false,
      error: `The arguments are too long: ${count(text.length)} characters, at most ${count(MAX_CHARACTERS)}. Nothing was run. Split the work into several calls.`,
    };
  }
  if (text.trim() === "") return { ok: true, value: {} };
  if (depthOf(text) > MAX_DEPTH) {
    return {
      ok: false,
      error: `The arguments are nested more than ${MAX_DEPTH} levels deep. Nothing was run. Repeat the call with plain arguments.`,
    };
  }
  try {
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return { ok: false, error: `${whereBroken(text)} Nothing was run. Repeat the call with valid JSON.` };
  }
}

/** Brackets outside of strings; an upper bound is enough, so the text need not be valid. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

function whereBroken(text: string): string {
  const at = findJsonError(text) ?? 0;
  if (at >= text.length) {
    return `The arguments are not valid JSON: they end too early, after ${JSON.stringify(text.slice(-40))}.`;
  }
  const around = JSON.stringify(text.slice(Math.max(0, at - 20), at + 20));
  return `The arguments are not valid JSON: unexpected ${JSON.stringify(text.charAt(at))} at character ${at}, near ${around}.`;
}

function findProblems(schema: JsonSchema, value: Arguments): readonly string[] {
  const { errors } = new Validator({ ...schema }, "2020-12", false).validate(value);
  const problems = errors.map((unit) => describe(schema, value, unit)).filter((problem) => problem !== undefined);
  // An error that no sentence covers must still be an error.
  if (errors.length > 0 && problems.length === 0) return [errors[0]?.error ?? "They do not fit."];
  return [...new Set(problems)];
}

/** @returns undefined for the validator's summary of a nested error, which has its own entry. */
function describe(schema: JsonSchema, value: Arguments, unit: OutputUnit): string | undefined {
  const where = pathOf(unit.instanceLocation);
  const rule = lookUp(schema, unit.keywordLocation);
  const actual = lookUp(value, unit.instanceLocation);
  switch (unit.keyword) {
    case "properties":
    case "items":
    case "additionalProperties":
    case "$ref":
      return undefined;
    case "false":
      return `${where} is not an argument of this tool.`;
    case "required":
      return missing(unit.error, where);
    case "type":
      return `${where} must be ${Array.isArray(rule) ? rule.join(" or ") : article(String(rule))}, not ${kindOf(actual)}.`;
    case "enum":
      return `${where} must be one of ${JSON.stringify(rule)}.`;
    case "minimum":
      return `${where} must be at least ${String(rule)}, not ${String(actual)}.`;
    case "maximum":
      return `${where} must be at most ${String(rule)}, not ${String(actual)}.`;
    case "minLength":
      return `${where} must not be ${rule === 1 ? "empty" : `shorter than ${String(rule)} characters`}.`;
    case "maxLength":
      return `${where} must have at most ${String(rule)} characters.`;
    case "minItems":
      return `${where} must have at least ${String(rule)} ${rule === 1 ? "entry" : "entries"}.`;
    case "maxItems":
      return `${where} must have at most ${String(rule)} entries.`;
    default:
      return `${where}: ${unit.error}`;
  }
}

function missing(error: string, where: string): string {
  const name = /"(.*)"/.exec(error)?.[1] ?? "a required argument";
  return where === "the whole" ? `"${name}" is missing.` : `"${name}" is missing in ${where}.`;
}

/** `#/edits/0/old_text` → `"edits[0].old_text"`. */
function pathOf(location: string): string {
  const parts = segmentsOf(location).map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`));
  return parts.length === 0 ? "the whole" : JSON.stringify(parts.join("").replace(/^\./, ""));
}

function lookUp(root: unknown, location: string): unknown {
  let value = root;
  for (const part of segmentsOf(location)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, part)?.value;
  }
  return value;
}

function segmentsOf(location: string): readonly string[] {
  const parts = location.split("/").slice(1);
  return parts.map((part) => decode(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function fail(what: string, schema: JsonSchema): CheckedArguments {
  return {
    ok: false,
    error: `${what}\nExpected: ${outline(schema)}. Nothing was run. Repeat the call with arguments that fit.`,
  };
}

/** A schema in one line: `{path: string, offset?: integer}`. */
function outline(schema: unknown): string {
  if (!isObject(schema)) return "a value";
  if (schema.type === "array") return `[${outline(schema.items)}, ...]`;
  if (schema.type !== "object" || !isObject(schema.properties)) return String(schema.type ?? "a value");
  const required: readonly unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const entries = Object.entries(schema.properties);
  const parts = entries.map(([name, type]) => `${name}${required.includes(name) ? "" : "?"}: ${outline(type)}`);
  return `{${parts.join(", ")}}`;
}

function isObject(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? "an array" : article(typeof value);
}

const article = (word: string): string => (/^[aeio]/.test(word) ? `an ${word}` : `a ${word}`);
