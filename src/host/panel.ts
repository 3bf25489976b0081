/** The chat view in the sidebar: a page, and the wire between that page and the session. */
import * as vscode from "vscode";
import type { Session, View } from "../agent/types";
import type { ToView } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import { chatViewId } from "./contributions";
import type { Desk, DeskState } from "./desk";
import { createDisposableList, type Disposable } from "./dispose";
import { chatPage, pageRoot, problemPage } from "./page";
import { setContext } from "./register";

export interface Panel extends Disposable {
  /** Whether the person can see the chat now, with everything that it asks. */
  readonly isVisible: () => boolean;
  /** Brings the chat to the front with the cursor in the composer, also when its page is not loaded yet. */
  focus(): Promise<void>;
  /** The number on the view's icon; 0 takes it off. */
  setBadge(needApproval: number): void;
}

type Resolved = { readonly view: vscode.WebviewView; focusWhenReady: boolean; page: "chat" | "problem" };

/** @param showLog the one act that must work while there is no session. */
export function createPanel(extension: vscode.Uri, desk: Desk, showLog: () => void): Panel {
  const owned = createDisposableList();
  let resolved: Resolved | undefined;
  let attached: View | undefined;
  let badge = 0;
  let focusWhenResolved = false;

  const detach = () => {
    attached?.dispose();
    attached = undefined;
  };
  const hidden = () => {
    detach();
    setContext("dispatch.chatFocus", false);
  };

  /** A page says `ready` each time it is loaded: first, after a reload, and when the view is shown again. */
  const attach = (panel: Resolved, session: Session) => {
    detach();
    // A page that is going away refuses; the next one gets a snapshot.
    const post = (message: ToView) => void panel.view.webview.postMessage(message).then(undefined, () => {});
    attached = session.attach((message) => {
      post(message);
      // Before its snapshot the page has no composer to focus.
      if (message.type === "snapshot" && panel.focusWhenReady) {
        panel.focusWhenReady = false;
        post({ type: "focusComposer" });
      }
    });
    attached.receive({ type: "ready" });
  };

  const receive = async (panel: Resolved, message: unknown) => {
    const act = plainAct(message);
    switch (act) {
      case "ready": {
        const session = await desk.session();
        if (session !== undefined && panel === resolved) attach(panel, session);
        return;
      }
      case "retry":
        return desk.reopen();
      case "show-log":
        return showLog();
      case "focus":
      case "blur":
        return setContext("dispatch.chatFocus", act === "focus");
      case undefined:
        attached?.receive(message);
    }
  };

  const showChat = (panel: Resolved) => {
    panel.page = "chat";
    panel.view.webview.html = chatPage(panel.view.webview, extension);
  };

  /** A page that is loaded stays: a new session greets it with a snapshot. */
  const follow = (state: DeskState) => {
    if (resolved === undefined) return;
    switch (state.kind) {
      case "closed":
      case "opening":
        return;
      case "open":
        if (resolved.page === "problem") showChat(resolved);
        else if (attached !== undefined) attach(resolved, state.session);
        return;
      case "failed":
        detach();
        resolved.page = "problem";
        resolved.view.webview.html = problemPage(resolved.view.webview, state.message);
        return;
      default:
        return assertNever(state);
    }
  };

  const showBadge = () => {
    if (resolved === undefined) return;
    const tooltip = badge === 1 ? "1 chat needs your approval" : `${badge} chats need your approval`;
    resolved.view.badge = badge === 0 ? undefined : { value: badge, tooltip };
  };

  const resolve = (view: vscode.WebviewView) => {
    detach();
    const panel: Resolved = { view, focusWhenReady: focusWhenResolved, page: "chat" };
    resolved = panel;
    focusWhenResolved = false;
    view.webview.options = { enableScripts: true, localResourceRoots: [pageRoot(extension)] };
    const listeners = createDisposableList();
    listeners.push(view.webview.onDidReceiveMessage((message: unknown) => receive(panel, message)));
    // A hidden page is destroyed, and the editor would keep for it whatever is posted meanwhile.
    listeners.push(view.onDidChangeVisibility(() => view.visible || panel !== resolved || hidden()));
    view.onDidDispose(() => {
      listeners.dispose();
      if (panel !== resolved) return;
      hidden();
      resolved = undefined;
    });
    showChat(panel);
    follow(desk.state);
    showBadge();
    desk.open();
  };

  owned.push(vscode.window.registerWebviewViewProvider(chatViewId, { resolveWebviewView: resolve }));
  owned.push(desk.onState(follow));
  owned.push({ dispose: detach });

  return {
    isVisible: () => resolved?.view.visible === true,
    async focus() {
      if (resolved === undefined) focusWhenResolved = true;
      else resolved.focusWhenReady = attached === undefined;
      await vscode.commands.executeCommand(`${chatViewId}.focus`);
      if (attached !== undefined) (await desk.session())?.focusComposer();
    },
    setBadge(needApproval) {
      badge = needApproval;
      showBadge();
    },
    dispose: () => owned.dispose(),
  };
}

/** The messages that the panel answers itself: they must work without a session, or are none of its business. */
function plainAct(message: unknown): "ready" | "retry" | "show-log" | "focus" | "blur" | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "ready") return "ready";
  if (message.type === "focus") return "focused" in message && message.focused === true ? "focus" : "blur";
  if (message.type !== "run" || !("command" in message)) return undefined;
  return message.command === "retry" || message.command === "show-log" ? message.command : undefined;
}
