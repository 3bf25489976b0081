/**
 * Files as the person has them: what is unsaved in an editor is read as it is and never overwritten, and what is written
 * goes through the editor's document, so that it can be undone there and the person's own formatter runs at the save.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import * as vscode from "vscode";
import { lineChanges, splitLines } from "../tools/line-changes";
import { encode, MAX_FILE_BYTES } from "../tools/node-files";
import type { Encoding, FileRead, FileWrite, Workspace } from "../tools/types";

type Files = Pick<Workspace, "read" | "write" | "remove">;

/** @param disk the same files without an editor. */
export function createEditorFiles(disk: Files): Files {
  return {
    read: (path) => {
      const [document] = documentsOf(path).filter(isDirty);
      return document === undefined ? disk.read(path) : Promise.resolve(readUnsaved(document));
    },
    write: (path, text, encoding, expected) =>
      expected === null
        ? create(disk, path, text, encoding)
        : expected.startsWith(UNSAVED)
          ? change(disk, path, text, expected)
          : save(disk, path, text, encoding, expected),
    remove: (path, expected) => remove(disk, path, expected),
  };
}

/** Documents of a real path: one may be open under a link to it. */
function documentsOf(path: string): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(
    (document) => document.uri.scheme === "file" && !document.isClosed && realPath(document.uri.fsPath) === path,
  );
}

/** The path itself where there is no such file yet: an unsaved new document. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

const isDirty = (document: vscode.TextDocument): boolean => document.isDirty;

/** A notebook's cells are documents of their own: its file is open without being one. */
function isUnsaved(path: string): boolean {
  const notebook = vscode.workspace.notebookDocuments.some(
    ({ isDirty, uri }) => isDirty && uri.scheme === "file" && realPath(uri.fsPath) === path,
  );
  return notebook || documentsOf(path).some(isDirty);
}

/** Stamps of texts that are not on disk begin like this. */
const UNSAVED = "unsaved:";

const stampOf = (text: string): string => UNSAVED + createHash("sha256").update(text).digest("hex");

function readUnsaved(document: vscode.TextDocument): FileRead {
  const text = document.getText();
  if (text.length > MAX_FILE_BYTES) return { kind: "too-large", size: text.length, limit: MAX_FILE_BYTES };
  return { kind: "text", text, encoding: encodingOf(document) ?? "utf8", stamp: stampOf(text), unsaved: true };
}

function encodingOf({ encoding }: vscode.TextDocument): Encoding | undefined {
  return encoding === "utf8"
    ? "utf8"
    : encoding === "utf8bom"
      ? "utf8-bom"
      : encoding === "utf16le"
        ? "utf16le"
        : undefined;
}

/** Changes the text in the editor that has unsaved changes; it stays unsaved. */
async function change(disk: Files, path: string, text: string, expected: string): Promise<FileWrite> {
  const [document, other] = documentsOf(path).filter(isDirty);
  if (document === undefined) {
    // Saved since it was shown: the same text is on disk now, or another one.
    const file = await disk.read(path);
    if (file.kind !== "text" || stampOf(file.text) !== expected) return { kind: "changed" };
    return save(disk, path, text, file.encoding, file.stamp);
  }
  if (other !== undefined) return { kind: "unsaved" };
  if (!keepsLineEnds(document, text)) return { kind: "error", message: MIXED_ENDS };
  if (!(await survives(document, text))) return { kind: "error", message: otherEncoding(document) };
  if (stampOf(document.getText()) !== expected) return { kind: "changed" };
  return (await replace(document, text)) ? { kind: "written", unsaved: true } : { kind: "changed" };
}

/** Writes over a file that nobody has changed, through its document where that gives the same bytes. */
async function save(disk: Files, path: string, text: string, encoding: Encoding, expected: string): Promise<FileWrite> {
  if (isUnsaved(path)) return { kind: "unsaved" };
  const document = documentsOf(path)[0] ?? (await open(path));
  const before = await disk.read(path);
  if (before.kind !== "text" || before.stamp !== expected) return { kind: "changed" };
  // A file that VS Code does not show as text, or shows with other line ends than it has, it would not save as it is.
  if (document === undefined || document.getText() !== before.text || !keepsLineEnds(document, text)) {
    return isUnsaved(path) ? { kind: "unsaved" } : disk.write(path, text, encoding, expected);
  }
  if (!(await canEncode(document, text, encoding))) return { kind: "error", message: otherEncoding(document) };
  if (document.isDirty) return { kind: "unsaved" };
  if (!(await replace(document, text))) return { kind: document.isDirty ? "unsaved" : "changed" };
  return saved(disk, document, path, text);
}

/** The person's own formatters run at this save, and they decide what is in the file then. */
async function saved(disk: Files, document: vscode.TextDocument, path: string, wanted: string): Promise<FileWrite> {
  if (!(await document.save())) return { kind: "written", unsaved: true, text: document.getText() };
  const file = await disk.read(path);
  if (file.kind !== "text")
    return { kind: "error", message: `${path} was replaced by something else while it was saved.` };
  return file.text === wanted ? { kind: "written" } : { kind: "written", text: file.text };
}

/** A new file is complete on disk first, in one piece; then the person's formatters get their turn. */
async function create(disk: Files, path: string, text: string, encoding: Encoding): Promise<FileWrite> {
  if (isUnsaved(path)) return { kind: "unsaved" };
  const written = await disk.write(path, text, encoding, null);
  if (written.kind !== "written" || text === "") return written;
  const document = await open(path);
  if (document === undefined || document.isDirty || document.getText() !== text) return written;
  // What is unchanged is not saved: one character that replaces itself makes it a change.
  const first = new vscode.Range(0, 0, 0, 1);
  const touch = new vscode.WorkspaceEdit();
  touch.replace(document.uri, first, document.getText(first));
  return (await vscode.workspace.applyEdit(touch)) ? saved(disk, document, path, text) : written;
}

/** Through the editor, which has a trash and can undo it. */
async function remove(disk: Files, path: string, expected: string): Promise<FileWrite> {
  if (isUnsaved(path)) return { kind: "unsaved" };
  const file = await disk.read(path);
  if (file.kind !== "text" || file.stamp !== expected) return { kind: "changed" };
  const edit = new vscode.WorkspaceEdit();
  edit.deleteFile(vscode.Uri.file(path), { ignoreIfNotExists: false });
  return (await vscode.workspace.applyEdit(edit)) ? { kind: "written" } : disk.remove(path, expected);
}

/** Not shown anywhere by this. */
async function open(path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  } catch {
    return undefined;
  }
}

/** Only the lines that differ, so that cursors and marks elsewhere stay. @returns false when it was changed meanwhile. */
async function replace(document: vscode.TextDocument, text: string): Promise<boolean> {
  const old = splitLines(document.getText());
  const starts = [0];
  for (const line of old) starts.push((starts.at(-1) ?? 0) + line.length);
  const edit = new vscode.WorkspaceEdit();
  for (const { from, to, lines } of lineChanges(old, splitLines(text))) {
    const range = new vscode.Range(document.positionAt(starts[from] ?? 0), document.positionAt(starts[to] ?? 0));
    edit.replace(document.uri, range, lines.join(""));
  }
  return vscode.workspace.applyEdit(edit);
}

/** A document has one kind of line end: any other one in the text would be changed. */
function keepsLineEnds(document: vscode.TextDocument, text: string): boolean {
  const end = document.eol === vscode.EndOfLine.CRLF ? "\r\n" : "\n";
  return text.replace(/\r\n|\r|\n/g, end) === text;
}

/** Whether a save of the document gives the same bytes as the text in its encoding. */
async function canEncode(document: vscode.TextDocument, text: string, encoding: Encoding): Promise<boolean> {
  if (encodingOf(document) !== undefined) return true;
  const bytes = await vscode.workspace.encode(text, { encoding: document.encoding });
  return Buffer.from(bytes).equals(encode(text, encoding));
}

/** Whether a text has no character that is lost when the document is saved. */
async function survives(document: vscode.TextDocument, text: string): Promise<boolean> {
  if (encodingOf(document) !== undefined) return true;
  const { encoding } = document;
  const bytes = await vscode.workspace.encode(text, { encoding });
  return (await vscode.workspace.decode(bytes, { encoding })) === text;
}

const MIXED_ENDS =
  "The edit would mix line ends in an editor with unsaved changes, which keeps one kind of them. Use those that the file has.";

const otherEncoding = ({ encoding }: vscode.TextDocument): string =>
  `VS Code has this file as ${encoding}, not UTF-8, and the new text has characters that would be damaged by that. Ask the person to reopen it with UTF-8, or leave characters beyond ASCII out.`;
