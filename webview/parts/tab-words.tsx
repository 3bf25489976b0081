import { modeNames, shortModeNames } from "../../src/chunks/modes";
import type { TabState } from "../../src/chunks/protocol";
import { Icon } from "./icon";

/** Letters at a title's end that stay visible when it is shortened. */
const TAIL = 6;

/** What a tab's mark says, and its mode where that is not the usual one. */
export function tabWords(tab: TabState): string | undefined {
  const mode = tab.mode === "ask" ? undefined : `mode ${modeNames[tab.mode]}`;
  const parts = [statusWords(tab), mode].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}

/** Unread counts only while nothing else is to be said. */
function statusWords({ status, unread, elsewhere }: TabState): string | undefined {
  switch (status) {
    case "running":
      return elsewhere === true ? "working in another window" : "working";
    case "needs-approval":
      return "needs approval";
    case "error":
      return unread === true ? "stopped with an error, not read yet" : "stopped with an error";
    case "idle":
      return unread === true ? "done, not read yet" : undefined;
  }
}

/** The small mark before a title. Its words are the tab's description. */
export function TabMark({ tab }: { readonly tab: TabState }) {
  switch (tab.status) {
    case "running":
      return <Icon name="loading" spin />;
    case "needs-approval":
      return <Icon name="bell" />;
    case "error":
      return <Icon name="error" />;
    case "idle":
      return tab.unread === true ? <Icon name="circle-small-filled" /> : null;
  }
}

/** The mode of a chat in which more, or less, may happen than usual. Its words are in the tab's description. */
export function TabMode({ mode }: Pick<TabState, "mode">) {
  return mode === "ask" ? null : (
    <span class="tab-mode" data-mode={mode} aria-hidden="true">
      {shortModeNames[mode]}
    </span>
  );
}

/** A title that is shortened in the middle: what tells chats apart often stands at the end. */
export function ShortTitle({ title }: { readonly title: string }) {
  const at = title.length - tailOf(title).length;
  return (
    <span class="short-title" dir="auto">
      <span class="tab-head">{title.slice(0, at)}</span>
      <span class="tab-tail">{title.slice(at)}</span>
    </span>
  );
}

/** Whole letters. Those of some scripts join with their neighbours: between them a title is parted at a space or not at all. */
function tailOf(title: string): string {
  const letters = [...new Intl.Segmenter().segment(title)].slice(-TAIL);
  const tail = letters.map(({ segment }) => segment).join("");
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(title) ? (/\s.*$/su.exec(tail)?.[0] ?? "") : tail;
}
