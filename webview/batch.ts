/** Several questions that are looked through and answered together. */
import { computed, signal } from "@preact/signals";
import type { ApprovalCard } from "../src/chunks/protocol";
import { activeTab, activeView } from "./state";

/** As it was opened: a question that comes later is not part of it. */
const opened = signal<{ readonly tab: string; readonly cards: readonly ApprovalCard[] } | undefined>(undefined);

/** What of it still waits, in call order; undefined when nothing is looked through. */
export const batch = computed<readonly ApprovalCard[] | undefined>(() => {
  const now = new Set(activeView.value?.approvals.map(({ id }) => id));
  const waiting = opened.value?.tab === activeTab.value?.id ? opened.value?.cards.filter(({ id }) => now.has(id)) : [];
  return waiting === undefined || waiting.length === 0 ? undefined : waiting;
});

/** Questions of the tab in front that have come since. */
export const cameLater = computed<number>(
  () => (activeView.value?.approvals.length ?? 0) - (batch.value?.length ?? activeView.value?.approvals.length ?? 0),
);

/** Looks through all questions that wait in the tab in front. */
export function openBatch(): void {
  const tab = activeTab.value?.id;
  opened.value = tab === undefined ? undefined : { tab, cards: activeView.value?.approvals ?? [] };
}

export function closeBatch(): void {
  opened.value = undefined;
}
