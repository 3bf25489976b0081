/** The words of the list of models. Pure: nothing here needs VS Code. */
import type { Choices } from "../agent/choices";
import type { TabModels } from "../agent/session-models";
import { hostOf } from "../models/base-url";
import { cacheLifetimeMs } from "../models/cache-truth";
import { type PriceOverrides, priceOf } from "../models/cost";
import { isSameChoice } from "../models/fallback";
import { effortsOf } from "../models/head";
import type { KeyState, Place } from "../models/key-states";
import { factsOf } from "../models/profiles";
import type { Effort, Failure, KeyConfig, ModelChoice, ModelInfo } from "../models/types";

/** A key with what is known of it and of its models now. */
export type KeyModels = {
  readonly key: KeyConfig;
  readonly state: KeyState;
  readonly models: "loading" | readonly ModelInfo[] | Failure;
};

export type ModelItem =
  | { readonly is: "key"; readonly label: string }
  | {
      readonly is: "model";
      /** Without an effort: that is asked next, where there is a choice. */
      readonly choice: ModelChoice;
      readonly efforts: readonly Effort[];
      readonly label: string;
      readonly description: string;
    }
  | { readonly is: "loading"; readonly label: string; readonly alwaysShow: true }
  | {
      readonly is: "failure";
      readonly key: KeyConfig;
      readonly failure: Failure;
      readonly label: string;
      readonly detail: string;
      readonly alwaysShow: true;
    };

export type Knowledge = {
  /** What is known of a model without asking anyone. */
  readonly info: (choice: ModelChoice) => ModelInfo | undefined;
  /** Whether it can be asked now. */
  readonly stateOf: (place: Place) => KeyState;
  readonly prices: PriceOverrides;
  /** In ms since 1970. */
  readonly now: number;
};

/** One group for each key: the models that the settings name or the tab has chosen first, then the server's list in its order. */
export function modelItems(keys: readonly KeyModels[], choices: Choices, knowledge: Knowledge): readonly ModelItem[] {
  return keys.flatMap(({ key, state, models }): readonly ModelItem[] => [
    { is: "key", label: [keyWords(key), ...stateWords(state, knowledge.now)].join(" · ") },
    ...namesOf(key, models, choices).map((model) => itemOf({ key, model }, choices[0], models, knowledge)),
    ...stateItem(key, models),
  ]);
}

/**
 * What a change costs the chat, in a few words to stand behind a title; nothing where the same model would have to write
 * as much again.
 * @param now in ms since 1970.
 */
export function switchWords({ last }: TabModels, now: number): string | undefined {
  if (last === undefined || last.tokens === 0 || now - last.startedAt > cacheLifetimeMs) return undefined;
  return `another writes ${last.tokens.toLocaleString("en")} tokens to its cache again`;
}

export type EffortItem = { readonly choice: ModelChoice; readonly label: string; readonly description: string };

/** The levels of effort of one model, the server's own first. */
export function effortItems(
  choice: ModelChoice,
  levels: readonly Effort[],
  current: ModelChoice,
): readonly EffortItem[] {
  const choices: readonly ModelChoice[] = [choice, ...levels.map((effort) => ({ ...choice, effort }))];
  return choices.map((one) => ({
    choice: one,
    label: one.effort ?? "default",
    description: [
      ...(one.effort === undefined ? ["as the server sets it"] : []),
      ...(isSameChoice(one, current) ? ["current"] : []),
    ].join(" · "),
  }));
}

/** `1M`, `200k`, `8k`. */
export function tokensText(tokens: number): string {
  return tokens >= 1_000_000 ? `${Number((tokens / 1_000_000).toFixed(1))}M` : `${Math.round(tokens / 1000)}k`;
}

function keyWords({ id, provider, baseUrl }: KeyConfig): string {
  const { label, baseUrl: usual } = factsOf(provider);
  return `${id} — ${label}${baseUrl === usual ? "" : `, ${hostOf(baseUrl)}`}`;
}

/** Whether the key can be used; of one that is refused for one model, that. */
function stateWords(state: KeyState, now: number): readonly string[] {
  switch (state.kind) {
    case "active":
      return [];
    case "limited":
      return [`limited until ${timeText(state.until, now)}`];
    case "exhausted":
      return [state.until === undefined ? "used up" : `used up until ${timeText(state.until, now)}`];
    case "refused":
      return [state.model === undefined ? "can't be used" : `refused for ${state.model}`];
  }
}

/** A limit of this class of models; what concerns the key as a whole stands at its head. */
function limitWords(state: KeyState, now: number): readonly string[] {
  return state.kind === "limited" ? stateWords(state, now) : [];
}

/** `14:05:30`, on another day with the day. */
function timeText(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date(now).toDateString()
    ? time
    : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}

function namesOf(key: KeyConfig, models: KeyModels["models"], choices: Choices): readonly string[] {
  const chosen = choices.filter((choice) => choice.key.id === key.id).map(({ model }) => model);
  const listed = isList(models) ? models.map(({ id }) => id).filter((id) => sendable.test(id)) : [];
  return [...new Set([...chosen, ...listed])];
}

/** What the settings take as the name of a model. */
const sendable = /^[\x21-\x7e]{1,200}$/;

function itemOf(
  choice: ModelChoice,
  current: ModelChoice,
  models: KeyModels["models"],
  { info, stateOf, prices, now }: Knowledge,
): ModelItem {
  const { key, model } = choice;
  const listed = isList(models) ? models.find(({ id }) => id === model) : undefined;
  const { label = model, contextTokens, retiresAt, efforts } = { ...info(choice), ...listed };
  const isCurrent = current.key.id === key.id && current.model === model;
  const price = priceOf(key.provider, model, 0, prices);
  const words = [
    ...(isCurrent ? [current.effort === undefined ? "current" : `current, effort ${current.effort}`] : []),
    ...limitWords(stateOf(choice), now),
    ...(label === model ? [] : [model]),
    ...(contextTokens === undefined ? [] : [`${tokensText(contextTokens)} context`]),
    ...(price === undefined ? [] : [`${dollars(price.input)} in, ${dollars(price.output)} out per M tokens`]),
    ...(retiresAt === undefined || retiresAt > now + soonMs ? [] : [retirement(retiresAt, now)]),
  ];
  return {
    is: "model",
    choice,
    efforts: effortsOf(choice).filter((level) => efforts === undefined || efforts.includes(level)),
    label: `${isCurrent ? "$(check) " : ""}${label.replaceAll("$(", "\\$(")}`,
    description: words.join(" · "),
  };
}

function stateItem(key: KeyConfig, models: KeyModels["models"]): readonly ModelItem[] {
  if (models === "loading") return [{ is: "loading", label: "$(loading~spin) Asking the server…", alwaysShow: true }];
  if (isList(models)) return [];
  return [
    {
      is: "failure",
      key,
      failure: models,
      label: `$(warning) ${models.message}`,
      detail: models.advice ?? "Choose this to ask again.",
      alwaysShow: true,
    },
  ];
}

/** A retirement is told for the last three months. */
const soonMs = 90 * 24 * 3_600_000;

function retirement(at: number, now: number): string {
  return `${at < now ? "retired" : "retires"} on ${new Date(at).toISOString().slice(0, 10)}`;
}

function dollars(usd: number): string {
  return `$${Number.isInteger(usd) ? usd : usd.toFixed(2)}`;
}

function isList(models: KeyModels["models"]): models is readonly ModelInfo[] {
  return Array.isArray(models);
}
