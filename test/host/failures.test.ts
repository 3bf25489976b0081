/** The table of failures, in VS Code. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { startSimulator } from "../simulator/server";
import { courseOf, failing, failureTable, tableModels, tableSecrets } from "../support/failure-table";
import { activate, configure, openChat } from "./support/chat";

describe("a turn in VS Code", () => {
  after(() => configure({ "dispatch.keys": undefined, "dispatch.models": undefined }));

  for (const line of failureTable) {
    it(`after ${line.signal}: ${line.course}`, async () => {
      const api = await activate();
      const simulator = await startSimulator({ scenario: failing(line) });
      const keys = (["k1", "k2"] as const).map(
        (id) => ({ id, provider: "anthropic", baseUrl: simulator.url }) as const,
      );
      for (const key of keys) await api.secrets.put(key, tableSecrets[key.id]);
      await configure({ "dispatch.keys": keys, "dispatch.models": tableModels });
      await vscode.commands.executeCommand("dispatch.tryKeysAgain");
      const chat = await openChat(api);
      try {
        await chat.until(({ setup }) => setup?.key.kind === "ready");
        const before = chat.state().tabs.length;
        chat.send({ type: "newTab" });
        await chat.until((state) => state.tabs.length > before && state.views.has(state.active));
        chat.send({ type: "send", tab: chat.state().active, text: "go" });
        const [turn] = await chat.until(() => chat.tab().turns.length > 0 && chat.tab().turns);
        assert.ok(turn !== undefined);
        assert.equal(courseOf(simulator.messages(), turn, chat.tab().rows), line.course);
      } finally {
        chat.send({ type: "closeTab", tab: chat.state().active, stop: true });
        chat.dispose();
        for (const key of keys) await api.secrets.remove(key);
        await simulator.close();
      }
    });
  }
});
