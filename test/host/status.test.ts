import assert from "node:assert/strict";
import * as vscode from "vscode";
import { workspaceRoot } from "../../src/host/workspace";
import { call, reply } from "../simulator/reply";
import { newTab, serveChat } from "./support/chat";

describe("the way to a chat that waits or runs", () => {
  it("leads to the one that waits first, whatever runs and is in front", async () => {
    assert.ok(workspaceRoot());
    const { chat, dispose } = await serveChat(({ userText, step }) =>
      step === 0 ? reply(call("run_shell", { command: `env echo ${userText}` })) : reply("Done."),
    );
    try {
      const waiting = await newTab(chat);
      chat.send({ type: "send", tab: waiting, text: "wait" });
      await chat.until(({ tabs }) => tabs.find(({ id }) => id === waiting)?.status === "needs-approval");
      await newTab(chat);
      await vscode.commands.executeCommand("dispatch.goToBusyChat");
      await chat.until(({ active }) => active === waiting);
      chat.send({ type: "stop", tab: waiting });
      await chat.until(({ tabs }) => tabs.find(({ id }) => id === waiting)?.status === "idle");
    } finally {
      await dispose();
    }
  });
});
