/** Read-only documents without a file: the sides of a diff, the whole output of a tool. */
import * as vscode from "vscode";
import { createDisposableList, type Disposable } from "./dispose";

export interface Documents extends Disposable {
  /** @param name shown in the title; its extension picks the language. @returns an address that lives until the editor closes it. */
  put(scheme: Scheme, name: string, text: string): vscode.Uri;
}

export type Scheme = "dispatch-diff" | "dispatch-output";

export function createDocuments(): Documents {
  const owned = createDisposableList();
  const texts = new Map<string, string>();
  let count = 0;
  const provider = { provideTextDocumentContent: (uri: vscode.Uri) => texts.get(uri.toString()) };
  owned.push(vscode.workspace.registerTextDocumentContentProvider("dispatch-diff", provider));
  owned.push(vscode.workspace.registerTextDocumentContentProvider("dispatch-output", provider));
  owned.push(vscode.workspace.onDidCloseTextDocument((document) => texts.delete(document.uri.toString())));
  return {
    put(scheme, name, text) {
      count += 1;
      const uri = vscode.Uri.from({
        scheme,
        path: `/${name.replaceAll("\\", "/").replace(/^\/+/, "")}`,
        query: `${count}`,
      });
      texts.set(uri.toString(), text);
      forgetUnopened(texts);
      return uri;
    },
    dispose: () => owned.dispose(),
  };
}

/** What is never opened (a file of many that nobody scrolls to) is never closed either. */
const MOST = 500;

function forgetUnopened(texts: Map<string, string>): void {
  if (texts.size <= MOST) return;
  const open = new Set(vscode.workspace.textDocuments.map((document) => document.uri.toString()));
  for (const uri of [...texts.keys()].slice(0, -MOST / 2)) if (!open.has(uri)) texts.delete(uri);
}
