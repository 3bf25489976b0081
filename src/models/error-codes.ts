/** What servers other than Anthropic's mean by their own codes and types, where the HTTP status alone would mislead. */
import type { Said } from "./error-shapes";
import type { FailureCode, ProviderId } from "./types";

/** @returns undefined when the status and the API's own types say what it is. */
export function codeOfVendor(said: Said, provider: ProviderId): FailureCode | undefined {
  const byCode = provider === "zai" ? zaiCodes[said.code ?? ""] : undefined;
  return byCode ?? vendorTypes[said.type ?? ""];
}

/** The status that an error in a stream or in a 200 carries as its code (OpenRouter and others), if it does. */
export function statusOfCode(code: string | undefined): number | undefined {
  return code !== undefined && /^[45]\d\d$/.test(code) ? Number(code) : undefined;
}

/** docs.z.ai/api-reference/api-code: nearly all of them come with status 429 or 400, whatever they mean. */
const zaiCodes: Readonly<Record<string, FailureCode>> = {
  "1000": "bad-key",
  "1001": "bad-key",
  "1002": "bad-key",
  "1003": "bad-key",
  "1004": "bad-key",
  "1110": "bad-key",
  "1111": "bad-key",
  "1112": "bad-key",
  "1113": "no-credit",
  "1121": "bad-key",
  "1211": "unknown-model",
  "1220": "bad-key",
  "1234": "server-error",
  "1261": "context-full",
  "1302": "rate-limit",
  "1303": "rate-limit",
  "1304": "spend-limit",
  "1305": "overloaded",
  "1308": "spend-limit",
  "1309": "no-credit",
  "1310": "spend-limit",
  "1311": "unknown-model",
  "1312": "overloaded",
  "1313": "rate-limit",
};

/** Moonshot's, OpenAI's and llama.cpp's; none of them is a type of Anthropic's. */
const vendorTypes: Readonly<Record<string, FailureCode>> = {
  exceeded_current_quota_error: "no-credit",
  insufficient_quota: "no-credit",
  engine_overloaded_error: "overloaded",
  exceed_context_size_error: "context-full",
};
