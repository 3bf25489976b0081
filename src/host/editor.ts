/** What a view may ask of the editor. All of it comes from text that a model may have written: it is looked at first. */
import path from "node:path";
import * as vscode from "vscode";
import type { Editor } from "../agent/types";
import type { BannerCommand } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import { createDisposableList, type Disposable } from "./dispose";
import { createDocuments } from "./documents";
import type { Log } from "./log";
import { errorText } from "./log";
import { openSettings } from "./register";
import { openTerminal } from "./terminal";

export type HostEditor = { readonly editor: Editor } & Disposable;

/** What banners offer that concerns the chats themselves. */
export type ChatActs = { readonly bringHistory: () => Promise<void>; readonly takeOver: () => Promise<void> };

/** @param root the folder that relative paths start from; undefined without one. */
export function createEditor(root: () => string | undefined, log: Log, acts: ChatActs): HostEditor {
  const owned = createDisposableList();
  const documents = owned.push(createDocuments());
  const lastEditor = owned.push(followLastEditor());

  /** Acts are asked for and forgotten: a refusal of the editor is told here. */
  const act = (what: string, done: () => Thenable<unknown>) => {
    const report = (error: unknown) => {
      log.write("warn", `${what}: ${errorText(error)}`);
      void vscode.window.showWarningMessage(`${what}: ${errorText(error)}`);
    };
    void (async () => done())().catch(report);
  };

  const editor: Editor = {
    openFile: (file, line) => act(`${file} can't be opened`, () => openFile(root(), file, line)),
    openLink: (href) => act("The link can't be opened", () => openLink(href)),
    openDiff: ({ title, path: name, before, after }) =>
      act("The diff can't be opened", () => {
        const left = documents.put("dispatch-diff", name, before);
        const right = documents.put("dispatch-diff", name, after);
        return vscode.commands.executeCommand("vscode.diff", left, right, title, { preview: true });
      }),
    openChanges: ({ title, files }) =>
      act("The changes can't be opened", () => {
        const sides = files.map(({ path: name, before, after }) => {
          const right = documents.put("dispatch-diff", name, after);
          return [right, documents.put("dispatch-diff", name, before), right];
        });
        return vscode.commands.executeCommand("vscode.changes", title, sides);
      }),
    openText: ({ title, text }) =>
      act("The text can't be opened", () =>
        vscode.window.showTextDocument(documents.put("dispatch-output", title, text), { preview: true }),
      ),
    openTerminal: ({ command, cwd }) =>
      act("The command can't be opened in a terminal", () => openTerminal(command, cwd)),
    copy: (text) => act("The text can't be copied", () => vscode.env.clipboard.writeText(text)),
    insert: (text) => act("The text can't be inserted", () => insert(lastEditor.current(), text)),
    run: (command) => act("The command failed", () => run(command, log, acts)),
  };
  return { editor, dispose: () => owned.dispose() };
}

async function openFile(root: string | undefined, file: string, line: number | undefined): Promise<void> {
  const absolute = root === undefined ? path.normalize(file) : path.resolve(root, file);
  // Only to look at a path on another machine sends it the account's credentials on Windows.
  if (absolute.startsWith("\\\\") || absolute.startsWith("//")) throw new Error("it is on another machine.");
  if (!path.isAbsolute(absolute)) throw new Error("no folder is open.");
  const uri = vscode.Uri.file(absolute);
  const stat = await vscode.workspace.fs.stat(uri).then(
    (found) => found,
    () => undefined,
  );
  if (stat === undefined) throw new Error("it isn't there.");
  if (stat.type & vscode.FileType.Directory) {
    await vscode.commands.executeCommand("revealInExplorer", uri);
    return;
  }
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  const selection = line === undefined ? {} : { selection: new vscode.Range(at, at) };
  await vscode.commands.executeCommand("vscode.open", uri, { preview: true, ...selection });
}

/**
 * The editor shows a web address that the person has not trusted in full and asks; for mail we ask ourselves. `vscode.open`
 * takes the address as text: as a `Uri` it would be decoded, and `%26` in it become `&`.
 */
async function openLink(href: string): Promise<void> {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  switch (url?.protocol) {
    case "http:":
    case "https:":
      await vscode.commands.executeCommand("vscode.open", url.href);
      return;
    case "mailto:": {
      const choice = await vscode.window.showInformationMessage(
        "Open this in your mail program?",
        { modal: true, detail: url.href },
        "Open",
      );
      if (choice === "Open") await vscode.env.openExternal(vscode.Uri.parse(url.href, true));
      return;
    }
    default:
      throw new Error("only web and mail addresses are opened from a chat.");
  }
}

async function insert(editor: vscode.TextEditor | undefined, text: string): Promise<void> {
  if (editor === undefined) throw new Error("open a file and put the cursor where the text belongs.");
  const done = await editor.edit((edit) => {
    for (const selection of editor.selections) edit.replace(selection, text);
  });
  if (!done) throw new Error("the file in the editor is read-only.");
  await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active });
}

async function run(command: BannerCommand, log: Log, acts: ChatActs): Promise<void> {
  switch (command) {
    case "set-api-key":
      await vscode.commands.executeCommand("dispatch.setApiKey");
      return;
    case "open-settings":
      return openSettings();
    case "show-log":
      return log.show();
    case "open-folder":
      await vscode.commands.executeCommand("vscode.openFolder");
      return;
    case "manage-trust":
      await vscode.commands.executeCommand("workbench.trust.manage");
      return;
    case "search-history":
      await vscode.commands.executeCommand("dispatch.searchHistory");
      return;
    case "bring-history":
      return acts.bringHistory();
    case "take-over":
      return acts.takeOver();
    case "select-model":
      await vscode.commands.executeCommand("dispatch.selectModel");
      return;
    case "resume":
      return; // an act of the session; it never comes this far
    default:
      return assertNever(command);
  }
}

/** While a view has the focus there may be no active editor: then the last one that is still on screen counts. */
function followLastEditor(): Disposable & { readonly current: () => vscode.TextEditor | undefined } {
  let last = vscode.window.activeTextEditor;
  const listener = vscode.window.onDidChangeActiveTextEditor((editor) => {
    if (editor !== undefined) last = editor;
  });
  const usable = (editor: vscode.TextEditor) =>
    vscode.window.visibleTextEditors.includes(editor) && editor.document.uri.scheme !== "output";
  return {
    current: () => [vscode.window.activeTextEditor, last].find((editor) => editor !== undefined && usable(editor)),
    dispose: () => listener.dispose(),
  };
}
