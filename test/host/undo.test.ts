import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { workspaceRoot } from "../../src/host/workspace";
import { call, reply } from "../simulator/reply";
import type { Simulator } from "../simulator/server";
import { type Chat, eventually, newTab, type ServedChat, serveChat } from "./support/chat";

describe("undoing edits in VS Code", () => {
  const root = path.join(workspaceRoot() ?? "", "undo");
  let simulator: Simulator;
  let chat: Chat;
  let dispose: ServedChat["dispose"];

  before(async () => {
    ({ simulator, chat, dispose } = await serveChat());
    mkdirSync(root, { recursive: true });
  });
  after(async () => {
    await dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    rmSync(root, { recursive: true, force: true });
  });

  const text = (name: string) => readFileSync(path.join(root, name), "utf8");
  const undone = () => chat.tab().turns[0]?.files?.map((file) => `${file.path} ${file.undone.length}`);

  it("goes through the editor: unsaved text is kept, it can be undone there, and all changes open side by side", async () => {
    writeFileSync(path.join(root, "a.txt"), "one\ntwo\nthree\nfour\nfive\n");
    writeFileSync(path.join(root, "b.txt"), "b\n");
    const edit = (file: string, oldText: string, newText: string) =>
      call("edit_file", { path: `undo/${file}`, edits: [{ old_text: oldText, new_text: newText }] });
    simulator.use({
      steps: [
        reply(
          edit("a.txt", "one", "1"),
          edit("b.txt", "b", "B"),
          call("write_file", { path: "undo/c.txt", content: "c\n" }),
        ),
        reply("Done."),
      ],
    });
    await newTab(chat);
    chat.send({ type: "send", tab: chat.state().active, text: "Change them" });
    const answered = new Set<string>();
    await chat.until(({ tabs, active }) => {
      for (const card of chat.tab().approvals) {
        if (answered.has(card.id)) continue;
        answered.add(card.id);
        chat.send({ type: "decide", tab: card.tab, id: card.id, answer: { kind: "allow_once" } });
      }
      return tabs.find((tab) => tab.id === active)?.activity.kind === "idle" && chat.tab().turns.length === 1;
    });
    assert.deepEqual([text("a.txt").slice(0, 2), text("b.txt"), text("c.txt")], ["1\n", "B\n", "c\n"]);
    assert.deepEqual(undone(), ["undo/a.txt 0", "undo/b.txt 0", "undo/c.txt 0"]);
    const { active } = chat.state();
    const turnId = chat.tab().turns[0]?.turnId ?? "";

    chat.send({ type: "openChanges", tab: active, turnId });
    await eventually(() => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes("Changes of one turn"));
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");

    const shown = await vscode.window.showTextDocument(vscode.Uri.file(path.join(root, "a.txt")));
    await shown.edit((change) => change.insert(new vscode.Position(4, 0), "typed, "));
    const calls = chat.tab().turns[0]?.files?.flatMap((file) => file.calls) ?? [];
    chat.send({ type: "undoEdits", tab: active, calls });
    await chat.until(() => undone()?.every((line) => line.endsWith(" 1")));
    assert.deepEqual(
      [
        shown.document.getText(),
        shown.document.isDirty,
        text("a.txt"),
        text("b.txt"),
        existsSync(path.join(root, "c.txt")),
      ],
      ["one\ntwo\nthree\nfour\ntyped, five\n", true, "1\ntwo\nthree\nfour\nfive\n", "b\n", false],
    );
    await vscode.commands.executeCommand("undo");
    assert.equal(shown.document.getText(), "1\ntwo\nthree\nfour\ntyped, five\n");
    await vscode.commands.executeCommand("workbench.action.files.revert");

    chat.send({ type: "redoEdits", tab: active, calls: calls.slice(1) });
    await chat.until(() => undone()?.join() === "undo/a.txt 1,undo/b.txt 0,undo/c.txt 0");
    assert.deepEqual([text("b.txt"), text("c.txt")], ["B\n", "c\n"]);
  });
});
