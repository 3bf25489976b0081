/**
 * The composer's text per tab. The host has the last word on it; what it may not have heard yet is kept in the view's
 * own state as well. Nothing stays there for longer: the editor may bring back a state that is minutes old.
 */
import { signal } from "@preact/signals";
import type { TabState } from "../src/chunks/protocol";
import { post, readSaved, type SavedDraft, save } from "./vscode";

/** Long enough not to write for every key, short enough to lose little. */
const SEND_AFTER_MS = 300;
/** A page that still stands so long after it told the host was not closed in the middle of that. */
const HEARD_AFTER_MS = 1000;

const drafts = signal<Readonly<Record<string, string>>>({});
/** The host's last word on each draft, to notice when another view has changed it. */
const hosts = new Map<string, string>();
/** What the host was told last of each draft. */
const told = new Map<string, string>();
/** Of an earlier page of this view, until the host's word on the same draft comes. */
let restored: Readonly<Record<string, SavedDraft>> = {};
let waiting: { readonly tab: string; readonly timer: number } | undefined;
let forgetting = 0;

export function draftOf(tab: TabState): string {
  return drafts.value[tab.id] ?? tab.draft;
}

/** Takes over what an earlier page of this view could perhaps not tell the host. */
export function restoreDrafts(): void {
  const all = Object.entries(readSaved().drafts ?? {});
  restored = Object.fromEntries(all.filter(([, draft]) => Array.isArray(draft.known))); // earlier versions kept the text alone
}

/** What the person has typed. */
export function setDraft(tab: string, text: string): void {
  show(tab, text);
  if (waiting !== undefined && waiting.tab !== tab) {
    flushDraft();
  }
  clearTimeout(waiting?.timer);
  clearTimeout(forgetting);
  const known = [hosts.get(tab), told.get(tab)].filter((one) => one !== undefined);
  save({ drafts: { [tab]: { text, known } } });
  waiting = { tab, timer: window.setTimeout(flushDraft, SEND_AFTER_MS) };
}

/** Tells the host now: the page may go away. */
export function flushDraft(): void {
  if (waiting !== undefined) {
    const { tab, timer } = waiting;
    clearTimeout(timer);
    waiting = undefined;
    tell(tab, drafts.value[tab] ?? "");
  }
}

/** The text is on its way as a message. The host empties its own copy then. */
export function clearDraft(tab: string): void {
  if (waiting?.tab === tab) {
    clearTimeout(waiting.timer);
    waiting = undefined;
  }
  show(tab, "");
  clearTimeout(forgetting);
  save({ drafts: {} });
}

/** Another view may have changed a draft, or the host gave a message back; it is taken over unless somebody is typing here. */
export function followHost(tabs: readonly TabState[], typing: boolean): void {
  for (const tab of tabs) {
    const before = hosts.get(tab.id);
    hosts.set(tab.id, tab.draft);
    const isNews = before !== undefined && before !== tab.draft && waiting?.tab !== tab.id;
    const own = drafts.value[tab.id];
    const saved = before === undefined ? restored[tab.id] : undefined;
    if (saved !== undefined && saved.text !== tab.draft && saved.known.includes(tab.draft)) {
      show(tab.id, saved.text);
      tell(tab.id, saved.text);
    } else if (saved !== undefined) {
      save({ drafts: {} });
    }
    if (isNews && own !== undefined && (own === "" || !typing)) {
      show(tab.id, tab.draft);
    }
  }
}

function tell(tab: string, text: string): void {
  post({ type: "draft", tab, text });
  told.set(tab, text);
  clearTimeout(forgetting);
  forgetting = window.setTimeout(() => save({ drafts: {} }), HEARD_AFTER_MS);
}

function show(tab: string, text: string): void {
  drafts.value = { ...drafts.value, [tab]: text };
}
