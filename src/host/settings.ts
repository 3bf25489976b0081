/**
 * The settings as the person set them: nothing in a repository can change where a key is sent. Only of the permissions
 * the folder's own are read too, to forbid and to ask.
 */
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { PermissionSettings } from "../agent/rules";
import { keepGood, parseSettings, type SettingsState } from "../models/settings";
import { type PermissionsState, parsePermissions } from "../models/settings-permissions";
import { allTools, commandTools } from "../tools";
import { settingIds } from "./contributions";
import type { Disposable } from "./dispose";
import { firstFolder } from "./workspace";

export interface SettingsSource extends Disposable {
  /** The state as of now. A wrong shape is a sentence. */
  readonly current: () => SettingsState;
  readonly permissions: () => PermissionSettings;
}

/** @param changed called after `current` has taken in a change. */
export function watchSettings(changed: () => void): SettingsSource {
  let state = readSettings();
  let permissions = readPermissions();
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration("dispatch")) return;
    state = keepGood(state, readSettings());
    permissions = readPermissions(permissions);
    changed();
  });
  return { current: () => state, permissions: () => permissions, dispose: () => listener.dispose() };
}

/**
 * VS Code merges nothing here: a list of the folder would otherwise replace the person's own.
 * @param before what counts until now: of a value that is broken it stays.
 */
function readPermissions(before?: PermissionSettings): PermissionSettings {
  const values = vscode.workspace.getConfiguration(undefined, firstFolder()).inspect("dispatch.permissions");
  const world = { tools: allTools.map(({ name }) => name), commandTools, home: homedir() };
  const read = (value: unknown, kept: PermissionsState | undefined) => parsePermissions(value, world, kept);
  return {
    user: read(values?.globalValue, before?.user),
    workspace: read(joined(values?.workspaceValue, values?.workspaceFolderValue), before?.workspace),
  };
}

/** With a workspace file both it and the folder can have rules; without one VS Code gives the folder's twice. */
function joined(workspace: unknown, folder: unknown): unknown {
  if (vscode.workspace.workspaceFile === undefined) return folder ?? workspace;
  return workspace === undefined || folder === undefined ? (workspace ?? folder) : [workspace, folder].flat();
}

/** Reads user and machine values only, whatever scope the manifest gives: a workspace's value is never looked at. */
function readSettings(): SettingsState {
  const configuration = vscode.workspace.getConfiguration();
  const raw: Record<string, unknown> = {};
  for (const id of settingIds) {
    const value: unknown = configuration.inspect(id)?.globalValue;
    if (value !== undefined) raw[id] = value;
  }
  return parseSettings(raw);
}
