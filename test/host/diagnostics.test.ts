import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as vscode from "vscode";
import { mayRead } from "../../src/approvals/may-read";
import { openWorkspace, workspaceRoot } from "../../src/host/workspace";
import { parseSettings } from "../../src/models/settings";
import type { Workspace } from "../../src/tools/types";
import { call, plan, runContext } from "../tools/folder";
import { activate } from "./support/chat";

/** A service that finds fault with each `bad` of a file of its kind, some time after it was opened or changed. */
describe("what language services say", () => {
  const root = path.join(workspaceRoot() ?? "", "problems");
  const owned: vscode.Disposable[] = [];
  let workspace: Workspace;

  before(async () => {
    await activate();
    const opened = openWorkspace([], () => parseSettings({}), undefined);
    assert.ok(opened);
    workspace = opened;
    const found = vscode.languages.createDiagnosticCollection("judge");
    const timers = new Set<NodeJS.Timeout>();
    const look = (document: vscode.TextDocument) => {
      if (!document.uri.path.endsWith(".judged")) return;
      const timer = setTimeout(() => {
        const faults = Array.from({ length: document.lineCount }, (_, line) => document.lineAt(line))
          .filter(({ text }) => /bad|odd/.test(text))
          .map(({ range, text }) => {
            const isBad = text.includes("bad");
            const fault = new vscode.Diagnostic(
              range,
              `${text.trim()} is not allowed`,
              isBad ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
            );
            fault.source = "judge";
            fault.code = isBad ? 7 : "odd";
            return fault;
          });
        found.set(document.uri, faults);
        // A file that uses this one.
        const other = /also (\S+)/.exec(document.getText())?.[1];
        if (other !== undefined) found.set(vscode.Uri.joinPath(document.uri, "..", other), faults);
      }, 120);
      timers.add(timer);
    };
    owned.push(
      found,
      vscode.workspace.onDidOpenTextDocument(look),
      vscode.workspace.onDidChangeTextDocument(({ document }) => look(document)),
      { dispose: () => timers.forEach(clearTimeout) },
    );
  });
  beforeEach(() => mkdirSync(root, { recursive: true }));
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    rmSync(root, { recursive: true, force: true });
  });
  after(() => {
    for (const one of owned) one.dispose();
  });

  const put = (name: string, text: string) => writeFileSync(path.join(root, name), text);
  const edit = (name: string, oldText: string, newText: string) =>
    call(workspace, "edit_file", { path: `problems/${name}`, edits: [{ old_text: oldText, new_text: newText }] });

  it("is listed for a file that was not open, by line, and for the folder; with a limit and by severity", async () => {
    put("a.judged", "fine\n  bad one\nodd two\nbad three\n");
    const all = await call(workspace, "diagnostics", { path: "problems/a.judged" });
    const few = await call(workspace, "diagnostics", { path: "problems", severity: "error", limit: 1 });
    const none = await call(workspace, "diagnostics", { path: "problems/none" });
    assert.deepEqual(
      [all, few.text, none.text],
      [
        {
          text: [
            "[problems/a.judged: 2 errors, 1 warning]",
            "problems/a.judged:2:1 error judge(7): bad one is not allowed",
            "problems/a.judged:4:1 error judge(7): bad three is not allowed",
            "problems/a.judged:3:1 warning judge(odd): odd two is not allowed",
          ].join("\n"),
          isError: false,
          summary: "2 errors, 1 warning",
        },
        "[problems: 2 errors]\nproblems/a.judged:2:1 error judge(7): bad one is not allowed\n[... 1 more not shown. Ask for one file or folder, or with a higher limit. ...]",
        "[problems/none: no problems] Only files that the services have looked at are known.",
      ],
    );
  });

  it("is told after an edit when it is new, and only then; what was there before is not", async () => {
    put("b.judged", "bad old\nfine\n");
    const worse = await edit("b.judged", "fine", "first\nbad new\nodd new");
    assert.deepEqual(
      [worse.text, worse.summary],
      [
        [
          "Wrote problems/b.judged (+3 −1 lines).",
          "New since this edit, by VS Code's language services:",
          "problems/b.judged:3:1 error judge(7): bad new is not allowed",
          "problems/b.judged:4:1 warning judge(odd): odd new is not allowed",
        ].join("\n"),
        "+3 −1 · 1 error, 1 warning",
      ],
    );
    const same = await edit("b.judged", "first\n", "");
    assert.deepEqual([same.text, same.summary], ["Wrote problems/b.judged (+0 −1 lines).", "+0 −1"]);
    const better = await edit("b.judged", "bad new\n", "");
    assert.equal(better.text, "Wrote problems/b.judged (+0 −1 lines).");
    const made = await call(workspace, "write_file", { path: "problems/c.judged", content: "bad from the start\n" });
    assert.match(made.text, /^Created problems\/c\.judged[^\n]*\nNew since[^\n]*\nproblems\/c\.judged:1:1 error/);
  });

  it("is not told of a file that a rule withholds, also where the editor has it by the name of a link", async () => {
    for (const name of ["open", "secret"]) {
      put(`${name}.judged`, "fine\n");
      symlinkSync(path.join(root, `${name}.judged`), path.join(root, `${name}-link.judged`));
    }
    const rules = [{ id: "r", action: "deny", path: "**/secret.judged", source: "user" }] as const;
    const policy = { rules, mode: "ask", root: workspace.root } as const;
    const told = async (name: string) => {
      const args = { path: `problems/for-${name}`, content: `bad also ${name}\n` };
      const planned = await plan(workspace, "write_file", args);
      const { text } = await planned.run(runContext({ mayRead: (file) => mayRead(policy, "diagnostics", file) }));
      return text
        .split("\n")
        .slice(2)
        .map((line) => line.replace(/ error .*/, ""));
    };
    const left = "[1 left out: a rule of the person withholds its file]";
    assert.deepEqual(
      [
        await told("open.judged"),
        await told("open-link.judged"),
        await told("secret.judged"),
        await told("secret-link.judged"),
      ],
      [
        ["problems/for-open.judged:1:1", "problems/open.judged:1:1"],
        ["problems/for-open-link.judged:1:1", "problems/open-link.judged:1:1"],
        ["problems/for-secret.judged:1:1", left],
        ["problems/for-secret-link.judged:1:1", left],
      ],
    );
  });

  it("holds up nothing: a stop ends the wait", async () => {
    put("d.judged", "fine\n");
    const stop = new AbortController();
    const planned = await plan(workspace, "edit_file", {
      path: "problems/d.judged",
      edits: [{ old_text: "fine", new_text: "finer" }],
    });
    await vscode.workspace.openTextDocument(path.join(root, "d.judged"));
    const done = planned.run(runContext({ signal: stop.signal }));
    while ((await workspace.read(path.join(root, "d.judged"))).kind !== "text") await Promise.resolve();
    setTimeout(() => stop.abort(), 30);
    assert.equal((await done).isError, false);
  });
});
