import assert from "node:assert/strict";
import * as vscode from "vscode";
import { workspaceRoot } from "../../src/host/workspace";
import { call, reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { activate, configure, openChat } from "./support/chat";

describe("the way to a chat that waits or runs", () => {
  it("leads to the one that waits first, whatever runs and is in front", async () => {
    const api = await activate();
    assert.ok(workspaceRoot());
    const simulator = await startSimulator({
      scenario: ({ userText, step }) =>
        step === 0 ? reply(call("run_shell", { command: `env echo ${userText}` })) : reply("Done."),
    });
    const key = { id: "status", provider: "anthropic", baseUrl: simulator.url } as const;
    await api.secrets.put(key, "sk-simulator-0001");
    await configure({ "dispatch.keys": [key], "dispatch.models": [{ key: key.id, model: "claude-sonnet-5-5" }] });
    const chat = await openChat(api);
    try {
      await chat.until(({ setup }) => setup?.key.kind === "ready");
      const open = async () => {
        const { active: before } = chat.state();
        await vscode.commands.executeCommand("dispatch.newTab");
        return chat.until(({ active, views }) => active !== before && views.get(active)?.rows.length === 0 && active);
      };
      const waiting = await open();
      chat.send({ type: "send", tab: waiting, text: "wait" });
      await chat.until(({ tabs }) => tabs.find(({ id }) => id === waiting)?.status === "needs-approval");
      await open();
      await vscode.commands.executeCommand("dispatch.goToBusyChat");
      await chat.until(({ active }) => active === waiting);
      chat.send({ type: "stop", tab: waiting });
      await chat.until(({ tabs }) => tabs.find(({ id }) => id === waiting)?.status === "idle");
    } finally {
      chat.dispose();
      await configure({ "dispatch.keys": undefined, "dispatch.models": undefined });
      await api.secrets.remove(key);
      await simulator.close();
    }
  });
});
