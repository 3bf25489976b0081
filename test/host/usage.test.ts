/** The two reports about what was used, opened by their commands in a real editor. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { TestApi } from "../../src/extension";
import { reply } from "../simulator/reply";
import { type Simulator, startSimulator } from "../simulator/server";
import { activate, type Chat, configure, eventually, openChat } from "./support/chat";

describe("the reports about what was used", () => {
  let api: TestApi;
  let simulator: Simulator;
  let chat: Chat;

  before(async () => {
    api = await activate();
    simulator = await startSimulator({ scenario: { steps: [reply("Hello.")] } });
    const key = { id: "reported", provider: "anthropic", baseUrl: simulator.url } as const;
    await api.secrets.put(key, "sk-simulator-0002");
    await configure({ "dispatch.keys": [key], "dispatch.models": [{ key: key.id, model: "claude-sonnet-5-5" }] });
    chat = await openChat(api);
    await chat.until(({ setup }) => setup?.key.kind === "ready");
    const before = chat.state().active; // may be a new chat too
    await vscode.commands.executeCommand("dispatch.newTab");
    await chat.until(({ active }) => active !== before);
    chat.send({ type: "send", tab: chat.state().active, text: "Say hello to the report" });
    await chat.until(() => chat.tab().turns.length > 0);
  });
  after(async () => {
    chat.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await configure({ "dispatch.keys": undefined, "dispatch.models": undefined });
    await simulator.close();
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
