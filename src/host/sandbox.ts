/** The sandbox for commands in the folder of this window. */
import { realpathSync } from "node:fs";
import path from "node:path";
import type * as vscode from "vscode";
import { createSandbox } from "../sandbox/sandbox";
import type { Sandbox } from "../tools/types";

export type WorkspaceSandbox = Sandbox & { readonly problem: () => Promise<string | undefined> };

/** @param root of the workspace; without one there is nothing to run commands in. */
export function openSandbox(context: vscode.ExtensionContext, root: string | undefined): WorkspaceSandbox | undefined {
  if (root === undefined) return undefined;
  // What VS Code and its extensions keep for themselves: secrets, chats, the texts of edited files.
  const storages = [
    context.globalStorageUri.fsPath,
    path.dirname(context.storageUri?.fsPath ?? context.globalStorageUri.fsPath),
  ];
  return createSandbox({
    root: realpathSync.native(root),
    secret: storages.map((storage) => path.dirname(storage)),
    helpers: path.join(context.extensionPath, "dist", "sandbox"),
  });
}
