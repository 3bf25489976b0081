/** The chat view in the sidebar. */
import * as vscode from "vscode";
import { type ChatPage, openChatPage, type PageParts } from "./chat-page";
import { chatViewId } from "./contributions";
import { createDisposableList, type Disposable } from "./dispose";

export interface Panel extends Disposable {
  /** Whether the person can see the chat now, with everything that it asks. */
  readonly isVisible: () => boolean;
  /** Brings the chat to the front with the cursor in the composer, also when its page is not loaded yet. */
  focus(): Promise<void>;
  /** The number on the view's icon; 0 takes it off. */
  setBadge(needApproval: number): void;
}

type Resolved = { readonly view: vscode.WebviewView; readonly page: ChatPage };

export function createPanel(parts: PageParts): Panel {
  const owned = createDisposableList();
  let resolved: Resolved | undefined;
  let badge = 0;
  let focusWhenResolved = false;

  const reveal = async () => {
    await vscode.commands.executeCommand(`${chatViewId}.focus`);
  };

  const showBadge = () => {
    if (resolved === undefined) return;
    const tooltip = badge === 1 ? "1 chat needs your approval" : `${badge} chats need your approval`;
    resolved.view.badge = badge === 0 ? undefined : { value: badge, tooltip };
  };

  const resolve = (view: vscode.WebviewView) => {
    resolved?.page.dispose();
    const page = openChatPage(
      view.webview,
      parts,
      { place: "sidebar", isVisible: () => view.visible, reveal },
      focusWhenResolved,
    );
    resolved = { view, page };
    focusWhenResolved = false;
    const visibility = view.onDidChangeVisibility(() => view.visible || page.hidden());
    view.onDidDispose(() => {
      visibility.dispose();
      page.dispose();
      if (resolved?.view === view) resolved = undefined;
    });
    // An extension host that crashed has left its number on the icon, and VS Code hears only of what this one changes.
    view.badge = { value: 0, tooltip: "" };
    showBadge();
  };

  owned.push(vscode.window.registerWebviewViewProvider(chatViewId, { resolveWebviewView: resolve }));
  owned.push({ dispose: () => resolved?.page.dispose() });

  return {
    isVisible: () => resolved?.page.isVisible() === true,
    async focus() {
      if (resolved !== undefined) return resolved.page.focus();
      focusWhenResolved = true;
      await reveal();
    },
    setBadge(needApproval) {
      badge = needApproval;
      showBadge();
    },
    dispose: () => owned.dispose(),
  };
}
