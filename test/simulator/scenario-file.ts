/** Scenarios as JSON files. Everything is checked, so that a misspelt field is a sentence and not a surprise. */
import { type Fault, type FaultKind, faultKinds } from "./faults";
import type { FragmentMode, Reply, ReplyBlock, SearchResult, StopReason } from "./reply";
import type { FaultRule, Script, ScriptDefaults, SearchReply, Turn } from "./scenario";
import { type Fields, isFields, textOf } from "./types";

/** The script, or a sentence that says what is wrong and where. */
export function readScenario(source: string): { readonly script: Script } | { readonly problem: string } {
  try {
    return { script: script(JSON.parse(source)) };
  } catch (error) {
    if (error instanceof Misfit) return { problem: error.message };
    return { problem: `not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A place in the file that does not fit; never leaves this module. */
class Misfit extends Error {}

const modes: readonly FragmentMode[] = ["default", "fine", "bytes", "crlf", "batched"];
const reasons: readonly StopReason[] = [
  ...(["end_turn", "max_tokens", "stop_sequence", "tool_use"] as const),
  ...(["pause_turn", "refusal", "model_context_window_exceeded"] as const),
];

/** What may stand beside `kind` and `times`, with its type; those with ! are needed. */
const faultFields: Readonly<Partial<Record<FaultKind, Readonly<Record<string, string>>>>> = {
  "rate-limit": { retryAfter: "seconds|date|ms", seconds: "number" },
  overloaded: { shouldRetry: "boolean", seconds: "number" },
  error: { status: "number!", type: "string!", message: "string!" },
  "error-event": { after: "number", type: "string", message: "string" },
  reset: { at: "before-headers|after-headers|in-tool-json|after-events!", after: "number" },
  cut: { after: "number" },
  stall: { after: "number", pingEveryMs: "number" },
  drip: { bytesPerSecond: "number!" },
  late: { ms: "number!" },
  stop: { reason: `${reasons.join("|")}!` },
};

function script(value: unknown): Script {
  const fields = object(value, "the scenario", [
    "turns",
    "steps",
    "otherwise",
    "pace",
    "fragment",
    "faults",
    "searches",
    "comment",
  ]);
  const defaults: ScriptDefaults = {
    ...optional("pace", number(fields.pace, "pace")),
    ...optional("fragment", choice(fields.fragment, modes, "fragment")),
    ...optional("faults", fields.faults === undefined ? undefined : list(fields.faults, "faults", faultRule)),
    ...optional("searches", fields.searches === undefined ? undefined : list(fields.searches, "searches", search)),
  };
  if ((fields.turns === undefined) === (fields.steps === undefined))
    throw new Misfit('needs either "turns" or "steps"');
  if (fields.steps !== undefined) return { ...defaults, steps: list(fields.steps, "steps", reply) };
  const otherwise = fields.otherwise === undefined ? undefined : turn(fields.otherwise, "otherwise");
  return { ...defaults, turns: list(fields.turns, "turns", turn), ...optional("otherwise", otherwise) };
}

function search(value: unknown, path: string): SearchReply {
  const fields = object(value, path, ["match", "reply", "comment"]);
  return { ...optional("match", pattern(fields.match, `${path}.match`)), reply: reply(fields.reply, `${path}.reply`) };
}

function turn(value: unknown, path: string): Turn {
  const fields = object(value, path, ["match", "steps", "comment"]);
  return {
    ...optional("match", pattern(fields.match, `${path}.match`)),
    steps: list(fields.steps, `${path}.steps`, reply),
  };
}

function reply(value: unknown, path: string): Reply {
  if (typeof value === "string") return { blocks: [{ type: "text", text: value }] };
  const known = ["blocks", "stopReason", "stopSequence", "pace", "fragment", "fault", "comment"];
  const fields = object(value, path, known);
  const faulty = fields.fault === undefined ? undefined : fault(fields.fault, `${path}.fault`);
  return {
    blocks: list(fields.blocks, `${path}.blocks`, block),
    ...optional("stopReason", choice(fields.stopReason, reasons, `${path}.stopReason`)),
    ...optional("stopSequence", string(fields.stopSequence, `${path}.stopSequence`)),
    ...optional("pace", number(fields.pace, `${path}.pace`)),
    ...optional("fragment", choice(fields.fragment, modes, `${path}.fragment`)),
    ...optional("fault", faulty),
  };
}

function block(value: unknown, path: string): ReplyBlock {
  if (typeof value === "string") return { type: "text", text: value };
  const type = isFields(value) ? textOf(value.type) : "";
  switch (type) {
    case "text":
      return { type, text: needed(string(object(value, path, ["type", "text"]).text, `${path}.text`), `${path}.text`) };
    case "thinking": {
      const fields = object(value, path, ["type", "thinking"]);
      return { type, thinking: needed(string(fields.thinking, `${path}.thinking`), `${path}.thinking`) };
    }
    case "redacted_thinking": {
      const fields = object(value, path, ["type", "data"]);
      return { type, data: needed(string(fields.data, `${path}.data`), `${path}.data`) };
    }
    case "tool_use":
      return toolUse(object(value, path, ["type", "name", "id", "input", "json"]), path);
    case "web_search": {
      const fields = object(value, path, ["type", "query", "results"]);
      const { results } = fields;
      const query = needed(string(fields.query, `${path}.query`), `${path}.query`);
      return { type, query, results: typeof results === "string" ? results : list(results, `${path}.results`, found) };
    }
    default:
      throw new Misfit(
        `${path}.type: one of text, thinking, redacted_thinking, tool_use, web_search; or a string for a text`,
      );
  }
}

function found(value: unknown, path: string): SearchResult {
  const fields = object(value, path, ["title", "url", "page_age"]);
  const [title, url] = [string(fields.title, `${path}.title`), string(fields.url, `${path}.url`)];
  const age = optional("page_age", string(fields.page_age, `${path}.page_age`));
  return { title: needed(title, `${path}.title`), url: needed(url, `${path}.url`), ...age };
}

function toolUse(fields: Fields, path: string): ReplyBlock {
  const { input, json } = fields;
  if (input !== undefined && !isFields(input)) throw new Misfit(`${path}.input: must be an object`);
  return {
    type: "tool_use",
    name: needed(string(fields.name, `${path}.name`), `${path}.name`),
    ...optional("id", string(fields.id, `${path}.id`)),
    ...optional("input", input),
    ...optional("json", Array.isArray(json) ? list(json, `${path}.json`, fragment) : string(json, `${path}.json`)),
  };
}

function faultRule(value: unknown, path: string): FaultRule {
  const known = ["fault", "requests", "turn", "step", "attempts", "model", "key", "probability", "seed", "comment"];
  const fields = object(value, path, known);
  const numbers = (name: string) =>
    fields[name] === undefined
      ? undefined
      : list(fields[name], `${path}.${name}`, (n, at) => needed(number(n, at), at));
  return {
    fault: fault(fields.fault, `${path}.fault`),
    ...optional("requests", numbers("requests")),
    ...optional("attempts", numbers("attempts")),
    ...optional("turn", number(fields.turn, `${path}.turn`)),
    ...optional("step", number(fields.step, `${path}.step`)),
    ...optional("model", string(fields.model, `${path}.model`)),
    ...optional("key", string(fields.key, `${path}.key`)),
    ...optional("probability", number(fields.probability, `${path}.probability`)),
    ...optional("seed", number(fields.seed, `${path}.seed`)),
  };
}

function fault(value: unknown, path: string): Fault {
  if (!isFields(value)) throw new Misfit(`${path}: must be an object`);
  if (!isFault(value)) throw new Misfit(`${path}${faultProblem(value)}`);
  return value;
}

/** Whether all fields are known and of their type, by the table above. */
function isFault(value: Fields): value is Fields & Fault {
  return faultProblem(value) === undefined;
}

function faultProblem(value: Fields): string | undefined {
  const kind = faultKinds.find((known) => known === value.kind);
  if (kind === undefined) return `.kind: one of ${faultKinds.join(", ")}`;
  const fields: Readonly<Record<string, string>> = { kind: "string", times: "number", ...faultFields[kind] };
  const strange = Object.keys(value).find((key) => fields[key] === undefined);
  if (strange !== undefined) return `.${strange}: is not known; ${kind} takes ${Object.keys(fields).join(", ")}`;
  for (const [name, rule] of Object.entries(fields)) {
    const type = rule.replace(/!$/, "");
    const got = value[name];
    if (got === undefined && !rule.endsWith("!")) continue;
    const fits = type.includes("|") ? type.split("|").includes(textOf(got)) : typeof got === type;
    if (!fits) return `.${name}: must be ${type.includes("|") ? `one of ${type.replaceAll("|", ", ")}` : `a ${type}`}`;
  }
  return undefined;
}

function object(value: unknown, path: string, known: readonly string[]): Fields {
  if (!isFields(value)) throw new Misfit(`${path}: must be an object`);
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange !== undefined) throw new Misfit(`${path}: "${strange}" is not known; known are ${known.join(", ")}`);
  return value;
}

function list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): readonly T[] {
  if (!Array.isArray(value)) throw new Misfit(`${path}: must be a list`);
  return value.map((item: unknown, index) => read(item, `${path}.${index}`));
}

function fragment(value: unknown, path: string): string {
  return needed(string(value, path), path);
}

function string(value: unknown, path: string): string | undefined {
  if (value !== undefined && typeof value !== "string") throw new Misfit(`${path}: must be a string`);
  return value;
}

function number(value: unknown, path: string): number | undefined {
  if (value !== undefined && typeof value !== "number") throw new Misfit(`${path}: must be a number`);
  return value;
}

function choice<T extends string>(value: unknown, known: readonly T[], path: string): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Misfit(`${path}: one of ${known.join(", ")}`);
  return found;
}

function pattern(value: unknown, path: string): RegExp | undefined {
  const source = string(value, path);
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, "iu");
  } catch (error) {
    throw new Misfit(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function needed<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new Misfit(`${path}: is missing`);
  return value;
}

function optional<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  const fields: { [P in K]?: T } = {};
  if (value !== undefined) fields[key] = value;
  return fields;
}
