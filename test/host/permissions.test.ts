/** Whose rules are whose: VS Code keeps the person's and the folder's apart, and the folder's don't replace the others. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { savePermission } from "../../src/host/permissions";
import { watchSettings } from "../../src/host/settings";

const { ConfigurationTarget } = vscode;

async function write(value: unknown, target: vscode.ConfigurationTarget): Promise<void> {
  await vscode.workspace.getConfiguration().update("dispatch.permissions", value, target);
}

describe("dispatch.permissions in VS Code", () => {
  after(async () => {
    await write(undefined, ConfigurationTarget.Workspace);
    await write(undefined, ConfigurationTarget.Global);
  });

  it("are read apart by where they stand, and a broken list keeps what counted there", async () => {
    const watch = watchSettings([], () => undefined);
    const allow = { action: "allow", command: "npm test" };
    const deny = { action: "deny", path: "src/**" };
    await write([allow], ConfigurationTarget.Global);
    await write([deny, allow], ConfigurationTarget.Workspace);
    assert.deepEqual(watch.permissions(), { user: { rules: [allow] }, workspace: { rules: [deny, allow] } });
    await write([{ action: "deny" }], ConfigurationTarget.Workspace);
    await write([], ConfigurationTarget.Global);
    assert.deepEqual(watch.permissions(), {
      user: { rules: [] },
      workspace: {
        rules: [deny, allow],
        problem:
          "dispatch.permissions[0] says nothing of what it is about; write at least one of tool, path, command and host.",
      },
    });
    watch.dispose();
  });

  it("get a rule for every folder behind the others in the user's own, and are left alone when they are no list", async () => {
    const [first, second] = [
      { action: "deny", path: "a" },
      { action: "allow", command: "npm test" },
    ] as const;
    const written = (): unknown => vscode.workspace.getConfiguration().inspect("dispatch.permissions")?.globalValue;
    await write([first], ConfigurationTarget.Global);
    await savePermission(second);
    assert.deepEqual(written(), [first, second]);
    await write("npm test", ConfigurationTarget.Global);
    await assert.rejects(savePermission(second), /dispatch\.permissions is not a list in your settings\./);
    assert.equal(written(), "npm test");
  });
});
