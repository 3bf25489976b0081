/** Where the chunk log of this window lives. */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type * as vscode from "vscode";
import { errorText } from "./log";

export type Storage =
  | { readonly ok: true; readonly folder: string }
  /** The folder can't be made or entered; `message` is one sentence. */
  | { readonly ok: false; readonly folder: string; readonly message: string };

/** The window's storage: the workspace's own, or one that all windows without a folder share. */
export function storageFolder(context: vscode.ExtensionContext): string {
  return context.storageUri?.fsPath ?? path.join(context.globalStorageUri.fsPath, "no-folder");
}

/** Makes the folder of the log, for this user alone (0700), and its parents. A folder that is there stays as it is. */
export async function prepareStorage(base: string): Promise<Storage> {
  const folder = path.join(base, "log");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { ok: true, folder };
  } catch (error) {
    return { ok: false, folder, message: `The folder for the history can't be used (${errorText(error)}).` };
  }
}
