/** What each contributed command does. */
import * as vscode from "vscode";
import type { Session } from "../agent/types";
import type { Handlers } from "./contributions";
import type { Desk } from "./desk";
import type { Log } from "./log";
import type { Panel } from "./panel";
import type { Secrets } from "./secrets";
import { setApiKey } from "./set-key";
import type { SettingsSource } from "./settings";

export type CommandParts = {
  readonly desk: Desk;
  readonly panel: Panel;
  readonly settings: SettingsSource;
  readonly secrets: Secrets;
  readonly log: Log;
};

export function chatCommands({ desk, panel, settings, secrets, log }: CommandParts): Handlers {
  const withSession = async (act: (session: Session) => void) => {
    const session = await desk.session();
    if (session !== undefined) return act(session);
    const message = desk.state.kind === "failed" ? desk.state.message : "The chats are closed.";
    const choice = await vscode.window.showErrorMessage(message, "Show Log");
    if (choice === "Show Log") log.show();
  };
  const inPanel = async (act: (session: Session) => void) => {
    await withSession(act);
    await panel.focus();
  };
  /** An answer goes only to a question that is on screen: hidden, the first press brings it up. */
  const decide = async (answer: "allow_once" | "deny") => {
    if (panel.isVisible()) await withSession((session) => session.decideFirst(answer));
    else await panel.focus();
  };
  return {
    "dispatch.newTab": () => inPanel((session) => session.newTab()),
    "dispatch.nextTab": () => inPanel((session) => session.nextTab()),
    "dispatch.previousTab": () => inPanel((session) => session.previousTab()),
    "dispatch.focusInput": () => panel.focus(),
    "dispatch.stop": () => withSession((session) => session.stop()),
    "dispatch.approve": () => decide("allow_once"),
    "dispatch.deny": () => decide("deny"),
    "dispatch.setApiKey": () => setApiKey(settings.current(), secrets),
    "dispatch.showLog": () => log.show(),
  };
}
