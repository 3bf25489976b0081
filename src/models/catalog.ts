/** What is known of the models: Claude's sizes from a table, those of other servers from their own lists. */
import { noEditor } from "./errors";
import { type ListOptions, listModels } from "./list-models";
import { profileOf } from "./profiles";
import type { Failure, KeyConfig, ModelChoice, ModelInfo } from "./types";

export type ModelCatalog = {
  /** What is known now; asks nobody. */
  readonly info: (choice: Pick<ModelChoice, "key" | "model">) => ModelInfo | undefined;
  /** The server's list, asked anew, and remembered. Never rejects. */
  readonly list: (key: KeyConfig, signal?: AbortSignal) => Promise<readonly ModelInfo[] | Failure>;
  /**
   * Before a first request: asks the server for the model's size where nothing is known of it. Once per address and
   * model, some seconds at most; a server that does not answer is as good as one that does not know.
   */
  readonly learn: (choice: Pick<ModelChoice, "key" | "model">, signal: AbortSignal) => Promise<void>;
};

export type CatalogOptions = {
  /** As the sender asks for it: undefined or empty when none is set. */
  readonly secret: (key: KeyConfig) => Promise<string | undefined>;
  /** Who knows the models that no server lists: the editor has its own. Absent: they are not to be had here. */
  readonly others?: { readonly vscode?: () => Promise<readonly ModelInfo[] | Failure> };
  /** Milliseconds that a request waits for the list at most. Default: 3,000. */
  readonly learnTimeoutMs?: number;
};

export function createCatalog(options: CatalogOptions): ModelCatalog {
  /** By address, then by the model's name. */
  const known = new Map<string, ReadonlyMap<string, ModelInfo>>();
  const learning = new Map<string, Promise<unknown>>();
  const learned = new Set<string>();

  const listServer = async (key: KeyConfig, list: ListOptions): Promise<readonly ModelInfo[] | Failure> => {
    const secret = await options.secret(key).catch(() => undefined);
    return listModels(key, secret?.trim() ?? "", list);
  };

  const listOther = async (key: KeyConfig): Promise<readonly ModelInfo[] | Failure> =>
    options.others?.vscode?.() ?? noEditor({ key, model: "" });

  const fetchList = async (key: KeyConfig, list: ListOptions): Promise<readonly ModelInfo[] | Failure> => {
    const listed = await (key.provider === "vscode" ? listOther(key) : listServer(key, list));
    if (!("code" in listed)) known.set(key.baseUrl, new Map(listed.map((model) => [model.id, model])));
    return listed;
  };

  const info: ModelCatalog["info"] = ({ key, model }) => known.get(key.baseUrl)?.get(model) ?? claude(key, model);

  const ask = async (key: KeyConfig, name: string): Promise<void> => {
    const listed = await fetchList(key, { timeoutMs: options.learnTimeoutMs ?? 3_000 });
    learning.delete(name);
    // With another key it may answer.
    if (!("code" in listed) || (listed.code !== "no-key" && listed.code !== "bad-key")) learned.add(name);
  };

  return {
    info,
    list: (key, signal) => fetchList(key, signal === undefined ? {} : { signal }),
    async learn(choice, signal) {
      const { key, model } = choice;
      const name = `${key.baseUrl} ${model}`;
      const isKnown = key.provider === "anthropic" || learned.has(name) || info(choice) !== undefined;
      const hasList = key.provider === "vscode" || profileOf(key).models !== undefined;
      if (isKnown || !hasList) return;
      const asked = learning.get(name) ?? ask(key, name);
      learning.set(name, asked);
      await orAborted(asked, signal);
    },
  };
}

/** Anthropic's own models, of which no one need be asked. Source: the API's model notes as of November 2026. */
function claude(key: KeyConfig, model: string): ModelInfo | undefined {
  if (key.provider !== "anthropic" || !model.startsWith("claude-")) return undefined;
  const isOld = /^claude-(?:haiku|opus|sonnet)-4-5(?:-\d{8})?$/.test(model);
  return isOld
    ? { id: model, contextTokens: 200_000, maxOutputTokens: 64_000 }
    : { id: model, contextTokens: 1_000_000, maxOutputTokens: 128_000 };
}

async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true, signal: over.signal });
  });
  await Promise.race([work, stopped]);
  over.abort();
}
