/** Other servers that speak the same API, each with its own idea of it. */
import type { Model } from "./models";
import { type Fields, isFields, listOf, type Problem } from "./types";

export type SkinName = "anthropic" | "ollama" | "vllm" | "strict-proxy" | "old-api";

export type Skin = {
  readonly name: SkinName;
  readonly auth: "either" | "x-api-key" | "any";
  readonly versions: "any" | readonly string[];
  /** Checks next to nothing, knows neither caching nor signatures, takes any model name. */
  readonly local: boolean;
  readonly countTokens: boolean;
  /** Refuses what the server does not know. */
  readonly check: (body: Fields) => Generator<Problem>;
  /** Counts max_tokens into the context, as the API did before. */
  readonly strictContext: boolean;
  /** The shape of its errors: the API's, `{error: "text"}`, or OpenAI's. */
  readonly errors: "api" | "text" | "openai";
  /** What it knows of its one model beside the name, where it is not Anthropic's list. */
  readonly listed?: Fields;
};

const localContext = 32_768;

const versions = ["2023-06-01", "2026-10-21"];

export const skins: Readonly<Record<SkinName, Skin>> = {
  anthropic: {
    name: "anthropic",
    auth: "either",
    versions,
    local: false,
    countTokens: true,
    check: nothing,
    strictContext: false,
    errors: "api",
  },
  ollama: {
    name: "ollama",
    auth: "any",
    versions: "any",
    local: true,
    countTokens: false,
    check: checkLocal,
    strictContext: false,
    errors: "text",
    listed: { id: "qwen3:8b", owned_by: "library" },
  },
  vllm: {
    name: "vllm",
    auth: "any",
    versions: "any",
    local: true,
    countTokens: true,
    check: checkLocal,
    strictContext: true,
    errors: "openai",
    listed: { id: "qwen3-coder", owned_by: "vllm", max_model_len: localContext },
  },
  "strict-proxy": {
    name: "strict-proxy",
    auth: "either",
    versions,
    local: false,
    countTokens: true,
    check: checkProxy,
    strictContext: false,
    errors: "api",
  },
  "old-api": {
    name: "old-api",
    auth: "x-api-key",
    versions: ["2023-06-01"],
    local: false,
    countTokens: true,
    check: nothing,
    strictContext: true,
    errors: "api",
  },
};

export function isSkinName(name: string): name is SkinName {
  return Object.hasOwn(skins, name);
}

/** What a local server makes of any model name. */
export function localModel(id: string): Model {
  return {
    id,
    name: id,
    family: id,
    contextTokens: localContext,
    maxOutputTokens: localContext,
    minCacheTokens: Number.POSITIVE_INFINITY,
    thinking: ["adaptive", "enabled", "disabled"],
    alwaysThinks: false,
    effort: false,
    defaultEffort: "",
    forcedToolChoice: true,
    prefill: true,
    systemRole: true,
    boundThinking: false,
    accountBound: false,
    keepsThinking: true,
  };
}

function* nothing(): Generator<Problem> {}

function* checkLocal(body: Fields): Generator<Problem> {
  if (typeof body.model !== "string" || body.model === "") yield "model is required";
  if (listOf(body.messages).length === 0) yield "messages is required";
  if (typeof body.max_tokens !== "number" || body.max_tokens <= 0) yield "max_tokens is required and must be positive";
  for (const message of listOf(body.messages)) {
    if (!isFields(message) || message.content === undefined) yield "invalid message";
  }
}

function* checkProxy(body: Fields): Generator<Problem> {
  for (const key of ["cache_control", "diagnostics"]) {
    if (body[key] !== undefined) yield `${key}: Extra inputs are not permitted`;
  }
  for (const [index, tool] of listOf(body.tools).entries()) {
    if (isFields(tool) && tool.eager_input_streaming !== undefined) {
      yield `tools.${index}.custom.eager_input_streaming: Extra inputs are not permitted`;
    }
  }
  for (const [index, message] of listOf(body.messages).entries()) {
    if (isFields(message) && message.role === "system") {
      yield `messages.${index}.role: Extra inputs are not permitted`;
    }
  }
}
