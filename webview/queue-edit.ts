/** The queued message that is being edited in this view. What was typed is never lost, also when the message is taken meanwhile. */
import { signal } from "@preact/signals";
import type { QueuedMessage, TabState } from "../src/chunks/protocol";
import { draftOf, setDraft } from "./drafts";
import { post } from "./vscode";

type Editing = { readonly tab: string; readonly id: string; readonly before: string; readonly text: string };

export const editing = signal<Editing | undefined>(undefined);

/** Another message that was being edited is saved first. */
export function startEdit(tab: string, { id, text }: QueuedMessage): void {
  saveEdit();
  editing.value = { tab, id, before: text, text };
}

export function typeEdit(text: string): void {
  if (editing.value !== undefined) {
    editing.value = { ...editing.value, text };
  }
}

export function cancelEdit(): void {
  editing.value = undefined;
}

/** A text without a word takes the message back. */
export function saveEdit(): void {
  const edit = editing.value;
  editing.value = undefined;
  if (edit === undefined || edit.text === edit.before) {
    return;
  }
  const { tab, id, text } = edit;
  post(text.trim() === "" ? { type: "queueRemove", tab, id } : { type: "queueEdit", tab, id, text });
}

/** When the message that is being edited has left the queue, what was changed goes to the composer. */
export function followQueue(tabs: readonly TabState[]): void {
  const edit = editing.value;
  const tab = tabs.find((one) => one.id === edit?.tab);
  if (edit === undefined || tab === undefined || tab.queue.some((message) => message.id === edit.id)) {
    return;
  }
  editing.value = undefined;
  if (edit.text !== edit.before && edit.text.trim() !== "") {
    const draft = draftOf(tab);
    setDraft(tab.id, draft === "" ? edit.text : `${edit.text}\n\n${draft}`);
  }
}
