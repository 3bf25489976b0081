/** The words of the history list. Pure: nothing here needs VS Code. */
import type { Conversation } from "../agent/types";
import { dollars } from "../chunks/money";
import { plainLine } from "../chunks/plain-line";
import { assertNever } from "../chunks/rows";
import { whenText } from "../chunks/when";

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

function itemOf(entry: Conversation, now: number): HistoryItem {
  const steps = entry.steps === 1 ? "1 step" : `${entry.steps} steps`;
  const cost = entry.cost === undefined || entry.cost === 0 ? [] : [dollars(entry.cost)];
  const { icon, words } = stateOf(entry);
  return {
    is: "chat",
    entry,
    label: `$(${icon}) ${plain(entry.title)}`,
    description: [...words, whenText(entry.lastAt, now), steps, ...cost].join(" · "),
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
  return plainLine(text).replaceAll("$(", "\\$(");
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.ceil(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}
