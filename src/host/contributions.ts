/**
 * The commands and settings that package.json contributes, typed: a command without a handler, or a handler for none,
 * does not compile. A test compares these lists with the manifest.
 */
import * as vscode from "vscode";
import type { Disposable } from "./dispose";
import { createDisposableList } from "./dispose";

export const commandIds = [
  "dispatch.newTab",
  "dispatch.nextTab",
  "dispatch.previousTab",
  "dispatch.focusInput",
  "dispatch.stop",
  "dispatch.approve",
  "dispatch.deny",
  "dispatch.setApiKey",
  "dispatch.showLog",
] as const;

export const settingIds = [
  "dispatch.keys",
  "dispatch.models",
  "dispatch.maxSteps",
  "dispatch.commandTimeoutSeconds",
] as const;

export type CommandId = (typeof commandIds)[number];
export type SettingId = (typeof settingIds)[number];
export type Handlers = { readonly [Id in CommandId]: () => void | Promise<void> };

export const containerId = "dispatch";
export const chatViewId = "dispatch.chat";
export const settingsQuery = "@ext:dispatch.dispatch";

/** Context keys that the manifest's `enablement` reads. */
export type ContextKey = "dispatch.running" | "dispatch.needsApproval";

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
