/** The settings as the person set them. All are machine scope: nothing in a repository can change where a key is sent. */
import * as vscode from "vscode";
import { keepGood, parseSettings, type SettingsState } from "../models/settings";
import { settingIds } from "./contributions";
import type { Disposable } from "./dispose";

export interface SettingsSource extends Disposable {
  /** The state as of now. A wrong shape is a sentence. */
  readonly current: () => SettingsState;
}

/** @param changed called after `current` has taken in a change. */
export function watchSettings(changed: () => void): SettingsSource {
  let state = readSettings();
  const listener = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration("dispatch")) return;
    state = keepGood(state, readSettings());
    changed();
  });
  return { current: () => state, dispose: () => listener.dispose() };
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
