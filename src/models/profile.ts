/** What a model accepts, and so what the head of a request says. Source: the API's model notes as of November 2026. */
import type { ModelChoice } from "./types";

/** One limit for every model: room for a long file, and within what all current models allow. */
const maxTokens = 32_000;

/**
 * @returns the members of the request body before `tools`, as exact JSON text without braces and without a comma at
 *   the end. The same choice gives the same bytes: they are part of the cached prefix.
 */
export function headFor(choice: ModelChoice): string {
  const members = [`"model":${JSON.stringify(choice.model)}`, `"max_tokens":${maxTokens}`, `"stream":true`];
  const adaptive = thinksAdaptively(choice.model);
  // New models leave the thinking text out unless asked for a summary.
  if (adaptive) members.push(`"thinking":{"type":"adaptive","display":"summarized"}`);
  if (choice.effort !== undefined && (adaptive || /^claude-opus-4-5(?:-\d{8})?$/.test(choice.model))) {
    members.push(`"output_config":{"effort":${JSON.stringify(choice.effort)}}`);
  }
  return members.join(",");
}

/**
 * Claude 4.6 and later take adaptive thinking and an effort (Opus 4.5 the effort alone). Earlier ones answer 400 to
 * it, and a model that we don't know (another vendor's, behind a gateway) gets the smallest set of fields.
 */
function thinksAdaptively(model: string): boolean {
  if (/^claude-(?:fable|mythos)-/.test(model)) return true;
  const version = /^claude-(?:opus|sonnet|haiku)-(\d{1,2})(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(model);
  if (version === null) return false;
  const major = Number(version[1]);
  const minor = Number(version[2] ?? 0);
  return major > 4 || (major === 4 && minor >= 6);
}
