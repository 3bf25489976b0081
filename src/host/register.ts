/** Registers what contributions.ts names. */
import * as vscode from "vscode";
import { type CommandId, type ContextKey, commandIds, type Handlers, settingsQuery } from "./contributions";
import { createDisposableList, type Disposable } from "./dispose";

/**
 * Registers every command.
 * @param failed gets what a handler threw: a bug or the editor's refusal, to be told to the person.
 */
export function registerCommands(handlers: Handlers, failed: (id: CommandId, error: unknown) => void): Disposable {
  const owned = createDisposableList();
  for (const id of commandIds) {
    const run = async () => {
      try {
        await handlers[id]();
      } catch (error) {
        failed(id, error);
      }
    };
    owned.push(vscode.commands.registerCommand(id, run));
  }
  return owned;
}

export function setContext(key: ContextKey, value: boolean): void {
  void vscode.commands.executeCommand("setContext", key, value);
}

/** Shows our settings where they count: machine scope means the remote's own settings while the window is a remote one. */
export async function openSettings(): Promise<void> {
  const remote = vscode.env.remoteName !== undefined;
  const command = remote ? "workbench.action.openRemoteSettings" : "workbench.action.openSettings";
  await vscode.commands.executeCommand(command, { query: settingsQuery });
}
