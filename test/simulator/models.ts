/** The models the simulator serves, with what each accepts (reference: the model table of the Messages API notes). */

export type Model = {
  readonly id: string;
  readonly name: string;
  /** Signatures of one family are read by its members only; blocks of another family are dropped silently. */
  readonly family: string;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly minCacheTokens: number;
  readonly thinking: readonly ThinkingType[];
  /** Thinks although the request does not ask for it. */
  readonly alwaysThinks: boolean;
  readonly effort: boolean;
  readonly defaultEffort: string;
  readonly forcedToolChoice: boolean;
  readonly prefill: boolean;
  readonly systemRole: boolean;
  /** Thinking signatures are bound to system, tools and every earlier message. */
  readonly boundThinking: boolean;
  /** ... and to the account. */
  readonly accountBound: boolean;
  /** Earlier turns' thinking stays in the prompt; where it does not, a plain user message strips it. */
  readonly keepsThinking: boolean;
};

export type ThinkingType = "adaptive" | "enabled" | "disabled" | "between_tools";

const newest = {
  contextTokens: 1_000_000,
  maxOutputTokens: 128_000,
  minCacheTokens: 512,
  thinking: ["adaptive"],
  alwaysThinks: true,
  effort: true,
  defaultEffort: "high",
  forcedToolChoice: false,
  prefill: false,
  systemRole: true,
  boundThinking: true,
  accountBound: false,
  keepsThinking: true,
} as const satisfies Partial<Model>;

const middle = {
  ...newest,
  thinking: ["adaptive", "disabled"],
  alwaysThinks: false,
  forcedToolChoice: true,
  boundThinking: false,
} as const satisfies Partial<Model>;

const oldest = {
  ...middle,
  contextTokens: 200_000,
  maxOutputTokens: 64_000,
  thinking: ["enabled", "disabled"],
  effort: false,
  prefill: true,
  systemRole: false,
  keepsThinking: false,
} as const satisfies Partial<Model>;

export const models: readonly Model[] = [
  { ...newest, id: "claude-fable-5-2", name: "Claude Fable 5.2", family: "fable", accountBound: true },
  { ...newest, id: "claude-mythos-5-2", name: "Claude Mythos 5.2", family: "mythos" },
  { ...newest, id: "claude-opus-5-5", name: "Claude Opus 5.5", family: "opus", defaultEffort: "medium" },
  {
    ...newest,
    id: "claude-sonnet-5-5",
    name: "Claude Sonnet 5.5",
    family: "sonnet",
    thinking: ["adaptive", "between_tools"],
    accountBound: true,
  },
  {
    ...newest,
    id: "claude-haiku-5-5",
    name: "Claude Haiku 5.5",
    family: "haiku",
    thinking: ["adaptive", "disabled"],
    alwaysThinks: false,
    forcedToolChoice: true,
    defaultEffort: "medium",
    accountBound: true,
  },
  { ...newest, id: "claude-fable-5-1", name: "Claude Fable 5.1", family: "fable" },
  { ...newest, id: "claude-mythos-5-1", name: "Claude Mythos 5.1", family: "mythos" },
  { ...middle, id: "claude-fable-5", name: "Claude Fable 5", family: "fable" },
  { ...middle, id: "claude-mythos-5", name: "Claude Mythos 5", family: "mythos" },
  { ...middle, id: "claude-opus-5", name: "Claude Opus 5", family: "opus" },
  {
    ...middle,
    id: "claude-sonnet-5",
    name: "Claude Sonnet 5",
    family: "sonnet",
    minCacheTokens: 1024,
    systemRole: false,
  },
  { ...middle, id: "claude-opus-4-8", name: "Claude Opus 4.8", family: "opus", minCacheTokens: 1024 },
  { ...middle, id: "claude-opus-4-7", name: "Claude Opus 4.7", family: "opus", minCacheTokens: 2048 },
  { ...middle, id: "claude-mythos-preview", name: "Claude Mythos Preview", family: "mythos", minCacheTokens: 1024 },
  {
    ...middle,
    id: "claude-opus-4-6",
    name: "Claude Opus 4.6",
    family: "opus",
    minCacheTokens: 4096,
    thinking: ["adaptive", "enabled", "disabled"],
  },
  {
    ...middle,
    id: "claude-sonnet-4-6",
    name: "Claude Sonnet 4.6",
    family: "sonnet",
    minCacheTokens: 1024,
    thinking: ["adaptive", "enabled", "disabled"],
  },
  { ...oldest, id: "claude-haiku-4-5", name: "Claude Haiku 4.5", family: "haiku", minCacheTokens: 4096 },
  {
    ...oldest,
    id: "claude-opus-4-5",
    name: "Claude Opus 4.5",
    family: "opus",
    minCacheTokens: 4096,
    effort: true,
    keepsThinking: true,
  },
  { ...oldest, id: "claude-sonnet-4-5", name: "Claude Sonnet 4.5", family: "sonnet", minCacheTokens: 1024 },
];

const aliases: Readonly<Record<string, string>> = {
  "claude-haiku-4-5-20251001": "claude-haiku-4-5",
  "claude-opus-4-5-20251101": "claude-opus-4-5",
  "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
};

/** The model with this id or dated id, if the simulator serves it. */
export function findModel(id: string): Model | undefined {
  const wanted = aliases[id] ?? id;
  return models.find((model) => model.id === wanted);
}

/** What `GET /v1/models/{id}` answers. */
export function modelInfo(model: Model) {
  return {
    type: "model",
    id: model.id,
    display_name: model.name,
    created_at: "2026-08-01T00:00:00Z",
    max_input_tokens: model.contextTokens,
    max_tokens: model.maxOutputTokens,
    capabilities: {
      thinking: {
        supported: true,
        types: Object.fromEntries(
          ["adaptive", "enabled"].map((type) => [type, { supported: model.thinking.some((known) => known === type) }]),
        ),
      },
      effort: {
        supported: model.effort,
        ...Object.fromEntries(["low", "medium", "high", "max"].map((level) => [level, { supported: model.effort }])),
      },
      image_input: { supported: true },
    },
  };
}
