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
import { createDisposableList, type Disposable } from "./dispose";
import { createFileFollower, findBroken } from "./user-file";
import { firstFolder } from "./workspace";

export interface SettingsSource extends Disposable {
  /** The state as of now. A wrong shape is a sentence. */
  readonly current: () => SettingsState;
  readonly permissions: () => PermissionSettings;
}

/**
 * @param files where VS Code has the settings from. While one of them is broken nothing is taken in: what VS Code can't
 *   make out of it, a limit or a rule that denies, would count as not set.
 * @param changed called after `current` has taken in a change.
 */
export function watchSettings(files: readonly string[], changed: () => void): SettingsSource {
  const owned = createDisposableList();
  const follower = owned.push(createFileFollower(() => take()));
  let permissions = readPermissions();

  const read = (): SettingsState => {
    const problem = findBroken(files);
    follower.follow(problem?.file);
    if (problem !== undefined) return { ok: false, message: problem.message };
    permissions = readPermissions(permissions);
    return readSettings();
  };
  let state = read();
  const take = (): void => {
    state = keepGood(state, read());
    changed();
  };

  owned.push(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("dispatch")) take();
    }),
  );
  return { current: () => state, permissions: () => permissions, dispose: () => owned.dispose() };
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
