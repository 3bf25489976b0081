/** Chats in the editor area: any number of panels, each with a tab of its own in front. They come back after a reload. */
import * as vscode from "vscode";
import type { ToView } from "../chunks/protocol";
import { type ChatPage, openChatPage, type PageFrame, type PageParts } from "./chat-page";
import { tabPanelType } from "./contributions";
import { createDisposableList, type Disposable } from "./dispose";

export interface EditorPanels extends Disposable {
  /** Opens a panel with this tab in front, beside those that there are, with the cursor in the composer. */
  open(tab: string): void;
  /** Whether the person can see one of them now. */
  readonly isVisible: () => boolean;
}

export function createEditorPanels(parts: PageParts): EditorPanels {
  const owned = createDisposableList();
  const pages = new Set<ChatPage>();

  const adopt = (panel: vscode.WebviewPanel, tab: string, focusFirst: boolean) => {
    let front = tab;
    const told = (message: ToView) => {
      if (message.type === "snapshot" || message.type === "tabs") front = message.active;
      const title = titleIn(message, front);
      if (title !== undefined && title !== panel.title) panel.title = title;
    };
    // Unlike the view's, this icon is drawn as it is: it must have the theme's colour itself.
    const icon = (name: string) => vscode.Uri.joinPath(parts.extension, "media", name);
    panel.iconPath = { light: icon("tab-light.svg"), dark: icon("tab-dark.svg") };
    const frame: PageFrame = {
      place: "editor",
      isVisible: () => panel.visible,
      reveal: async () => panel.reveal(),
      tab: () => front,
      told,
    };
    const page = openChatPage(panel.webview, parts, frame, focusFirst);
    pages.add(page);
    const visibility = panel.onDidChangeViewState(() => panel.visible || page.hidden());
    panel.onDidDispose(() => {
      visibility.dispose();
      page.dispose();
      pages.delete(page);
    });
  };

  owned.push(
    vscode.window.registerWebviewPanelSerializer(tabPanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) => adopt(panel, tabOf(state), false),
    }),
  );
  owned.push({
    dispose: () => {
      for (const page of pages) page.dispose();
    },
  });
  return {
    open: (tab) =>
      adopt(vscode.window.createWebviewPanel(tabPanelType, "Dispatch", vscode.ViewColumn.Active), tab, true),
    isVisible: () => [...pages].some((page) => page.isVisible()),
    dispose: () => owned.dispose(),
  };
}

function titleIn(message: ToView, tab: string): string | undefined {
  switch (message.type) {
    case "snapshot":
    case "tabs":
      return message.tabs.find(({ id }) => id === tab)?.title;
    case "tab":
      return message.tab.id === tab ? message.tab.title : undefined;
    default:
      return undefined;
  }
}

/** What the page has kept over the reload. A tab that is not open any more: the panel shows the chat's. */
function tabOf(state: unknown): string {
  const hasTab = typeof state === "object" && state !== null && "tab" in state && typeof state.tab === "string";
  return hasTab ? String(state.tab) : "";
}
