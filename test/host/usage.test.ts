/** The two reports about what was used, opened by their commands in a real editor. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { reply } from "../simulator/reply";
import { type Chat, eventually, newTab, type ServedChat, serveChat } from "./support/chat";

describe("the reports about what was used", () => {
  let chat: Chat;
  let dispose: ServedChat["dispose"];

  before(async () => {
    ({ chat, dispose } = await serveChat({ steps: [reply("Hello.")] }, { reported: "sk-simulator-0002" }));
    chat.send({ type: "send", tab: await newTab(chat), text: "Say hello to the report" });
    await chat.until(() => chat.tab().turns.length > 0);
  });
  after(async () => {
    await dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  /** Runs the command, waits for its preview, and reads the document behind it. */
  async function shown(command: string, path: string, query = ""): Promise<string> {
    await vscode.commands.executeCommand(command);
    const label = path.slice(1, -".md".length);
    await eventually(() =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some((tab) => tab.label.includes(label)),
    );
    const uri = vscode.Uri.from({ scheme: "dispatch-report", path, query });
    return (await vscode.workspace.openTextDocument(uri)).getText();
  }

  it("show all that was used, and the requests of the chat in front", async () => {
    assert.match(await shown("dispatch.showUsage", "/Usage.md"), /\| reported \| 1 \| [\d,]+ \| .* \| \$0\.\d+ \|/);
    const timeline = await shown("dispatch.showCacheTimeline", "/Cache timeline.md", chat.state().active);
    assert.match(timeline, /^# Cache timeline\n\nSay hello to the report\n\n1 request;/);
  });
});
