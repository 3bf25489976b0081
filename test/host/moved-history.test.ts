import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { TestApi } from "../../src/extension";
import { workspaceRoot } from "../../src/host/workspace";
import { describeHome } from "../../src/store/home";
import { openStore } from "../../src/store/open";
import { rowLog } from "../support/rows";
import { activate, type Chat, eventually, openChat } from "./support/chat";

describe("the chats of a folder under its old path", () => {
  let api: TestApi;
  let chat: Chat;
  let old = "";

  before(async () => {
    api = await activate();
    chat = await openChat(api);
    const storage = path.dirname(api.logFolder);
    old = path.join(path.dirname(path.dirname(storage)), "before-it-was-moved");
    const log = path.join(old, path.basename(storage), "log");
    await mkdir(log, { recursive: true });
    const dist = path.join(vscode.extensions.getExtension("dispatch.dispatch")?.extensionPath ?? "", "dist");
    const store = await openStore({ folder: log, worker: path.join(dist, "store-worker.js") });
    const rows = rowLog("moved-tab");
    rows.turn("what was said before");
    await store.write([
      { op: "tab", tab: { id: "moved-tab", title: "From before", createdAt: 1, position: 0, draft: "" } },
      { op: "rows", rows: rows.rows },
    ]);
    await store.close();
    const home = describeHome(workspaceRoot() ?? "");
    await writeFile(path.join(log, "home.json"), JSON.stringify({ ...home, folder: "/before/project" }));
  });
  after(async () => {
    chat.dispose();
    await rm(old, { recursive: true, force: true });
  });

  it("are listed by a command, and open as they were", async () => {
    const done = vscode.commands.executeCommand("dispatch.findMovedHistory");
    const isOpen = () => chat.state().tabs.some(({ title }) => title === "From before");
    // The list can't be seen from here: its first entry is taken as soon as there is one.
    const accept = setInterval(
      () => void vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem"),
      200,
    );
    try {
      await eventually(isOpen);
    } finally {
      clearInterval(accept);
    }
    await done;
    const rows = await chat.until(
      ({ active }) => active === "moved-tab" && chat.tab().rows.length > 0 && chat.tab().rows,
    );
    assert.deepEqual(
      rows.map((row) => [row.seq, row.data]),
      [[1, { text: "what was said before" }]],
    );
    const home = vscode.Uri.file(path.join(api.logFolder, "home.json"));
    assert.equal(JSON.parse(String(await vscode.workspace.fs.readFile(home))).folder, workspaceRoot());
  });
});
