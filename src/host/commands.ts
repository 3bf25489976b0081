/** What each contributed command does. */
import * as vscode from "vscode";
import type { Session } from "../agent/types";
import type { KeyRing } from "../models/key-ring";
import { findMovedHistory } from "./bring-history";
import type { ChatFocus } from "./chat-focus";
import type { Handlers } from "./contributions";
import type { Desk } from "./desk";
import type { EditorPanels } from "./editor-panels";
import { createHeldKey } from "./held-key";
import { searchHistory } from "./history";
import type { Log } from "./log";
import type { MovedHistory } from "./moved-history";
import type { Panel } from "./panel";
import type { Reports } from "./reports";
import type { Secrets } from "./secrets";
import { selectMode } from "./select-mode";
import { selectModel } from "./select-model";
import { setApiKey } from "./set-key";
import type { SettingsSource } from "./settings";
import { showPermissions } from "./show-permissions";

export type CommandParts = {
  readonly desk: Desk;
  readonly panel: Panel;
  readonly editors: EditorPanels;
  readonly focus: ChatFocus;
  readonly settings: SettingsSource;
  readonly secrets: Secrets;
  readonly keys: KeyRing;
  readonly moved: MovedHistory;
  readonly reports: Reports;
  readonly log: Log;
};

export function chatCommands(parts: CommandParts): Handlers {
  const { desk, panel, editors, focus, settings, secrets, keys, moved, reports, log } = parts;
  const withSession = async (act: (session: Session) => void | Promise<void>) => {
    const session = await desk.session();
    if (session !== undefined) return act(session);
    const message = desk.state.kind === "failed" ? desk.state.message : "The chats are closed.";
    const choice = await vscode.window.showErrorMessage(message, "Show Log");
    if (choice === "Show Log") log.show();
  };
  /** The page that had the keyboard last, or the sidebar. */
  const page = () => focus.front() ?? panel;
  const inPage = async (act: (session: Session) => void) => {
    await withSession(act);
    await page().focus();
  };
  /** An answer goes only to a question that is on screen: hidden, the first press brings it up. */
  const decide = async (answer: "allow_once" | "deny") => {
    if (!page().isVisible()) return page().focus();
    await withSession((session) => {
      const turn = session.firstQuestion()?.turnId;
      if (turn !== undefined && (answer === "deny" || isMeant(turn))) session.decideFirst(answer);
    });
  };
  const isMeant = createHeldKey(() => performance.now());
  return {
    "dispatch.newTab": () => inPage((session) => session.newTab()),
    "dispatch.closeTab": () => withSession((session) => session.closeTab()),
    "dispatch.reopenTab": () => inPage((session) => session.reopenTab()),
    "dispatch.searchHistory": () => withSession((session) => searchHistory(session, () => page().focus())),
    "dispatch.findMovedHistory": () =>
      withSession(async (session) => {
        const store = await desk.store();
        if (store !== undefined) await findMovedHistory({ moved, store, session });
      }),
    "dispatch.nextTab": () => inPage((session) => session.nextTab()),
    "dispatch.previousTab": () => inPage((session) => session.previousTab()),
    "dispatch.goToBusyChat": () =>
      withSession(async (session) => {
        const busy = session.busyTab();
        if (busy === undefined) return reports.showUsage();
        await session.openConversation(busy);
        await page().focus();
      }),
    "dispatch.openInEditor": () => withSession((session) => editors.open(session.summary().activeTab)),
    "dispatch.focusInput": () => page().focus(),
    "dispatch.stop": () => withSession((session) => session.stop()),
    "dispatch.approve": () => decide("allow_once"),
    "dispatch.deny": () => decide("deny"),
    "dispatch.selectModel": () => withSession((session) => selectModel(session, secrets, () => page().focus())),
    "dispatch.selectMode": () => withSession((session) => selectMode(session, () => page().focus())),
    "dispatch.showPermissions": () => withSession((session) => showPermissions(session, () => page().focus())),
    "dispatch.setApiKey": () => setApiKey(settings.current(), secrets),
    "dispatch.tryKeysAgain": () => {
      keys.renew();
      vscode.window.setStatusBarMessage("Dispatch: all keys may be used again.", 5000);
    },
    "dispatch.showUsage": () => reports.showUsage(),
    "dispatch.showCacheTimeline": () => withSession((session) => reports.showTimeline(session)),
    "dispatch.showLog": () => log.show(),
  };
}
