/** Takes the chats over from a window of which nobody but the person knows whether it is still there. */
import * as vscode from "vscode";
import type { Store } from "../store/types";

const detail =
  "The other window is on another computer or in another container, so nothing here can tell whether it is still open. " +
  "Take over only when you know that it is gone.\n\n" +
  "If it is open, both would write: it stops as soon as it sees that the chats were taken over. Until then, and in a folder " +
  "that is synced between computers until the next sync, what either of them saves can be lost.";

/** Asks once; a window that can be seen to be alive is never taken over from, whatever the answer. */
export async function takeOver(store: Store): Promise<void> {
  const { state } = store;
  if (state.kind !== "reader" || state.doubtful === undefined) return;
  const answer = await vscode.window.showWarningMessage(
    "Take over the chats of this folder?",
    { modal: true, detail },
    "Take Over",
  );
  if (answer === "Take Over") await store.takeOver(state.doubtful);
}
