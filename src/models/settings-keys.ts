/** The setting `dispatch.keys`, checked: which server each key belongs to, and in what it differs from its profile. */
import { baseUrlProblem, trimBaseUrl } from "./base-url";
import { factsOf, vscodeBaseUrl } from "./profiles";
import { found, listOf, nonEmptyList, objectOf, oneOf, text, Wrong, wholeNumber } from "./settings-shapes";
import { efforts, type KeyConfig, type ProfileOverrides, providerIds } from "./types";

export type Keys = readonly [KeyConfig, ...KeyConfig[]];

const defaultBaseUrl = "https://api.anthropic.com";
const defaultKey: KeyConfig = { id: "anthropic", provider: "anthropic", baseUrl: defaultBaseUrl };

/** @throws Wrong, with the sentence. */
export function keysOf(value: unknown): Keys {
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
  const fields = objectOf(value, place, ["id", "provider", "baseUrl", "env", "profile"]);
  const id = text(
    fields,
    place,
    "id",
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    `a name of letters, digits, ".", "-" and "_"`,
  );
  const provider = oneOf(fields.provider, `${place}.provider`, providerIds);
  if (provider === "vscode") {
    const extra = ["baseUrl", "env", "profile"].find((name) => fields[name] !== undefined);
    if (extra === undefined) return { id, provider, baseUrl: vscodeBaseUrl };
    throw new Wrong(`${place}.${extra} has no meaning for VS Code's language models; leave it out.`);
  }
  const baseUrl = baseUrlOf(fields.baseUrl, `${place}.baseUrl`, factsOf(provider).baseUrl);
  return { id, provider, baseUrl, ...envOf(fields.env, place), ...profileOf(fields.profile, `${place}.profile`) };
}

function baseUrlOf(value: unknown, place: string, usual: string | undefined): string {
  if (value === undefined && usual !== undefined) return usual;
  if (typeof value !== "string") {
    throw new Wrong(`${place} ${found(value)}; write an address such as "${usual ?? "http://127.0.0.1:8080"}".`);
  }
  const problem = baseUrlProblem(value);
  if (problem !== undefined) throw new Wrong(`${place} ${problem}.`);
  return trimBaseUrl(value);
}

function envOf(value: unknown, place: string): Pick<KeyConfig, "env"> {
  if (value === undefined) return {};
  if (typeof value !== "string" || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) {
    // Not quoted: the likeliest mistake is the key itself in place of the variable's name.
    throw new Wrong(`${place}.env is not the name of an environment variable; write one such as "ANTHROPIC_API_KEY".`);
  }
  return { env: value };
}

function profileOf(value: unknown, place: string): Pick<KeyConfig, "profile"> {
  if (value === undefined) return {};
  const fields = objectOf(value, place, [
    "auth",
    "apiVersion",
    "cacheMarks",
    "thinking",
    "effort",
    "maxTokens",
    "diagnostics",
    "images",
  ]);
  const { auth, apiVersion, cacheMarks, thinking, effort, maxTokens, diagnostics, images } = fields;
  const profile: ProfileOverrides = {
    ...(auth === undefined ? {} : { auth: oneOf(auth, `${place}.auth`, ["bearer", "x-api-key"]) }),
    ...(apiVersion === undefined
      ? {}
      : { apiVersion: oneOf(apiVersion, `${place}.apiVersion`, ["2026-10-21", "2023-06-01", "none"]) }),
    ...(cacheMarks === undefined ? {} : { cacheMarks: yesOrNo(cacheMarks, `${place}.cacheMarks`) }),
    ...(thinking === undefined ? {} : { thinking: oneOf(thinking, `${place}.thinking`, ["claude", "none"]) }),
    ...(effort === undefined ? {} : { effort: levelsOf(effort, `${place}.effort`) }),
    ...(diagnostics === undefined ? {} : { diagnostics: yesOrNo(diagnostics, `${place}.diagnostics`) }),
    ...(images === undefined ? {} : { images: yesOrNo(images, `${place}.images`) }),
    ...(maxTokens === undefined ? {} : { maxTokens: wholeNumber(`${place}.maxTokens`, maxTokens, 32_000, 1_000_000) }),
  };
  return { profile };
}

function levelsOf(value: unknown, place: string) {
  if (!Array.isArray(value)) throw new Wrong(`${place} ${found(value)}; write a list of ${listOf(quoted(efforts))}.`);
  return value.map((item: unknown, index) => oneOf(item, `${place}[${index}]`, efforts));
}

function yesOrNo(value: unknown, place: string): boolean {
  if (typeof value === "boolean") return value;
  throw new Wrong(`${place} ${found(value)}; write true or false.`);
}

function quoted(names: readonly string[]): readonly string[] {
  return names.map((name) => `"${name}"`);
}
