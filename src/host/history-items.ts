/** The words of the history list. Pure: nothing here needs VS Code. */
import type { Conversation } from "../agent/types";
import { assertNever } from "../chunks/rows";

export type HistoryItem =
  | {
      readonly is: "chat";
      readonly entry: Conversation;
      readonly label: string;
      readonly description: string;
      readonly detail?: string;
    }
  /** Stays whatever is typed. */
  | { readonly is: "older" | "none"; readonly label: string; readonly alwaysShow: true };

export type Listing = {
  /** What was typed: the entries have it in their titles. */
  readonly text: string;
  readonly entries: readonly Conversation[];
  readonly hasMore: boolean;
};

/** @param now in ms since 1970, as all times of the entries. */
export function historyItems({ text, entries, hasMore }: Listing, now: number): readonly HistoryItem[] {
  if (entries.length === 0) {
    const label = text === "" ? "No chats yet" : "No chat has this in its title";
    return [{ is: "none", label, alwaysShow: true }];
  }
  const chats = entries.map((entry) => itemOf(entry, now));
  return hasMore ? [...chats, { is: "older", label: "Show older…", alwaysShow: true }] : chats;
}

export function historyTitle(bytes: number): string {
  return `Chats of this workspace — ${sizeText(bytes)} on disk`;
}

/** How long ago, then the day: `5 min ago`, `yesterday`, `Nov 3`, `Nov 3, 2025`. Days are those of the local calendar. */
export function whenText(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const days = dayOf(now) - dayOf(at);
  if (days <= 0) return `${Math.floor(minutes / 60)} h ago`;
  if (days === 1) return "yesterday";
  if (days < 7) return `${days} days ago`;
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString("en-US", {
    month: "short",
    day: "numeric",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}

function itemOf(entry: Conversation, now: number): HistoryItem {
  const steps = entry.steps === 1 ? "1 step" : `${entry.steps} steps`;
  const { icon, words } = stateOf(entry);
  return {
    is: "chat",
    entry,
    label: `$(${icon}) ${plain(entry.title)}`,
    description: [...words, whenText(entry.lastAt, now), steps].join(" · "),
    ...(entry.firstWords === "" ? {} : { detail: plain(entry.firstWords) }),
  };
}

/** The icon says it at a glance, the words for who doesn't see it. */
function stateOf({ status }: Conversation): { readonly icon: string; readonly words: readonly string[] } {
  if (status === undefined) return { icon: "archive", words: [] };
  switch (status) {
    case "idle":
      return { icon: "comment-discussion", words: ["open"] };
    case "running":
      return { icon: "loading~spin", words: ["running"] };
    case "needs-approval":
      return { icon: "bell-dot", words: ["needs approval"] };
    case "error":
      return { icon: "error", words: ["failed"] };
    default:
      return assertNever(status);
  }
}

/** `$(name)` in the text of a person or a model is text, no icon. */
function plain(text: string): string {
  return text.replaceAll("$(", "\\$(");
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.ceil(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

/** Number of the local calendar day. */
function dayOf(at: number): number {
  const date = new Date(at);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
}
