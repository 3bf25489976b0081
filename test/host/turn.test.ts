import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { ToolResult } from "../../src/chunks/rows";
import type { TestApi } from "../../src/extension";
import { workspaceRoot } from "../../src/host/workspace";
import { findRipgrep, ripgrepOfEditor } from "../../src/tools/ripgrep-place";
import { call, reply } from "../simulator/reply";
import type { Simulator } from "../simulator/server";
import { type Chat, configure, eventually, newTab, type ServedChat, serveChat } from "./support/chat";

describe("a turn in VS Code", () => {
  const file = path.join(workspaceRoot() ?? "", "turn-notes.txt");
  let api: TestApi;
  let simulator: Simulator;
  let chat: Chat;
  let dispose: ServedChat["dispose"];

  before(async () => {
    ({ api, simulator, chat, dispose } = await serveChat());
    await vscode.commands.executeCommand("dispatch.focusInput");
  });
  beforeEach(async () => {
    await writeFile(file, "first\nsecond\n");
    await newTab(chat);
  });
  after(async () => {
    await dispose();
    await rm(file, { force: true });
  });

  const edit = (oldText: string, newText: string) =>
    call("edit_file", { path: "turn-notes.txt", edits: [{ old_text: oldText, new_text: newText }] });

  it("reads, edits after an approval by command, leaves a command alone that was denied, and answers", async () => {
    simulator.use({
      steps: [
        reply("I look first.", call("read_file", { path: "turn-notes.txt" })),
        reply(edit("second", "2nd")),
        reply(call("run_shell", { command: "echo never > turn-notes.txt" })),
        reply("All done."),
      ],
    });
    chat.send({ type: "send", tab: chat.state().active, text: "Change it" });

    const [card] = await cards(chat, "edit_file");
    chat.send({ type: "openDiff", tab: chat.state().active, callId: card?.callId ?? "" });
    const diff = await eventually(() => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff && input;
    });
    const proposed = await vscode.workspace.openTextDocument(diff.modified);
    assert.equal(proposed.getText(), "first\n2nd\n");
    assert.equal(await readFile(file, "utf8"), "first\nsecond\n");
    await vscode.commands.executeCommand("dispatch.approve");

    await cards(chat, "run_shell");
    await vscode.commands.executeCommand("dispatch.deny");
    await turnEnd(chat);

    assert.equal(await readFile(file, "utf8"), "first\n2nd\n");
    assert.deepEqual(
      results(chat).map(({ name, isError, outcome }) => ({ name, isError, outcome })),
      [
        { name: "read_file", isError: false, outcome: "done" },
        { name: "edit_file", isError: false, outcome: "done" },
        { name: "run_shell", isError: true, outcome: "denied" },
      ],
    );
    const last = chat.tab().rows.findLast((row) => row.type === "text");
    assert.deepEqual(last?.data, { text: "All done." });
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("searches and finds files with VS Code's own ripgrep", async () => {
    assert.ok(findRipgrep(ripgrepOfEditor(vscode.env.appRoot), "")?.startsWith(vscode.env.appRoot));
    simulator.use({
      steps: [
        reply(call("search", { pattern: "sec.nd$" }), call("find_files", { globs: ["turn-*"] })),
        reply("Found."),
      ],
    });
    chat.send({ type: "send", tab: chat.state().active, text: "Find it" });
    await turnEnd(chat);
    // Both run at once, and either may end first.
    assert.deepEqual(Object.fromEntries(results(chat).map(({ name, text }) => [name, text])), {
      search: '["sec.nd$" in .: 1 match in 1 file]\nturn-notes.txt\n2:second',
      find_files: "[.: 1 file]\nturn-notes.txt",
    });
  });

  it("makes an edit in the editor where the file has unsaved changes, leaves it unsaved, and tells the model so", async () => {
    simulator.use({ steps: [reply(edit("second", "2nd")), reply("I see.")] });
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((change) => change.insert(new vscode.Position(0, 0), "typed by hand, "));
    chat.send({ type: "send", tab: chat.state().active, text: "Change it" });
    await cards(chat, "edit_file");
    await vscode.commands.executeCommand("dispatch.approve");
    await turnEnd(chat);

    const [result] = results(chat);
    assert.match(result?.text ?? "", /^Changed turn-notes\.txt in the editor .* it was not saved/);
    assert.equal(await readFile(file, "utf8"), "first\nsecond\n");
    assert.equal(document.getText(), "typed by hand, first\n2nd\n");
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("runs a command that only reads without a question", async () => {
    simulator.use({ steps: [reply(call("run_shell", { command: "cat turn-notes.txt | head -1" })), reply("Seen.")] });
    chat.send({ type: "send", tab: chat.state().active, text: "Look" });
    await turnEnd(chat);
    assert.deepEqual(
      results(chat).map(({ text, decision }) => [text, decision]),
      [["first\n[exit code 0]", { by: "rule", rule: "reading-table", effect: "allow", from: "built-in" }]],
    );
  });

  it("stops a running command by command, and the tab is usable at once", async () => {
    simulator.use({
      turns: [
        { match: /^wait$/, steps: [reply(call("run_shell", { command: "env sleep 600" }))] },
        { match: /^and now\?$/, steps: [reply("Here again.")] },
      ],
    });
    chat.send({ type: "send", tab: chat.state().active, text: "wait" });
    await cards(chat, "run_shell");
    await vscode.commands.executeCommand("dispatch.approve");
    await chat.until(() => chat.tab().live?.tools.some((tool) => tool.state === "running"));
    await vscode.commands.executeCommand("dispatch.stop");
    assert.equal((await turnEnd(chat)).endReason, "cancelled");
    assert.equal(results(chat).at(-1)?.outcome, "cancelled");

    chat.send({ type: "send", tab: chat.state().active, text: "and now?" });
    await chat.until(() => chat.tab().turns.length === 2);
    assert.equal(chat.tab().turns.at(-1)?.endReason, "done");
  });

  it("types the command of a call into a terminal in its folder, and leaves it to the person to run it", async () => {
    const mark = path.join(workspaceRoot() ?? "", "terminal-mark.txt");
    simulator.use({
      steps: [reply(call("run_shell", { command: "echo typed > terminal-mark.txt" })), reply("As you say.")],
    });
    chat.send({ type: "send", tab: chat.state().active, text: "Mark it" });
    const [card] = await cards(chat, "run_shell");
    const before = new Set(vscode.window.terminals);
    chat.send({ type: "openTerminal", tab: chat.state().active, callId: card?.callId ?? "" });
    const terminal = await eventually(() => vscode.window.terminals.find((one) => !before.has(one)));
    try {
      const { cwd } = { cwd: undefined, ...terminal.creationOptions };
      assert.equal(cwd instanceof vscode.Uri && cwd.fsPath, workspaceRoot());
      await vscode.commands.executeCommand("dispatch.deny");
      await turnEnd(chat);
      await assert.rejects(stat(mark), "it was typed, not run");
      terminal.sendText("", true);
      await eventually(() =>
        readFile(mark, "utf8").then(
          (text) => text === "typed\n",
          () => false,
        ),
      );
    } finally {
      terminal.dispose();
      await rm(mark, { force: true });
    }
  });

  it("leaves its log on disk, and the key nowhere in it", async () => {
    const journal = await readFile(path.join(api.logFolder, "journal"));
    await stat(path.join(api.logFolder, "owner.json"));
    if (process.platform !== "win32") assert.equal((await stat(api.logFolder)).mode & 0o777, 0o700);
    assert.equal(journal.includes("and now?"), true);
    assert.equal(journal.includes("sk-simulator"), false);
  });

  it("says in one sentence what is wrong with the settings, goes on with those from before, and with new ones when they are mended", async () => {
    simulator.use({ steps: [reply("Still here.")] });
    const keys = vscode.workspace.getConfiguration().get("dispatch.keys");
    await configure({ "dispatch.keys": { id: "not a list" } });
    const banner = await chat.until(({ setup }) => setup?.banners.find(({ id }) => id === "settings"));
    assert.match(banner.message, /those from before count: dispatch\.keys/);
    chat.send({ type: "send", tab: chat.state().active, text: "are you there?" });
    assert.equal((await turnEnd(chat)).endReason, "done");
    await configure({ "dispatch.keys": keys });
    await chat.until(({ setup }) => setup?.banners.every(({ id }) => id !== "settings"));
  });

  it("asks for the key again when the settings send it to another server", async () => {
    const keys = vscode.workspace.getConfiguration().get("dispatch.keys");
    await configure({ "dispatch.keys": [{ id: "simulator", provider: "anthropic", baseUrl: "http://127.0.0.1:9" }] });
    const setup = await chat.until(({ setup }) => setup?.key.kind === "missing" && setup);
    assert.match(setup.banners.map(({ message }) => message).join(), /was entered for http:\/\/127\.0\.0\.1:\d+, but/);
    await configure({ "dispatch.keys": keys });
    await chat.until(({ setup }) => setup?.key.kind === "ready");
  });

  it("moves between tabs by command", async () => {
    const last = chat.state().active;
    await vscode.commands.executeCommand("dispatch.nextTab"); // from the last to the first
    await chat.until(({ active, tabs }) => active === tabs[0]?.id);
    await vscode.commands.executeCommand("dispatch.previousTab");
    await chat.until(({ active }) => active === last);
  });
});

const cards = (chat: Chat, tool: string) =>
  chat.until(() => {
    const { approvals } = chat.tab();
    return approvals.some((card) => card.tool === tool) && approvals;
  });

/** The summary of the turn, once the tab is idle. */
const turnEnd = (chat: Chat) =>
  chat.until(({ tabs, active }) => {
    const idle = tabs.find((tab) => tab.id === active)?.activity.kind === "idle";
    return idle && chat.tab().turns.at(-1);
  });

const results = (chat: Chat): readonly ToolResult[] =>
  chat.tab().rows.flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
