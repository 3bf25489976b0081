/** The storage that all windows on one workspace share. Knows nothing of VS Code. */
import { existsSync } from "node:fs";
import path from "node:path";

/**
 * VS Code locks the storage of a workspace for its first window and gives the next ones `<workspace>-1`, `-2`, … up to 9,
 * empty. Their chats are those of the first: the log has its own owner.
 * @param storage the extension's folder in the storage of a workspace.
 */
export function sharedStorage(storage: string): string {
  const workspace = path.dirname(storage);
  const first = /^(.+)-[1-9]$/.exec(path.basename(workspace))?.[1];
  const shared = path.join(path.dirname(workspace), first ?? "", path.basename(storage));
  return first !== undefined && existsSync(path.dirname(shared)) ? shared : storage;
}
