/** Where the chunk log of this window lives, and what all windows remember together. */
import path from "node:path";
import type * as vscode from "vscode";
import { sharedStorage } from "./shared-storage";

/**
 * The workspace's own folder, or one that all windows without a workspace share. The store makes it, for this user
 * alone, and says so when it can't be written.
 */
export function logFolder(context: vscode.ExtensionContext): string {
  const storage = context.storageUri?.fsPath;
  const base = storage === undefined ? path.join(context.globalStorageUri.fsPath, "no-folder") : sharedStorage(storage);
  return path.join(base, "log");
}

/** What is known of the keys (which are limited, until when), for the next start. No secret is part of it. */
export function keyMemory(state: vscode.Memento): {
  readonly saved: string | undefined;
  readonly save: (text: string) => void;
} {
  const name = "keyStates";
  return { saved: state.get<string>(name), save: (text) => void state.update(name, text) };
}
