/** The command *Search History...*: all chats of the workspace in VS Code's quick pick, to open one or to delete it. */
import * as vscode from "vscode";
import type { Conversation, Session } from "../agent/types";
import { createDisposableList } from "./dispose";
import { type HistoryItem, historyItems, historyTitle, type Listing } from "./history-items";
import { errorText } from "./log";

/**
 * Resolves when the list is closed, and the chat that was picked is open.
 * @param focusChat brings the chat before the person.
 */
export async function searchHistory(session: Session, focusChat: () => Promise<void>): Promise<void> {
  const id = await pickConversation(session);
  if (id === undefined) return;
  await session.openConversation(id);
  await focusChat();
}

function pickConversation(session: Session): Promise<string | undefined> {
  const owned = createDisposableList();
  const pick = owned.push(vscode.window.createQuickPick<Item>());
  let listing: Listing = { text: "", entries: [], hasMore: true };
  let newest = 0;
  let typing: NodeJS.Timeout | undefined;
  let asks = false;
  let picked: string | undefined;

  /** Reads a page and shows it behind the entries before it. A read that a later one has overtaken shows nothing. */
  const load = async ({ text, shown = [], limit = pageSize, active }: Page): Promise<void> => {
    newest += 1;
    const read = newest;
    pick.busy = true;
    try {
      const last = shown.at(-1);
      const before = last === undefined ? {} : { before: { lastAt: last.lastAt, id: last.id } };
      const found = await session.history({ text, ...before, limit: limit + 1 });
      const size = await session.storeSize();
      if (read !== newest) return;
      const added = found.slice(0, limit);
      listing = { text, entries: [...shown, ...added], hasMore: found.length > limit };
      const items = historyItems(listing, Date.now()).map(withButtons);
      const wanted = active ?? (shown.length > 0 ? added[0]?.id : undefined);
      pick.title = historyTitle(size);
      pick.items = items;
      const item = items.find((one) => one.is === "chat" && one.entry.id === wanted);
      if (item !== undefined) pick.activeItems = [item];
    } catch (error) {
      void vscode.window.showWarningMessage(`The history can't be read: ${errorText(error)}`);
    } finally {
      if (read === newest) pick.busy = false;
    }
  };

  /** What is loaded to its end is filtered by the quick pick itself. */
  const search = (): void => {
    clearTimeout(typing);
    const text = pick.value.trim();
    const isHere = !listing.hasMore && text.toLocaleLowerCase().includes(listing.text.toLocaleLowerCase());
    if (!isHere) typing = setTimeout(() => load({ text }), typingPauseMs);
  };

  const remove = async (entry: Conversation): Promise<void> => {
    asks = true;
    pick.ignoreFocusOut = true;
    // What is set reaches the editor with the next tick; the question comes after it and then takes no list away.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const isSure = await confirm(entry);
    pick.show();
    asks = false;
    if (!isSure) return;
    const at = listing.entries.findIndex(({ id }) => id === entry.id);
    const active = (listing.entries[at + 1] ?? listing.entries[at - 1])?.id;
    pick.busy = true;
    const why = await session.deleteConversation(entry.id);
    if (why !== undefined) void vscode.window.showWarningMessage(why);
    const limit = Math.max(pageSize, listing.entries.length);
    await load({ text: pick.value.trim(), limit, ...(active === undefined ? {} : { active }) });
  };

  const accept = (): void => {
    const item = pick.selectedItems[0];
    if (item?.is === "older") void load({ text: listing.text, shown: listing.entries });
    if (item?.is !== "chat") return;
    picked = item.entry.id;
    pick.hide();
  };

  pick.title = "Chats of this workspace";
  pick.placeholder = "Type a part of a title. Enter opens the chat.";
  pick.keepScrollPosition = true;
  owned.push(pick.onDidChangeValue(search));
  owned.push(pick.onDidAccept(accept));
  owned.push({ dispose: () => clearTimeout(typing) });
  return new Promise((resolve, reject) => {
    owned.push(
      pick.onDidTriggerItemButton(({ item }) => {
        if (item.is === "chat" && !asks) remove(item.entry).catch(reject);
      }),
    );
    owned.push(
      pick.onDidHide(() => {
        if (asks) return; // it comes back after the question
        newest += 1;
        owned.dispose();
        resolve(picked);
      }),
    );
    pick.show();
    void load({ text: "" });
  });
}

type Page = {
  readonly text: string;
  /** What stands before the page. */
  readonly shown?: readonly Conversation[];
  readonly limit?: number;
  /** The entry that the keyboard is on then; without it, the first that is new. */
  readonly active?: string;
};

type Item = HistoryItem & vscode.QuickPickItem;

const pageSize = 100;

/** A search of the log begins when the typing pauses. */
const typingPauseMs = 120;

function withButtons(item: HistoryItem): Item {
  if (item.is !== "chat") return item;
  return { ...item, buttons: [{ iconPath: new vscode.ThemeIcon("trash"), tooltip: "Delete this chat" }] };
}

async function confirm({ title, status }: Conversation): Promise<boolean> {
  const isRunning = status === "running" || status === "needs-approval";
  const detail = `${isRunning ? "Its agent is working and is stopped. " : ""}All that the log has of it is removed from the disk. This can't be undone.`;
  const answer = await vscode.window.showWarningMessage(
    `Delete this chat? “${title}”`,
    { modal: true, detail },
    "Delete",
  );
  return answer === "Delete";
}
