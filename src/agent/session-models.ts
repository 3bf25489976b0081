/** Which model a tab asks, as a person sees and chooses it. */
import type { ModelCatalog } from "../models/catalog";
import type { PriceOverrides } from "../models/cost";
import type { KeyRing } from "../models/key-ring";
import type { KeyConfig } from "../models/types";
import type { TabModel } from "../store/types";
import { type Choices, choiceOf, choicesOf } from "./choices";
import { messageOf } from "./error-text";
import type { SessionParts } from "./inbox";
import { ownRequests } from "./side";
import type { Surroundings } from "./types";

/** What a person needs to know to choose a model for a tab. */
export type TabModels = {
  readonly tab: string;
  readonly keys: readonly KeyConfig[];
  /** In the order in which the tab asks them: the first is asked at the next step. */
  readonly choices: Choices;
  readonly catalog: ModelCatalog;
  /** Which keys can be used now, and which models with them. */
  readonly states: Pick<KeyRing, "state" | "stateOfKey">;
  /** What the settings say that models cost. */
  readonly prices: PriceOverrides;
  /** The last request that was answered. Absent: there was none yet. */
  readonly last?: {
    readonly keyId: string;
    readonly model: string;
    /** In ms since 1970. */
    readonly startedAt: number;
    /** Of its whole prompt: read, written and fresh. Another model has none of it in its cache. */
    readonly tokens: number;
  };
};

/** @returns why nothing can be chosen now, in one sentence, instead. */
export async function readModels({ surroundings, tabs }: SessionParts, id: string): Promise<TabModels | string> {
  const state = surroundings.settings();
  if (!state.ok) return state.message;
  const own = tabs.byId(id)?.ownModels() ?? {};
  const requests = await ownRequests(surroundings.store, id);
  const last = requests.findLast(({ outcome, inputTokens }) => outcome === "ok" && inputTokens !== undefined);
  const { keys, prices } = state.settings;
  const models: TabModels = {
    tab: id,
    keys,
    choices: choicesOf(state.settings, own),
    catalog: surroundings.catalog,
    states: surroundings.keys,
    prices,
  };
  if (last === undefined) return models;
  const { keyId, model, startedAt, inputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = last;
  return { ...models, last: { keyId, model, startedAt, tokens: inputTokens + cacheReadTokens + cacheWriteTokens } };
}

/** The tab asks this model from its next step on, over restarts too. What can't be done is told to the views. */
export async function selectModel(
  { surroundings, tabs, setup }: SessionParts,
  id: string,
  model: TabModel,
): Promise<void> {
  const tab = tabs.byId(id);
  const why = whyNot(surroundings, model);
  if (why !== undefined) return setup.warn(`The model was not changed. ${why}`);
  try {
    await tab?.useModel(model);
  } catch (error) {
    setup.warn(`The model is used, but the choice was not saved. ${messageOf(error)}`);
  }
}

function whyNot({ settings, store }: Surroundings, model: TabModel): string | undefined {
  const state = settings();
  if (!state.ok) return state.message;
  if (choiceOf(state.settings.keys, model) === undefined)
    return `The settings have no key "${model.key}"${model.effort === undefined ? "" : `, or no effort "${model.effort}"`}.`;
  if (store.state.kind === "reader") return `This window only reads: ${store.state.owner}`;
  return store.state.kind === "newer" ? "A newer version of Dispatch wrote these chats." : undefined;
}
