/** A command of the agent in a terminal of the person's own: typed, for them to change and to run. */
import * as vscode from "vscode";
import { whyNotTyped } from "./typed-command";

/** @throws with the sentence for the person when it can't be typed. */
export async function openTerminal(command: string, cwd: string): Promise<void> {
  const why = whyNotTyped(command);
  if (why !== undefined) {
    const choice = await vscode.window.showWarningMessage(why, "Copy");
    if (choice === "Copy") await vscode.env.clipboard.writeText(command);
    return;
  }
  const folder = vscode.Uri.file(cwd);
  await vscode.workspace.fs.stat(folder).then(undefined, () => {
    throw new Error(`there is no folder ${cwd} any more.`);
  });
  const terminal = vscode.window.createTerminal({ name: "Dispatch", cwd: folder });
  terminal.show();
  terminal.sendText(command, false);
}
