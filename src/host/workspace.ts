/** The folder on disk that the tools work in, and what only the editor knows about its files. */
import * as vscode from "vscode";
import type { SettingsState } from "../models/settings";
import { createNodeWorkspace } from "../tools/node-workspace";
import { ripgrepOfEditor } from "../tools/ripgrep-place";
import type { Sandbox, Workspace } from "../tools/types";
import { createDiagnostics } from "./diagnostics";
import { createEditorFiles } from "./editor-files";

/**
 * The first folder of the window, once it is trusted; undefined otherwise.
 * @param own folders of the extension itself: its code and its storage.
 * @param settings their keys name the environment variables that a command of the agent must not see.
 */
export function openWorkspace(
  own: readonly string[],
  settings: () => SettingsState,
  sandbox: Sandbox | undefined,
): Workspace | undefined {
  const root = workspaceRoot();
  if (root === undefined || !vscode.workspace.isTrusted) return undefined;
  const disk = createNodeWorkspace({
    root,
    guardedPaths: own,
    stripEnv: () => keyVariables(settings()),
    ...(sandbox === undefined ? {} : { sandbox }),
    ripgrep: ripgrepOfEditor(vscode.env.appRoot),
  });
  return { ...disk, ...createEditorFiles(disk), diagnostics: createDiagnostics(disk.root) };
}

/** Path of the first folder that is on disk, trusted or not. */
export const workspaceRoot = (): string | undefined => firstFolder()?.uri.fsPath;

/** Its name, as the explorer shows it. */
export const workspaceName = (): string | undefined => firstFolder()?.name;

/** The folder that the tools work in, trusted or not. */
export const firstFolder = (): vscode.WorkspaceFolder | undefined =>
  vscode.workspace.workspaceFolders?.find((folder) => folder.uri.scheme === "file");

const keyVariables = (state: SettingsState): readonly string[] =>
  state.ok ? state.settings.keys.flatMap((key) => key.env ?? []) : [];
