/** The settings file of the headless runner: read at the start and again whenever it changes. */
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { homedir } from "node:os";
import type { PermissionSettings } from "../agent/rules";
import { keepGood, parseSettings, type SettingsState } from "../models/settings";
import { parsePermissions } from "../models/settings-permissions";
import { allTools, commandTools } from "../tools";

export type SettingsFile = {
  readonly settings: () => SettingsState;
  readonly permissions: () => PermissionSettings;
  /** Looks at the file twice a second. @param changed called after a change was taken in. @returns what ends it. */
  readonly watch: (changed: () => void) => () => void;
};

const LOOK_MS = 500;

/** A change that is broken changes nothing but what is said. @returns undefined when the file can't be read at all. */
export function openSettingsFile(file: string): SettingsFile | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  let { settings, permissions } = parse(file, text);
  return {
    settings: () => settings,
    permissions: () => permissions,
    watch(changed) {
      const read = (): void => {
        const now = readText(file);
        const next = now === undefined ? broken(`${file} can't be read.`, permissions) : parse(file, now, permissions);
        settings = keepGood(settings, next.settings);
        permissions = next.permissions;
        changed();
      };
      watchFile(file, { interval: LOOK_MS, persistent: false }, read);
      return () => unwatchFile(file, read);
    },
  };
}

type Parsed = { readonly settings: SettingsState; readonly permissions: PermissionSettings };

const none: PermissionSettings = { user: { rules: [] }, workspace: { rules: [] } };

function broken(message: string, permissions: PermissionSettings = none): Parsed {
  return { settings: { ok: false, message }, permissions };
}

function parse(file: string, text: string, before?: PermissionSettings): Parsed {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return broken(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`, before);
  }
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    return broken(`${file} must hold one JSON object with settings by their full names.`, before);
  }
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(raw));
  const world = { tools: allTools.map(({ name }) => name), commandTools, home: homedir() };
  const user = parsePermissions(fields["dispatch.permissions"], world, before?.user);
  return { settings: parseSettings(fields), permissions: { ...none, user } };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
