/** What each request of a tab has used, and why its cache was missed where it was: the log's rows and prompts tell the rest. */
import type { StepUsage } from "../chunks/protocol";
import { type CacheNote, emptyCache, type MissCause, missWords, noteCache } from "../models/cache-truth";
import { costOf, type PriceOverrides } from "../models/cost";
import type { RequestRecord, Store } from "../store/types";
import { rebuild } from "../wire/assemble";
import { splitPrompt } from "../wire/prompt";
import { sha256 } from "./hash";
import { isSide, searchesOf } from "./side";
import { usageOf } from "./summaries";
import { imagesOf } from "./tab-images";

/**
 * @param turnId only the requests of this turn; without it all of the tab.
 * @returns each request in the order in which it was recorded.
 */
export async function reportRequests(
  store: Store,
  tabId: string,
  prices: PriceOverrides,
  turnId?: string,
): Promise<readonly StepUsage[]> {
  const requests = await store.requests(tabId);
  const steps: StepUsage[] = [];
  let memory = emptyCache;
  for (const [index, request] of requests.entries()) {
    if (isSide(request)) {
      if (turnId === undefined || request.turnId === turnId) steps.push(stepUsage(request, { kind: "none" }, prices));
      continue;
    }
    const noted = noteCache(memory, request);
    memory = noted.memory;
    if (turnId !== undefined && request.turnId !== turnId) continue;
    steps.push(
      stepUsage(
        request,
        await explain(
          store,
          requests.slice(0, index).filter((one) => !isSide(one)),
          noted.note,
        ),
        prices,
      ),
    );
  }
  return steps;
}

function stepUsage(request: RequestRecord, note: CacheNote, prices: PriceOverrides): StepUsage {
  const { turnId, step, attempt, startedAt, keyId, model, provider, outcome, inputTokens } = request;
  const usage = inputTokens === undefined ? undefined : usageOf(request);
  const used = { model, ...(provider === undefined ? {} : { provider }), ...searchesOf(request) };
  const cost = usage === undefined ? undefined : costOf({ ...used, usage }, prices);
  return {
    turnId,
    step,
    attempt,
    startedAt,
    key: keyId,
    model,
    outcome,
    ...(isSide(request) ? { side: "search" as const } : {}),
    ...(usage === undefined ? {} : { usage }),
    ...(cost === undefined ? {} : { cost }),
    ...(note.kind === "none" ? {} : { expectedRead: note.expected }),
    ...(note.kind === "missed" ? { missed: missWords(note.cause) } : {}),
  };
}

/** Puts the part's name in place of what the facts of the requests could not tell. */
async function explain(store: Store, before: readonly RequestRecord[], note: CacheNote): Promise<CacheNote> {
  if (note.kind !== "missed") return note;
  const { cause } = note;
  if (cause.part === "prompt") return { ...note, cause: (await changedPart(store, cause)) ?? cause };
  if (cause.part === "unknown") return { ...note, cause: (await changedRows(store, before)) ?? cause };
  return note;
}

async function changedPart(
  store: Store,
  cause: MissCause & { readonly part: "prompt" },
): Promise<MissCause | undefined> {
  const [before, now] = await Promise.all([store.prompt(cause.before), store.prompt(cause.now)]);
  if (before === undefined || now === undefined) return undefined;
  return { part: splitPrompt(before).tools === splitPrompt(now).tools ? "system" : "tools" };
}

/**
 * The rows that are not as they were sent: between the last request that can be made again from the log, by its hash,
 * and the first that can't. Costs a body for every halving, and is asked only where nothing else explains a miss.
 */
async function changedRows(store: Store, before: readonly RequestRecord[]): Promise<MissCause | undefined> {
  const sent = before.filter(({ outcome }) => outcome === "ok");
  if (await isAsSent(store, sent.at(-1))) return undefined;
  let [same, other] = [-1, sent.length - 1];
  while (other - same > 1) {
    const middle = (same + other) >> 1;
    if (await isAsSent(store, sent[middle])) same = middle;
    else other = middle;
  }
  const [from, to] = [(sent[same]?.lastSeq ?? 0) + 1, sent[other]?.lastSeq ?? 0];
  const there = new Set((await store.rows(sent[other]?.tabId ?? "", from, to)).map(({ seq }) => seq));
  for (let seq = from; seq <= to; seq++) if (!there.has(seq)) return { part: "rows", from: seq, to: seq };
  return { part: "rows", from, to };
}

async function isAsSent(store: Store, request: RequestRecord | undefined): Promise<boolean> {
  if (request === undefined) return true;
  const rows = await store.rows(request.tabId, request.firstSeq, request.lastSeq);
  const prompt = await store.prompt(request.promptHash);
  const images = request.options?.images === true ? { imageOf: await imagesOf(store, rows) } : {};
  const facts = { ...request, ...request.options };
  const body = rows.length === 0 || prompt === undefined ? "" : rebuild({ ...facts, ...images, prompt, rows });
  // A body that this version can't make again says nothing about its rows.
  return body === undefined || sha256(body) === request.bodySha256;
}
