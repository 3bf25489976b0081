/** Model servers on this machine, found at their usual addresses. Asks nothing but the list of models, and no other machine. */
import { isLoopbackUrl } from "./base-url";
import { listModels } from "./list-models";
import { factsOf } from "./profiles";
import type { KeyConfig, ModelInfo, ProviderId } from "./types";

export type LocalServer = {
  readonly key: KeyConfig;
  /** In its own order, the best for a chat first. */
  readonly models: readonly [ModelInfo, ...ModelInfo[]];
};

/** In the order in which they are offered. */
const localProviders: readonly ProviderId[] = ["ollama", "llama.cpp", "lm-studio", "vllm"];

const usualPlaces: readonly KeyConfig[] = localProviders.flatMap((provider) => {
  const { baseUrl } = factsOf(provider);
  return baseUrl === undefined ? [] : [{ id: provider, provider, baseUrl }];
});

/**
 * Those that answer at once with a list of models in a known shape, without a key. Anything else that uses such a port is passed
 * over. Never rejects.
 * @param places where to look; other than on this machine nobody is asked.
 * @param timeoutMs for each of them; all are asked at the same time.
 */
export async function findLocalServers(
  places: readonly KeyConfig[] = usualPlaces,
  timeoutMs = 700,
): Promise<readonly LocalServer[]> {
  const asked = places
    .filter(({ baseUrl }) => isLoopbackUrl(baseUrl))
    .map(async (key): Promise<readonly LocalServer[]> => {
      const listed = await listModels(key, "", { timeoutMs });
      if ("code" in listed) return [];
      const [first, ...rest] = listed.filter(({ id }) => !isForOtherUses(id));
      return first === undefined ? [] : [{ key, models: [first, ...rest] }];
    });
  return (await Promise.all(asked)).flat();
}

/** Their lists name models for search and speech too, mostly without saying so. */
function isForOtherUses(id: string): boolean {
  return /embed|rerank|whisper|(?:^|[-_/])(?:bge|tts|clip)(?:[-_]|$)/i.test(id);
}
