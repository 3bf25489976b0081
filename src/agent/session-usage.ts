/** What was used and what it cost, as views and commands ask for it. */
import type { FromView, HistoryEntry, StepUsage } from "../chunks/protocol";
import { addCost, type Cost, inputOf, noCost } from "../models/cost";
import type { Spend, StoredChat, UsageSum } from "../store/types";
import { reportRequests } from "./cache-report";
import type { SessionParts } from "./inbox";
import { pricesOf } from "./tab-parts";
import type { SpentToday, Surroundings, View } from "./types";

/** What was used by one tab, on one day, with one key and one model. */
export type UsageLine = Omit<UsageSum, "size"> & {
  /** Empty for a chat that was deleted. */
  readonly title: string;
  readonly cost: Cost;
};

/** Sends each request of a turn to the view that asked. */
export async function tellTurnDetails(
  { surroundings, views }: SessionParts,
  { tab, turnId }: FromView & { readonly type: "turnDetails" },
  view: View,
): Promise<void> {
  const steps = await reportRequests(surroundings.store, tab, pricesOf(surroundings), turnId);
  views.tell(view, { type: "turnDetails", tab, turnId, steps });
}

/** All that was ever used, of deleted chats too. */
export async function readUsage(surroundings: Surroundings): Promise<readonly UsageLine[]> {
  const prices = pricesOf(surroundings);
  const titles = new Map((await surroundings.store.tabs()).map(({ id, title }) => [id, title]));
  return (await surroundings.store.usage({})).map(({ size, ...sum }) => ({
    ...sum,
    title: titles.get(sum.tabId) ?? "",
    cost: addCost(noCost, { ...sum, size }, prices),
  }));
}

/** What was used since midnight, of deleted chats too. */
export async function readToday(surroundings: Surroundings): Promise<SpentToday> {
  const sums = await surroundings.store.usage({ fromDay: localDay(surroundings.now()) });
  const tokens = sums.reduce((sum, { usage }) => sum + inputOf(usage) + usage.output, 0);
  return { ...costOfSpend(surroundings, sums), tokens };
}

/** @param at in ms since 1970. @returns `2026-11-22`, as the log counts days. */
function localDay(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Every request of a tab with what it read and should have read. */
export function readTimeline(surroundings: Surroundings, tabId: string): Promise<readonly StepUsage[]> {
  return reportRequests(surroundings.store, tabId, pricesOf(surroundings));
}

/** A conversation of the list with its cost, where all of it has a price. */
export function withCost(surroundings: Surroundings, { spend, ...entry }: StoredChat): HistoryEntry {
  const cost = costOfSpend(surroundings, spend);
  return cost.unpriced.length > 0 || spend.length === 0 ? entry : { ...entry, cost: cost.usd };
}

function costOfSpend(surroundings: Surroundings, spend: readonly Spend[]): Cost {
  const prices = pricesOf(surroundings);
  return spend.reduce((sum, one) => addCost(sum, one, prices), noCost);
}
