/**
 * Where each tab was read last. The view's own state has it for this view; the host is told as well and keeps the last
 * word of all views, for when a view has none of its own: after a restart, or where the chat is opened for the first time.
 */
import type { ReadingPlace, TabState } from "../src/chunks/protocol";
import { post, readSaved, save } from "./vscode";

/** The reader has come to rest. */
const TELL_AFTER_MS = 400;

let waiting: { readonly tab: string; readonly place: ReadingPlace | undefined; readonly timer: number } | undefined;

/** @returns nothing when the tab was read to its end. */
export function placeOf(tab: TabState): ReadingPlace | undefined {
  const own = readSaved().anchors?.[tab.id];
  return own === "end" ? undefined : (own ?? tab.place);
}

/**
 * @param place nothing: at the end.
 * @param tabs all that are open; of the others nothing is kept.
 */
export function keepPlace(tab: TabState, place: ReadingPlace | undefined, tabs: readonly TabState[]): void {
  const before = placeOf(tab);
  const open = new Set(tabs.map(({ id }) => id));
  const others = Object.entries(readSaved().anchors ?? {}).filter(([id]) => open.has(id));
  save({ anchors: { ...Object.fromEntries(others), [tab.id]: place ?? "end" } });
  if (before?.seq === place?.seq && before?.offset === place?.offset) {
    return;
  }
  if (waiting?.tab !== tab.id) {
    flushPlace();
  }
  clearTimeout(waiting?.timer);
  waiting = { tab: tab.id, place, timer: window.setTimeout(flushPlace, TELL_AFTER_MS) };
}

/** Tells the host now: the page may go away. */
export function flushPlace(): void {
  if (waiting !== undefined) {
    const { tab, place, timer } = waiting;
    clearTimeout(timer);
    waiting = undefined;
    post({ type: "place", tab, ...(place === undefined ? {} : { place }) });
  }
}
