import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { openWorkspace, workspaceRoot } from "../../src/host/workspace";
import { parseSettings } from "../../src/models/settings";
import type { Workspace } from "../../src/tools/types";
import { call, plan, refused, runContext } from "../tools/folder";
import { activate, configure } from "./support/chat";

describe("edits through the editor", () => {
  const root = path.join(workspaceRoot() ?? "", "edits");
  let workspace: Workspace;

  before(async () => {
    await activate();
    const opened = openWorkspace([], () => parseSettings({}), undefined);
    assert.ok(opened);
    workspace = opened;
  });
  beforeEach(() => mkdirSync(root, { recursive: true }));
  afterEach(async () => {
    for (const document of dirty()) await revert(document);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    rmSync(root, { recursive: true, force: true });
  });

  const put = (name: string, content: string | Uint8Array): string => {
    const file = path.join(root, name);
    writeFileSync(file, content);
    return file;
  };
  const bytes = (name: string): Buffer => readFileSync(path.join(root, name));
  const text = (name: string): string => bytes(name).toString("utf8");
  const edit = (name: string, oldText: string, newText: string) => ({
    path: `edits/${name}`,
    edits: [{ old_text: oldText, new_text: newText }],
  });

  it("can be undone in an editor that shows the file, and leaves it saved", async () => {
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(put("open.txt", "one\ntwo\nthree\n")));
    const output = await call(workspace, "edit_file", edit("open.txt", "two", "2"));
    assert.deepEqual(
      [output.text, text("open.txt"), document.getText(), document.isDirty],
      ["Wrote edits/open.txt (+1 −1 lines).", "one\n2\nthree\n", "one\n2\nthree\n", false],
    );
    await vscode.commands.executeCommand("undo");
    assert.deepEqual([document.getText(), document.isDirty], ["one\ntwo\nthree\n", true]);
  });

  it("keeps what is in front and its cursor, shows nothing, and can be undone once the file is opened", async () => {
    const shown = await vscode.window.showTextDocument(vscode.Uri.file(put("front.txt", "in front\n")));
    shown.selection = new vscode.Selection(0, 3, 0, 3);
    const file = put("closed.txt", "one\ntwo\n");
    await call(workspace, "edit_file", edit("closed.txt", "two", "2"));
    assert.deepEqual(
      [
        vscode.window.activeTextEditor === shown,
        vscode.window.visibleTextEditors.length,
        shown.selection.active.character,
      ],
      [true, 1, 3],
    );
    assert.deepEqual([text("closed.txt"), dirty().length], ["one\n2\n", 0]);
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(file));
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), "one\ntwo\n");
  });

  it("reads what is unsaved as it is, edits it there and leaves it unsaved", async () => {
    const document = await typed("typed.txt", "one\ntwo\n", "zero\n");
    const read = await call(workspace, "read_file", { path: "edits/typed.txt" });
    assert.equal(
      read.text,
      "[edits/typed.txt: 3 lines; as it is in the editor, with changes that are not saved]\n1\tzero\n2\tone\n3\ttwo",
    );
    const planned = await plan(workspace, "edit_file", edit("typed.txt", "one\ntwo", "1\n2"));
    assert.equal(planned.subject.kind === "edit" && planned.subject.unsaved, true);
    const output = await planned.run(runContext());
    assert.match(
      output.text,
      /^Changed edits\/typed\.txt in the editor \(\+2 −2 lines\)\. The file has unsaved changes/,
    );
    assert.deepEqual([document.getText(), document.isDirty, text("typed.txt")], ["zero\n1\n2\n", true, "one\ntwo\n"]);
    await vscode.commands.executeCommand("undo");
    assert.equal(document.getText(), "zero\none\ntwo\n");
  });

  it("goes on to the disk when what was shown was saved meanwhile, and refuses when it was changed", async () => {
    const document = await typed("saved.txt", "one\n", "zero\n");
    const first = await plan(workspace, "edit_file", edit("saved.txt", "one", "1"));
    const second = await plan(workspace, "edit_file", edit("saved.txt", "zero", "0"));
    await document.save();
    assert.equal((await first.run(runContext())).isError, false);
    assert.deepEqual([text("saved.txt"), document.isDirty], ["zero\n1\n", false]);
    assert.equal((await second.run(runContext())).summary, "changed meanwhile");

    const clean = await plan(workspace, "edit_file", edit("saved.txt", "zero", "0"));
    await type(document, "typed after the card\n");
    assert.equal((await clean.run(runContext())).summary, "unsaved changes");
    assert.deepEqual([document.getText(), text("saved.txt")], ["typed after the card\nzero\n1\n", "zero\n1\n"]);
  });

  it("never writes a whole new text over unsaved changes", async () => {
    await typed("whole.txt", "one\n", "zero\n");
    const error = await refused(workspace, "write_file", { path: "edits/whole.txt", content: "new\n" });
    assert.match(error, /^edits\/whole\.txt is open in the editor with unsaved changes of the person's/);
  });

  const files: Record<string, { readonly before: Uint8Array; readonly after: Uint8Array }> = {
    "UTF-8": { before: Buffer.from("ä one\nrest\n"), after: Buffer.from("ä two €\nrest\n") },
    "UTF-8 with a mark": { before: Buffer.from("\u{FEFF}one\n"), after: Buffer.from("\u{FEFF}two €\n") },
    "UTF-16": {
      before: Buffer.from("\u{FEFF}one ä\r\nrest\r\n", "utf16le"),
      after: Buffer.from("\u{FEFF}two € ä\r\nrest\r\n", "utf16le"),
    },
    CRLF: { before: Buffer.from("one\r\nrest\r\n"), after: Buffer.from("two €\r\nrest\r\n") },
    "mixed line ends": { before: Buffer.from("a\r\none\nb\rc\r\n"), after: Buffer.from("a\r\ntwo €\nb\rc\r\n") },
    "no line break at the end": { before: Buffer.from("rest\none"), after: Buffer.from("rest\ntwo €") },
  };
  for (const [name, { before, after }] of Object.entries(files)) {
    for (const isOpen of [true, false]) {
      it(`keeps ${name}, ${isOpen ? "open" : "not open"}`, async () => {
        const file = put("kept.txt", before);
        if (isOpen) await vscode.window.showTextDocument(vscode.Uri.file(file));
        const output = await call(workspace, "edit_file", edit("kept.txt", "one", "two €"));
        assert.deepEqual([output.summary, bytes("kept.txt"), dirty()], ["+1 −1", after, []]);
      });
    }
  }

  it("damages nothing where VS Code takes files for another encoding", async () => {
    await configure({ "files.encoding": "windows1252" });
    try {
      put("ascii.txt", "one\n");
      put("utf8.txt", "ä one\n");
      assert.equal((await call(workspace, "edit_file", edit("ascii.txt", "one", "two"))).isError, false);
      const beyond = await call(workspace, "edit_file", edit("ascii.txt", "two", "€"));
      assert.match(beyond.text, /^Nothing was written\. VS Code has this file as windows1252, not UTF-8/);
      // It is UTF-8, which VS Code only shows wrongly: on disk it stays UTF-8.
      assert.equal((await call(workspace, "edit_file", edit("utf8.txt", "one", "€"))).isError, false);
      assert.deepEqual([text("ascii.txt"), text("utf8.txt"), dirty()], ["two\n", "ä €\n", []]);
    } finally {
      await configure({ "files.encoding": undefined });
    }
  });

  it("lets the person's formatter run, new files too, and tells the model what that has changed", async () => {
    const formatter = vscode.languages.registerDocumentFormattingEditProvider(
      { pattern: "**/edits/*.shout" },
      {
        provideDocumentFormattingEdits(document) {
          const line = document.lineAt(0);
          return [vscode.TextEdit.replace(line.range, line.text.toUpperCase())];
        },
      },
    );
    await configure({ "editor.formatOnSave": true });
    try {
      const made = await call(workspace, "write_file", { path: "edits/a.shout", content: "first\nsecond\n" });
      const edited = await call(workspace, "edit_file", edit("a.shout", "FIRST", "third"));
      assert.deepEqual(
        [made.text, made.edit, text("a.shout"), dirty()],
        [
          [
            "Created edits/a.shout (+2 −0 lines).",
            "The person's editor has changed it further while saving (a formatter, or the like). How what is in the file differs from what you wrote:",
            "- 1\tfirst",
            "+ 1\tFIRST",
            "… 1 unchanged line",
          ].join("\n"),
          { after: "FIRST\nsecond\n", added: 2, removed: 0 },
          "THIRD\nsecond\n",
          [],
        ],
      );
      assert.deepEqual(edited.edit, { after: "THIRD\nsecond\n", added: 1, removed: 1 });
      await configure({ "editor.formatOnSave": false });
      const plain = await call(workspace, "edit_file", edit("a.shout", "THIRD", "fourth"));
      assert.deepEqual([plain.text, text("a.shout")], ["Wrote edits/a.shout (+1 −1 lines).", "fourth\nsecond\n"]);
    } finally {
      formatter.dispose();
      await configure({ "editor.formatOnSave": undefined });
    }
  });

  it("does not follow a link that was put in the way after the card", async () => {
    const elsewhere = path.join(tmpdir(), `dispatch-elsewhere-${process.pid}`);
    mkdirSync(elsewhere, { recursive: true });
    try {
      writeFileSync(path.join(elsewhere, "a.txt"), "one\n");
      mkdirSync(path.join(root, "sub"));
      put("a.txt", "one\n");
      put("sub/a.txt", "one\n");
      const plans = await Promise.all([
        plan(workspace, "edit_file", edit("a.txt", "one", "two")),
        plan(workspace, "edit_file", edit("sub/a.txt", "one", "two")),
        plan(workspace, "write_file", { path: "edits/sub/new.txt", content: "new\n" }),
      ]);
      rmSync(path.join(root, "a.txt"));
      symlinkSync(path.join(elsewhere, "a.txt"), path.join(root, "a.txt"));
      renameSync(path.join(root, "sub"), path.join(root, "old"));
      symlinkSync(elsewhere, path.join(root, "sub"));
      const ends = [];
      for (const planned of plans) ends.push((await planned.run(runContext())).summary);
      assert.deepEqual(ends, ["changed meanwhile", "changed meanwhile", "changed meanwhile"]);
      assert.equal(readFileSync(path.join(elsewhere, "a.txt"), "utf8"), "one\n");
      assert.deepEqual(dirty(), []);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it("deletes a file that nobody has changed, and no other", async () => {
    const file = put("gone.txt", "one\n");
    const read = await workspace.read(file);
    assert.ok(read.kind === "text");
    writeFileSync(file, "by hand\n");
    assert.deepEqual(await workspace.remove(file, read.stamp), { kind: "changed" });
    const now = await workspace.read(file);
    assert.ok(now.kind === "text");
    assert.deepEqual(await workspace.remove(file, now.stamp), { kind: "written" });
    assert.deepEqual(await workspace.read(file), { kind: "missing" });
  });

  const dirty = () => vscode.workspace.textDocuments.filter((document) => document.isDirty);

  const revert = async (document: vscode.TextDocument) => {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  };

  const type = async (document: vscode.TextDocument, words: string) => {
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((change) => change.insert(new vscode.Position(0, 0), words));
  };

  /** A file that is open with unsaved changes. */
  const typed = async (name: string, content: string, words: string) => {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(put(name, content)));
    await type(document, words);
    return document;
  };
});
