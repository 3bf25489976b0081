/** Changes of the person's own rules, in their user settings. */
import * as vscode from "vscode";
import type { Permission } from "../models/settings-permissions";

const SETTING = "dispatch.permissions";

/** Adds a rule behind the others. Rejects with a sentence when it can't be written. */
export async function savePermission(permission: Permission): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const value: unknown = configuration.inspect(SETTING)?.globalValue ?? [];
  if (!Array.isArray(value)) throw new Error(`${SETTING} is not a list in your settings.`);
  await configuration.update(SETTING, [...value, permission], vscode.ConfigurationTarget.Global);
}
