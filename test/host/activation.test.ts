import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commandIds, settingIds } from "../../src/host/contributions";
import { parseSettings } from "../../src/models/settings";
import { activate } from "./support/chat";

describe("activation", () => {
  it("registers every command that the manifest contributes, and no other", async () => {
    await activate();
    const registered = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith("dispatch."));
    const own = registered.filter((id) => !id.startsWith("dispatch.chat.")); // the editor's own, for the view
    assert.deepEqual(own.sort(), [...commandIds].sort());
  });

  it("contributes defaults that mean the same as no settings at all", async () => {
    await activate();
    const configuration = vscode.workspace.getConfiguration();
    const defaults = settingIds.map((id) => [id, configuration.inspect(id)?.defaultValue]);
    assert.deepEqual(parseSettings(Object.fromEntries(defaults)), parseSettings({}));
  });

  it("runs as a test here, so that its way in for tests is open", async () => {
    const api = await activate();
    assert.deepEqual(Object.keys(api).sort(), ["attach", "logFolder", "secrets"]);
  });
});
