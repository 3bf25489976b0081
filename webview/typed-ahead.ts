/**
 * A key binding that brings another tab to the front acts in the editor, and the tab comes some moments later. What is
 * typed into the composer meanwhile is meant for that tab, and is carried over to it.
 */
import type { TabState } from "../src/chunks/protocol";
import { draftOf, setDraft } from "./drafts";
import { composerBox } from "./parts/focus";
import { activeTab } from "./state";

/** A tab that comes later than that was not called by the key. */
const CALLED_WITHIN_MS = 1000;

/** The key that may have called a tab, and what stood in the box before it. */
let mark: { readonly tab: string; readonly text: string; readonly at: number } | undefined;

/** Which keys are bound to what is not known in the page: each that types nothing may call a tab. */
export function noteKey(event: KeyboardEvent): void {
  const tab = activeTab.value;
  const isText = event.key.length === 1 && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.metaKey));
  const isBound = event.ctrlKey || event.metaKey || event.altKey || /^F\d+$/.test(event.key);
  const isModifier = ["Control", "Meta", "Alt", "AltGraph", "Shift"].includes(event.key);
  if (tab !== undefined && isBound && !isText && !isModifier && document.activeElement === composerBox()) {
    mark = { tab: tab.id, text: draftOf(tab), at: performance.now() };
  }
}

/** Only typing is carried over: the key that pastes or takes back has done its work here. */
export function noteInput(event: Event): void {
  const types = ["insertText", "insertCompositionText", "insertLineBreak"];
  if (!(event instanceof InputEvent && types.includes(event.inputType))) {
    mark = undefined;
  }
}

/** Another tab has come to the front: what was typed since the key that called it goes to its draft. */
export function carryTyped(before: TabState | undefined, now: TabState | undefined): void {
  if (before === undefined || now === undefined || before.id === now.id) {
    return;
  }
  const called = mark;
  mark = undefined;
  if (called?.tab !== before.id || performance.now() - called.at > CALLED_WITHIN_MS) {
    return;
  }
  const typed = inserted(called.text, draftOf(before));
  if (typed !== "") {
    setDraft(before.id, called.text);
    setDraft(now.id, draftOf(now) + typed);
  }
}

/** What was put into a text at one place; nothing when it was changed in another way. */
function inserted(before: string, now: string): string {
  let start = 0;
  while (start < before.length && before[start] === now[start]) {
    start += 1;
  }
  const rest = before.length - start;
  const isPure = now.length > before.length && now.endsWith(before.slice(start));
  return isPure ? now.slice(start, now.length - rest) : "";
}
