/** The head of a request: what the profile of the server and the name of the model say may stand in it. */
import { profileOf } from "./profiles";
import { type Effort, efforts, type ModelChoice, type ModelInfo, type Profile } from "./types";

/** Tokens of one answer: room for a long file, and within what every current Claude model allows. */
const usualMaxTokens = 32_000;

/** What is known of a model's size; absent is what nobody has said. */
export type ModelLimits = Pick<ModelInfo, "contextTokens" | "maxOutputTokens">;

/**
 * @returns the members of the request body before `tools`, as exact JSON text without braces and without a comma at
 *   the end. The same choice and limits give the same bytes: they are part of the cached prefix.
 */
export function headFor(choice: ModelChoice, limits: ModelLimits = {}): string {
  const profile = profileOf(choice.key);
  const members = [
    `"model":${JSON.stringify(choice.model)}`,
    `"max_tokens":${maxTokensFor(profile, limits)}`,
    `"stream":true`,
  ];
  // New models leave the thinking text out unless asked for a summary.
  if (profile.thinking === "claude" && thinksAdaptively(choice.model)) {
    members.push(`"thinking":{"type":"adaptive","display":"summarized"}`);
  }
  if (choice.effort !== undefined && effortsFor(profile, choice.model).includes(choice.effort)) {
    members.push(`"output_config":{"effort":${JSON.stringify(choice.effort)}}`);
  }
  return members.join(",");
}

/** The levels of effort that may be asked of a model; empty where none is known. */
export function effortsOf(choice: Pick<ModelChoice, "key" | "model">): readonly Effort[] {
  return effortsFor(profileOf(choice.key), choice.model);
}

/**
 * Some servers refuse a request whose prompt and `max_tokens` together pass the context window (vLLM, and Anthropic's
 * API before Claude 4.5), so that an answer may take a quarter of a small window at most.
 */
function maxTokensFor(profile: Profile, limits: ModelLimits): number {
  if (profile.maxTokens !== undefined) return profile.maxTokens;
  const quarter = limits.contextTokens === undefined ? usualMaxTokens : Math.floor(limits.contextTokens / 4);
  return Math.max(1, Math.min(usualMaxTokens, quarter, limits.maxOutputTokens ?? usualMaxTokens));
}

function effortsFor(profile: Profile, model: string): readonly Effort[] {
  if (profile.effort !== "claude") return profile.effort;
  const takesEffort = thinksAdaptively(model) || /^claude-opus-4-5(?:-\d{8})?$/.test(plainName(model));
  return takesEffort ? efforts : [];
}

/**
 * Claude 4.6 and later take adaptive thinking and an effort (Opus 4.5 the effort alone). Earlier ones answer 400 to
 * it, and a model that we don't know (another vendor's, behind a gateway) gets the smallest set of fields.
 * Source: the API's model notes as of November 2026.
 */
function thinksAdaptively(model: string): boolean {
  const name = plainName(model);
  if (/^claude-(?:fable|mythos)-/.test(name)) return true;
  const version = /^claude-(?:opus|sonnet|haiku)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(name);
  if (version === null) return false;
  const major = Number(version[1]);
  const minor = Number(version[2] ?? 0);
  return major > 4 || (major === 4 && minor >= 6);
}

/** Gateways write `anthropic/claude-sonnet-5.5` for what Anthropic calls `claude-sonnet-5-5`. */
function plainName(model: string): string {
  return model.replace(/^anthropic\//, "").replaceAll(".", "-");
}
