/** The composition root: makes every part once, hands them to each other, and ends them. No logic of its own. */
import path from "node:path";
import * as vscode from "vscode";
import { createSession } from "./agent/session";
import type { View } from "./agent/types";
import type { ToView } from "./chunks/protocol";
import { bringOffered } from "./host/bring-history";
import { createChatFocus } from "./host/chat-focus";
import { chatCommands } from "./host/commands";
import { createDesk, type Desk } from "./host/desk";
import { createDisposableList } from "./host/dispose";
import { createEditor } from "./host/editor";
import { createEditorPanels } from "./host/editor-panels";
import { createLog, errorText } from "./host/log";
import { createMovedHistory } from "./host/moved-history";
import { notifyOfQuestions } from "./host/notify";
import { createOffers } from "./host/offers";
import { createPanel } from "./host/panel";
import { registerCommands, setContext } from "./host/register";
import { createReports } from "./host/reports";
import { openSandbox } from "./host/sandbox";
import { createSecrets, type Secrets } from "./host/secrets";
import { watchSettings } from "./host/settings";
import { showStatus } from "./host/status";
import { keyMemory, logFolder } from "./host/storage";
import { createSurroundings } from "./host/surroundings";
import { takeOver } from "./host/take-over";
import { userFiles } from "./host/user-file";
import { openWorkspace, workspaceRoot } from "./host/workspace";
import { createKeyRing } from "./models/key-ring";
import { openStore } from "./store/open";

/** What the tests inside VS Code may reach. Other extensions get nothing. */
export type TestApi = {
  readonly logFolder: string;
  readonly secrets: Secrets;
  readonly attach: (post: (message: ToView) => void) => Promise<View>;
};

let desk: Desk | undefined;

export function activate(context: vscode.ExtensionContext): TestApi | undefined {
  const owned = createDisposableList();
  context.subscriptions.push(owned);
  const log = owned.push(createLog());
  const refresh = () => desk?.refresh();
  const settings = owned.push(watchSettings(userFiles(context.globalStorageUri.fsPath), refresh));
  const keys = createKeyRing({ now: Date.now, memory: keyMemory(context.globalState) });
  const renew = (keyId: string) => {
    keys.renew(keyId);
    refresh();
  };
  const secrets = owned.push(createSecrets(context.secrets, process.env, renew, log.mask));
  const folder = logFolder(context);
  const moved = createMovedHistory({
    storage: path.dirname(folder),
    folder: workspaceRoot(),
    memory: context.workspaceState,
    changed: refresh,
    log: log.write,
  });
  const offers = owned.push(createOffers(Date.now, refresh));
  const bringHistory = async () => {
    const [session, store] = [await opened.session(), await opened.store()];
    if (session !== undefined && store !== undefined) await bringOffered({ moved, store, session });
  };
  const takeChatsOver = async () => {
    const store = await opened.store();
    if (store !== undefined) await takeOver(store);
  };
  const { editor } = owned.push(createEditor(workspaceRoot, log, { bringHistory, takeOver: takeChatsOver }));
  const sandbox = openSandbox(context, workspaceRoot());
  const bundles = path.join(context.extensionPath, "dist");
  const ownFolders = [context.extensionPath, path.dirname(folder), context.globalStorageUri.fsPath];

  const opened = createDesk({
    log: log.write,
    store: () => {
      const worker = path.join(bundles, "store-worker.js");
      const home = workspaceRoot();
      return openStore({ folder, worker, ...(home === undefined ? {} : { home }) });
    },
    session: async (store) => {
      const session = await createSession(
        createSurroundings({
          store,
          settings: settings.current,
          permissions: settings.permissions,
          secrets,
          keys,
          workspace: openWorkspace(ownFolders, settings.current, sandbox),
          sandbox,
          editor,
          moved,
          offers,
          bundles,
          log,
        }),
      );
      void moved.look(store).catch((error: unknown) => log.write("warn", `Moved chats: ${errorText(error)}`));
      return session;
    },
  });
  desk = opened;
  const focus = createChatFocus((hasFocus) => setContext("dispatch.chatFocus", hasFocus));
  const pages = { extension: context.extensionUri, desk: opened, focus, showLog: log.show };
  const panel = owned.push(createPanel(pages));
  const editors = owned.push(createEditorPanels(pages));
  const reports = owned.push(createReports(opened.session));
  owned.push(showStatus(opened, panel.setBadge));
  owned.push(
    notifyOfQuestions(opened, {
      isSeen: () => vscode.window.state.focused && (panel.isVisible() || editors.isVisible()),
      show: (message, button) => vscode.window.showInformationMessage(message, button),
      lead: async (session, tab) => {
        await session.openConversation(tab);
        await (focus.front() ?? panel).focus();
      },
    }),
  );
  owned.push(
    registerCommands(
      chatCommands({ desk: opened, panel, editors, focus, settings, secrets, keys, moved, reports, log }),
      (id, error) => {
        log.write("error", `${id}: ${error instanceof Error ? error.stack : String(error)}`);
        void vscode.window.showErrorMessage(errorText(error));
      },
    ),
  );
  owned.push(vscode.workspace.onDidGrantWorkspaceTrust(() => opened.reopen()));
  if (process.env.DISPATCH_OPEN === "1") void panel.focus();
  if (context.extensionMode !== vscode.ExtensionMode.Test) return undefined;
  return {
    logFolder: folder,
    secrets,
    attach: async (post) => {
      const session = await opened.session();
      if (session === undefined) throw new Error("There is no session.");
      return session.attach(post);
    },
  };
}

/** VS Code waits 5 s for this. */
export async function deactivate(): Promise<void> {
  await desk?.close();
}
