/**
 * What each kind of server accepts, as one table of facts. Sources are the servers' own pages on their Messages API, as of
 * November 2026, named beside each entry. What no page says is not sent: `minimal` is what every one of them takes.
 */
import { isLoopbackUrl } from "./base-url";
import { efforts, type KeyConfig, type Profile, type ProviderId } from "./types";

/** The profile of a key's server, with what the settings say otherwise. The same key gives an equal profile. */
export function profileOf(key: KeyConfig): Profile {
  const facts = profiles[key.provider];
  // A proxy of one's own on this machine often has no key. Anthropic's API, or a stand-in for it, always has one.
  const isOwn = facts.secret === "needed" && key.provider !== "anthropic" && isLoopbackUrl(key.baseUrl);
  // What stands in for Anthropic's API under another address may refuse a field that only its own answers.
  const diagnostics = facts.diagnostics && key.baseUrl === facts.baseUrl;
  return { ...facts, diagnostics, ...(isOwn ? { secret: "optional", patienceMs: ownPatienceMs } : {}), ...key.profile };
}

/** Whether no request can be sent with this key before a secret is set. */
export function needsSecret(key: KeyConfig): boolean {
  return profileOf(key).secret === "needed";
}

/** Of a provider, without a key: for the settings, and for lists of what there is. */
export function factsOf(provider: ProviderId): Profile {
  return profiles[provider];
}

/** VS Code's own language models have no address; this one stands for them in names and nothing is sent to it. */
export const vscodeBaseUrl = "vscode://language-models";

const minimal = {
  secret: "needed",
  auth: "bearer",
  // Every page that names a version names this one.
  apiVersion: "2023-06-01",
  cacheMarks: false,
  thinking: "none",
  effort: [],
  webSearch: false,
  countTokens: false,
  diagnostics: false,
  images: false,
  accountHeaders: false,
  sdkHeaders: false,
  patienceMs: 120_000,
} as const satisfies Partial<Profile>;

/** Many answer the path of Anthropic's list of models, in its shape or in OpenAI's. */
const listed = { ...minimal, models: "v1/models" } as const;

/** One's own machine may take minutes to load a model and to read a long prompt, and says nothing meanwhile. */
const ownPatienceMs = 600_000;

/** A server on one's own machine: no key unless it was started with one. */
const local = { ...listed, secret: "optional", patienceMs: ownPatienceMs } as const;

const profiles: Readonly<Record<ProviderId, Profile>> = {
  // platform.claude.com/docs, and the SDK's own requests: Bearer and this version since SDK 1.0.
  anthropic: {
    label: "Anthropic",
    baseUrl: "https://api.anthropic.com",
    secret: "needed",
    auth: "bearer",
    apiVersion: "2026-10-21",
    cacheMarks: true,
    thinking: "claude",
    effort: "claude",
    // platform.claude.com/docs, web search tool: every current model, on every account whose owner has not turned it off.
    webSearch: true,
    countTokens: true,
    models: "v1/models",
    diagnostics: true,
    images: true,
    accountHeaders: true,
    sdkHeaders: true,
    patienceMs: 120_000,
    exampleModel: "claude-sonnet-5-5",
  },
  // docs.ollama.com/api/anthropic-compatibility: local keys are ignored, its cloud takes Bearer only, cache_control is
  // ignored, there is no count_tokens, versions before 2023-06-01 are refused.
  ollama: { ...local, label: "Ollama", baseUrl: "http://localhost:11434", exampleModel: "qwen3-coder" },
  // tools/server/README.md of llama.cpp: one model, whatever name is asked for; --api-key is optional; count_tokens.
  "llama.cpp": {
    ...local,
    label: "llama.cpp",
    baseUrl: "http://localhost:8080",
    countTokens: true,
    exampleModel: "default",
  },
  // lmstudio.ai/docs/developer/anthropic-compat: x-api-key or Bearer, only when authentication is required.
  "lm-studio": {
    ...local,
    label: "LM Studio",
    baseUrl: "http://localhost:1234",
    exampleModel: "openai/gpt-oss-20b",
  },
  // docs.vllm.ai, Anthropic Messages API; its list of models gives max_model_len.
  vllm: {
    ...local,
    label: "vLLM",
    baseUrl: "http://localhost:8000",
    exampleModel: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
  },
  // docs.litellm.ai/docs/anthropic_unified: passed on to the provider behind it, cache_control included; count_tokens.
  litellm: {
    ...listed,
    label: "LiteLLM proxy",
    baseUrl: "http://localhost:4000",
    cacheMarks: true,
    countTokens: true,
    exampleModel: "claude-sonnet-5-5",
  },
  // openrouter.ai/docs: Bearer; cache_control on blocks goes through to Anthropic's models.
  openrouter: {
    ...listed,
    label: "OpenRouter",
    baseUrl: "https://openrouter.ai/api",
    cacheMarks: true,
    exampleModel: "anthropic/claude-sonnet-5.5",
  },
  // vercel.com/docs/ai-gateway: x-api-key or Bearer; requests go through without modification, marks included.
  vercel: {
    ...listed,
    label: "Vercel AI Gateway",
    baseUrl: "https://ai-gateway.vercel.sh",
    cacheMarks: true,
    exampleModel: "anthropic/claude-sonnet-5.5",
  },
  // api-docs.deepseek.com/guides/anthropic_api: cache_control and the version are ignored, output_config takes the
  // effort only. Its list of models stands beside the path of this API.
  deepseek: {
    ...minimal,
    label: "DeepSeek",
    baseUrl: "https://api.deepseek.com/anthropic",
    effort: efforts,
    models: "/models",
    exampleModel: "deepseek-v4-pro",
  },
  // platform.moonshot.ai/docs: kimi-k3 takes these three levels. Its list of models stands beside the path of this API.
  moonshot: {
    ...minimal,
    label: "Moonshot",
    baseUrl: "https://api.moonshot.ai/anthropic",
    effort: ["low", "high", "max"],
    models: "/v1/models",
    exampleModel: "kimi-k3",
  },
  // docs.z.ai, Claude Code guide: Bearer; no list of models is documented for this API.
  zai: {
    ...minimal,
    label: "Z.ai",
    baseUrl: "https://api.z.ai/api/anthropic",
    exampleModel: "glm-5.2",
  },
  // platform.minimax.io/docs: x-api-key; cache_control with four marks and a lookback of 20 blocks, as Anthropic's.
  minimax: {
    ...listed,
    auth: "x-api-key",
    label: "MiniMax",
    baseUrl: "https://api.minimax.io/anthropic",
    cacheMarks: true,
    exampleModel: "MiniMax-M3",
  },
  custom: { ...listed, label: "Another server", exampleModel: "default" },
  // Requests to it are made by the editor: nothing of this goes over a wire.
  vscode: {
    ...minimal,
    label: "VS Code's language models",
    baseUrl: vscodeBaseUrl,
    secret: "none",
    apiVersion: "none",
    exampleModel: "copilot/gpt-5",
  },
};
