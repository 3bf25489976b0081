/** Closing a tab, bringing it back, deleting it. A closed tab is in a file of its own; only the history list and *Reopen* see it. */

import { assertNever } from "../chunks/rows";
import type { StoreState } from "../store/types";
import { whenRefusing } from "./closing";
import { messageOf } from "./error-text";
import { type SessionParts, select } from "./inbox";
import type { Tab } from "./tab";
import { NEW_TITLE } from "./turn-start";
import type { View } from "./types";

/**
 * Closes a tab: its neighbour comes to the front wherever it was, its turn and its jobs are stopped, its rows go to the archive.
 * @param stop the person knows that a turn or a job runs; otherwise the view that asked is asked once.
 */
export async function closeTab(parts: SessionParts, view: View | undefined, id: string, stop: boolean): Promise<void> {
  const { surroundings, tabs, views, summaries, setup } = parts;
  const tab = tabs.byId(id);
  if (tab === undefined) return;
  if (!stop && (tab.isRunning() || tab.hasJobs())) return views.confirmClose(view, id);
  if (surroundings.store.state.kind !== "writer") {
    setup.warn("The chat was not closed: the log can't be written now.");
    return;
  }
  const neighbour = tabs.neighbour(id) ?? (await tabs.create()).id;
  tabs.remove(id, putAway(parts, tab));
  await views.leave(id, neighbour);
  await tabs.saveActive();
  summaries.tell();
}

/** Brings back the tab that was closed last. */
export function reopenLast(parts: SessionParts, view: View | undefined): Promise<void> {
  return parts.inTurn(async () => {
    await parts.tabs.settled(); // one that is just being closed counts
    const closed = (await parts.surroundings.store.tabs()).filter((tab) => tab.closedAt !== undefined);
    const last = closed.sort((a, b) => (b.closedAt ?? 0) - (a.closedAt ?? 0))[0];
    if (last !== undefined) await bringBack(parts, view, last.id);
  });
}

/** Brings a conversation to the front of a view, from the archive if it is closed. */
export function openConversation(parts: SessionParts, view: View | undefined, id: string): Promise<void> {
  return parts.inTurn(() => bringBack(parts, view, id));
}

/** The same from an empty tab, which has done its part: when nothing was ever done in it, it is closed. */
export function openInstead(parts: SessionParts, view: View, id: string): Promise<void> {
  return parts.inTurn(async () => {
    const { surroundings, tabs, views } = parts;
    const left = views.active(view);
    await bringBack(parts, view, id);
    const tab = tabs.byId(left);
    if (tab === undefined || views.active(view) === left || views.isShown(left)) return;
    const isEmpty = isUntouched(tab) && (await surroundings.store.lastSeq(left)) === 0;
    if (isEmpty && surroundings.store.state.kind === "writer") await closeTab(parts, view, left, false);
  });
}

function isUntouched(tab: Tab): boolean {
  const { title, draft, queue } = tab.state();
  const isNamed = title !== NEW_TITLE;
  return !isNamed && draft === "" && queue.length === 0 && tab.ownModels().models === undefined && !tab.isRunning();
}

/**
 * Removes a conversation for ever. An open one leaves every view first, and its turn is stopped.
 * @returns why it is still there, in one sentence, or nothing when it is gone.
 */
export function deleteConversation(parts: SessionParts, id: string): Promise<string | undefined> {
  return parts.inTurn(async () => {
    const { surroundings, tabs } = parts;
    const why = whyNotNow(surroundings.store.state);
    if (why !== undefined) return `The chat was not deleted. ${why}`;
    await tabs.settled();
    const tab = tabs.byId(id);
    const refusal = whenRefusing(surroundings.store);
    const deletion = (tab === undefined ? surroundings.store.deleteTab(id) : leaveAndDelete(parts, tab)).then(
      () => undefined,
      (error: unknown) => `The chat was not deleted. ${messageOf(error)}`,
    );
    const delayed = refusal.refused.then(
      () => "The disk refuses now. The chat is deleted as soon as it can be written.",
    );
    try {
      return await Promise.race([deletion, delayed]);
    } finally {
      refusal.dispose();
    }
  });
}

async function bringBack(parts: SessionParts, view: View | undefined, id: string): Promise<void> {
  const { surroundings, tabs, setup } = parts;
  if (tabs.byId(id) === undefined) {
    try {
      const why = whyNotNow(surroundings.store.state);
      if (why !== undefined) throw new Error(why);
      await tabs.settled();
      await surroundings.store.reopenTab(id);
      await tabs.open(id);
    } catch (error) {
      setup.warn(`The chat can't be opened. ${messageOf(error)}`);
      return;
    }
  }
  select(parts, view, id);
}

/** Why nothing can be brought back or deleted now, in one sentence. */
function whyNotNow(state: StoreState): string | undefined {
  switch (state.kind) {
    case "writer":
      return undefined;
    case "reader":
      return `This window only reads: ${state.owner}`;
    case "newer":
      return "A newer version of Dispatch wrote these chats: update Dispatch to go on with them.";
    case "blocked":
      return `${state.reason} Try again when the log can be written.`;
    default:
      return assertNever(state);
  }
}

/** What can't be deleted is open again. */
async function leaveAndDelete(parts: SessionParts, tab: Tab): Promise<void> {
  const { surroundings, tabs, views, summaries } = parts;
  const neighbour = tabs.neighbour(tab.id) ?? (await tabs.create()).id;
  const deletion = tab.end().then(() => surroundings.store.deleteTab(tab.id));
  tabs.remove(tab.id, deletion);
  await views.leave(tab.id, neighbour);
  summaries.tell();
  try {
    await deletion;
  } catch (error) {
    await tabs.open(tab.id);
    views.tabs();
    throw error;
  }
  await tabs.saveActive();
}

/** Ends the turn and moves the rows. What can't be put away is open again. An empty tab leaves nothing behind. */
async function putAway({ surroundings, tabs, views, setup }: SessionParts, tab: Tab): Promise<void> {
  const { store, now } = surroundings;
  const refusal = whenRefusing(store);
  try {
    const refused = refusal.refused.then(() => {
      throw new Error("The disk refuses to take it.");
    });
    await Promise.race([tab.end(), refused]);
    const { draft, queue } = tab.state();
    // Deleting waits its turn behind writes that are under way (a title, a place); of a tab without any it does nothing.
    const isEmpty = draft === "" && queue.length === 0 && (await store.lastSeq(tab.id)) === 0;
    await Promise.race([isEmpty ? store.deleteTab(tab.id) : store.closeTab(tab.id, now()), refused]);
  } catch (error) {
    setup.warn(`The chat was not closed. ${messageOf(error)}`);
    await tabs.open(tab.id);
    views.tabs();
  } finally {
    refusal.dispose();
  }
}
