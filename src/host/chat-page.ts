/** One page that shows chats, in the sidebar or in an editor: the wire between it and the session. */
import type * as vscode from "vscode";
import type { Session, View } from "../agent/types";
import type { ToView } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import type { ChatFocus } from "./chat-focus";
import type { Desk, DeskState } from "./desk";
import { createDisposableList, type Disposable } from "./dispose";
import { chatPage, type Place, pageRoot, problemPage } from "./page";

export type PageParts = {
  readonly extension: vscode.Uri;
  readonly desk: Desk;
  readonly focus: ChatFocus;
  /** The one act that must work while there is no session. */
  readonly showLog: () => void;
};

/** What the page is part of. */
export type PageFrame = {
  readonly place: Place;
  readonly isVisible: () => boolean;
  /** Brings the page to the front. */
  readonly reveal: () => Promise<void>;
  /** The tab that the page has in front when it is loaded; without one it is the chat itself. */
  readonly tab?: () => string;
  /** Sees what the page is told. */
  readonly told?: (message: ToView) => void;
};

export interface ChatPage extends Disposable {
  readonly isVisible: () => boolean;
  /** Brings the chat to the front with the cursor in the composer, also when its page is not loaded yet. */
  focus(): Promise<void>;
  /** The page is hidden. The editor has destroyed it, and would keep for it whatever is posted meanwhile. */
  hidden(): void;
}

/** @param focusFirst the cursor goes to the composer once the page is loaded. */
export function openChatPage(
  webview: vscode.Webview,
  parts: PageParts,
  frame: PageFrame,
  focusFirst: boolean,
): ChatPage {
  const { extension, desk, focus } = parts;
  const owned = createDisposableList();
  let attached: View | undefined;
  let shows: "chat" | "problem" = "chat";
  let focusWhenReady = focusFirst;
  let ended = false;

  const detach = () => {
    attached?.dispose();
    attached = undefined;
  };

  /** A page says `ready` each time it is loaded: first, after a reload, and when the view is shown again. */
  const attach = (session: Session) => {
    detach();
    const post = (message: ToView) => {
      frame.told?.(message);
      // A page that is going away refuses; the next one gets a snapshot.
      void webview.postMessage(message).then(undefined, () => {});
    };
    const tab = frame.tab?.();
    const view = session.attach(
      (message) => {
        post(message);
        // Before its snapshot the page has no composer to focus.
        if (message.type === "snapshot" && focusWhenReady) {
          focusWhenReady = false;
          post({ type: "focusComposer" });
        }
      },
      tab === undefined ? {} : { tab },
    );
    attached = view;
    if (focus.front() === page) view.focus();
    view.receive({ type: "ready" });
  };

  const receive = async (message: unknown) => {
    const act = plainAct(message);
    switch (act) {
      case "ready": {
        const session = await desk.session();
        if (session !== undefined && !ended) attach(session);
        return;
      }
      case "retry":
        return desk.reopen();
      case "show-log":
        return parts.showLog();
      case "focus":
        focus.gained(page);
        return attached?.focus();
      case "blur":
        return focus.lost(page);
      case undefined:
        attached?.receive(message);
    }
  };

  const showChat = () => {
    shows = "chat";
    webview.html = chatPage(webview, extension, frame.place);
  };

  /** A page that is loaded stays: a new session greets it with a snapshot. */
  const follow = (state: DeskState) => {
    switch (state.kind) {
      case "closed":
      case "opening":
        return;
      case "open":
        if (shows === "problem") showChat();
        else if (attached !== undefined) attach(state.session);
        return;
      case "failed":
        detach();
        shows = "problem";
        webview.html = problemPage(webview, state.message);
        return;
      default:
        return assertNever(state);
    }
  };

  const hidden = () => {
    detach();
    focus.gone(page);
  };

  const page: ChatPage = {
    isVisible: frame.isVisible,
    async focus() {
      focusWhenReady = attached === undefined;
      await frame.reveal();
      attached?.focus();
      if (attached !== undefined) (await desk.session())?.focusComposer();
    },
    hidden,
    dispose() {
      ended = true;
      owned.dispose();
      hidden();
    },
  };

  webview.options = { enableScripts: true, localResourceRoots: [pageRoot(extension)] };
  owned.push(webview.onDidReceiveMessage((message: unknown) => receive(message)));
  owned.push(desk.onState(follow));
  showChat();
  follow(desk.state);
  desk.open();
  return page;
}

/** The messages that a page's frame answers itself: they must work without a session, or are none of its business. */
function plainAct(message: unknown): "ready" | "retry" | "show-log" | "focus" | "blur" | undefined {
  if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
  if (message.type === "ready") return "ready";
  if (message.type === "focus") return "focused" in message && message.focused === true ? "focus" : "blur";
  if (message.type !== "run" || !("command" in message)) return undefined;
  return message.command === "retry" || message.command === "show-log" ? message.command : undefined;
}
