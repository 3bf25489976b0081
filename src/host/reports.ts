/** Reports as read-only documents, shown in the editor's Markdown preview. They are made anew whenever they are read. */
import * as vscode from "vscode";
import type { Session } from "../agent/types";
import { createDisposableList, type Disposable } from "./dispose";
import { cacheTimeline, usageReport } from "./usage-report";

const scheme = "dispatch-report";

export type Reports = Disposable & {
  readonly showUsage: () => Promise<void>;
  /** Of the chat in front. */
  readonly showTimeline: (session: Session) => Promise<void>;
};

/** @param session asked at each reading: it may have been opened anew since. */
export function createReports(session: () => Promise<Session | undefined>): Reports {
  const owned = createDisposableList();
  const changed = owned.push(new vscode.EventEmitter<vscode.Uri>());

  async function provideTextDocumentContent({ path, query }: vscode.Uri): Promise<string> {
    const open = await session();
    if (open === undefined) return "The chats are closed.\n";
    if (path === usagePath) return usageReport(await open.usage(), dayOf(new Date()));
    const { title, steps } = await open.timeline(query);
    return cacheTimeline(title, steps);
  }

  async function show(uri: vscode.Uri): Promise<void> {
    changed.fire(uri); // one that is on screen is brought up to date
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  const provider = { onDidChange: changed.event, provideTextDocumentContent };
  owned.push(vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
  return {
    showUsage: () => show(vscode.Uri.from({ scheme, path: usagePath })),
    showTimeline: (open) =>
      show(vscode.Uri.from({ scheme, path: "/Cache timeline.md", query: open.summary().activeTab })),
    dispose: () => owned.dispose(),
  };
}

const usagePath = "/Usage.md";

/** In the local calendar. */
function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
