/** The composer's text per tab. Kept in the view's own state at once, sent to the host a moment later. */
import { signal } from "@preact/signals";
import type { TabState } from "../src/chunks/protocol";
import { post, readSaved, save } from "./vscode";

/** Long enough not to write for every key, short enough to lose little. */
const SEND_AFTER_MS = 300;

const drafts = signal<Readonly<Record<string, string>>>({});
/** The host's last word on each draft, to notice when another view has changed it. */
const hosts = new Map<string, string>();
let waiting: { readonly tab: string; readonly timer: number } | undefined;

export function draftOf(tab: TabState): string {
  return drafts.value[tab.id] ?? tab.draft;
}

/** Takes over what an earlier page of this view kept. */
export function restoreDrafts(): void {
  drafts.value = readSaved().drafts ?? {};
}

/** What the person has typed. */
export function setDraft(tab: string, text: string): void {
  keep(tab, text);
  if (waiting !== undefined && waiting.tab !== tab) {
    flushDraft();
  }
  clearTimeout(waiting?.timer);
  waiting = { tab, timer: window.setTimeout(flushDraft, SEND_AFTER_MS) };
}

/** Tells the host now: the page may go away. */
export function flushDraft(): void {
  if (waiting !== undefined) {
    const { tab, timer } = waiting;
    clearTimeout(timer);
    waiting = undefined;
    post({ type: "draft", tab, text: drafts.value[tab] ?? "" });
  }
}

/** The text is on its way as a message. The host empties its own copy then. */
export function clearDraft(tab: string): void {
  if (waiting?.tab === tab) {
    clearTimeout(waiting.timer);
    waiting = undefined;
  }
  keep(tab, "");
}

/** Another view may have changed a draft, or the host gave a message back; it is taken over unless somebody is typing here. */
export function followHost(tabs: readonly TabState[], typing: boolean): void {
  for (const tab of tabs) {
    const before = hosts.get(tab.id);
    hosts.set(tab.id, tab.draft);
    const isNews = before !== undefined && before !== tab.draft && waiting?.tab !== tab.id;
    const own = drafts.value[tab.id];
    if (isNews && own !== undefined && (own === "" || !typing)) {
      keep(tab.id, tab.draft);
    }
  }
}

function keep(tab: string, text: string): void {
  drafts.value = { ...drafts.value, [tab]: text };
  save({ drafts: drafts.value });
}
