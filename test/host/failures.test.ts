/** The table of failures, in VS Code. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { courseOf, failing, failureTable, tableModels, tableSecrets } from "../support/failure-table";
import { serveChat } from "./support/chat";

describe("a turn in VS Code", () => {
  for (const line of failureTable) {
    it(`after ${line.signal}: ${line.course}`, async () => {
      const models = { "dispatch.models": tableModels };
      const { simulator, chat, dispose } = await serveChat(failing(line), tableSecrets, models);
      await vscode.commands.executeCommand("dispatch.tryKeysAgain");
      try {
        const before = chat.state().tabs.length;
        chat.send({ type: "newTab" });
        await chat.until((state) => state.tabs.length > before && state.views.has(state.active));
        chat.send({ type: "send", tab: chat.state().active, text: "go" });
        const [turn] = await chat.until(() => chat.tab().turns.length > 0 && chat.tab().turns);
        assert.ok(turn !== undefined);
        assert.equal(courseOf(simulator.messages(), turn, chat.tab().rows), line.course);
      } finally {
        chat.send({ type: "closeTab", tab: chat.state().active, stop: true });
        await dispose();
      }
    });
  }
});
