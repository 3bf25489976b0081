import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { createEditor } from "../../src/host/editor";
import { workspaceRoot } from "../../src/host/workspace";
import { eventually, noLog } from "./support/chat";

describe("acts in the editor", () => {
  const root = workspaceRoot() ?? "";
  const file = path.join(root, "editor-acts.txt");
  const { editor, dispose } = createEditor(workspaceRoot, noLog, {
    bringHistory: async () => undefined,
    takeOver: async () => undefined,
  });

  before(() => writeFile(file, "one\ntwo\nthree\n"));
  afterEach(() => vscode.commands.executeCommand("workbench.action.closeAllEditors"));
  after(async () => {
    dispose();
    await rm(file, { force: true });
  });

  const active = (name: string) => {
    const found = vscode.window.activeTextEditor;
    return found !== undefined && path.basename(found.document.uri.path) === name && found;
  };

  it("opens a file of the workspace at a line", async () => {
    editor.openFile("editor-acts.txt", 2);
    const shown = await eventually(() => active("editor-acts.txt"));
    await eventually(() => shown.selection.active.line === 1);
    assert.equal(shown.document.uri.fsPath, file);
  });

  it("inserts at the cursor of the last text editor, over what is selected", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "before middle after" });
    const shown = await vscode.window.showTextDocument(document);
    shown.selection = new vscode.Selection(0, 7, 0, 13);
    editor.insert("INSERTED");
    await eventually(() => document.getText() === "before INSERTED after");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("shows both sides of an edit in the editor's own diff, read-only", async () => {
    editor.openDiff({ title: "src/a.ts (proposed)", path: "src/a.ts", before: "let a = 1;\n", after: "let a = 2;\n" });
    const tab = await eventually(() => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff && input;
    });
    const sides = await Promise.all([tab.original, tab.modified].map((uri) => vscode.workspace.openTextDocument(uri)));
    assert.deepEqual(
      sides.map((side) => [side.uri.scheme, side.uri.path, side.getText()]),
      [
        ["dispatch-diff", "/src/a.ts", "let a = 1;\n"],
        ["dispatch-diff", "/src/a.ts", "let a = 2;\n"],
      ],
    );
    assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab?.label, "src/a.ts (proposed)");
  });

  it("opens a whole output as a read-only text", async () => {
    editor.openText({ title: "run_shell output", text: "line 1\nline 2" });
    const shown = await eventually(() => active("run_shell output"));
    assert.equal(shown.document.uri.scheme, "dispatch-output");
    assert.equal(shown.document.getText(), "line 1\nline 2");
  });
});
