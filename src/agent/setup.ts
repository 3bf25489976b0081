/** The surroundings of the chat as the views show them: the key, the folder, and what stands in the way. */
import type { Banner, Setup } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import { noKey } from "../models/errors";
import { defaultRowsInView, type SettingsState } from "../models/settings";
import type { KeyConfig } from "../models/types";
import type { StoreState, TabRecord } from "../store/types";
import { choicesOf } from "./choices";
import { ruleProblems } from "./rules";
import type { Surroundings } from "./types";

/** Loopback with this key name is the demo model that `npm start` runs. */
const DEMO_KEY_ID = "demo";

export async function readSetup(surroundings: Surroundings, dismissed: ReadonlySet<string>): Promise<Setup> {
  const state = surroundings.settings();
  const banners = [
    ...storeBanners(surroundings),
    ...folderBanners(surroundings),
    ...settingsBanners(state),
    ...permissionBanners(surroundings),
    ...((await surroundings.banners?.()) ?? []),
  ].filter((banner) => !dismissed.has(banner.id));
  const noUndo = whyNoUndo(surroundings);
  const common = {
    banners,
    rowsInView: rowsInView(state),
    ...(surroundings.workspaceName === undefined ? {} : { folder: surroundings.workspaceName }),
    ...(noUndo === undefined ? {} : { noUndo }),
  };
  const demo = state.ok && state.settings.models[0].key.id === DEMO_KEY_ID;
  return { ...common, key: await readKey(surroundings, {}), demo };
}

/**
 * Whether a tab has a model that can be asked. What it was told to ask must have its secret; of the list of the settings any
 * may: turns pass over those before it.
 * @param own what the tab keeps; nothing: what the settings say.
 */
export async function readKey(surroundings: Surroundings, own: Pick<TabRecord, "models">): Promise<Setup["key"]> {
  const state = surroundings.settings();
  if (!state.ok) return { kind: "settings", message: state.message };
  const [first, ...rest] = choicesOf(state.settings, own);
  const unset: KeyConfig[] = [];
  for (const { key } of own.models === undefined ? [first, ...rest] : [first]) {
    if (await surroundings.hasSecret(key.id)) {
      for (const before of unset) surroundings.keys.unset(before, noKey(before));
      return { kind: "ready" };
    }
    unset.push(key);
  }
  return { kind: "missing", keyId: first.key.id };
}

/** How many rows a view holds at most; what is wrong with the settings must not keep a chat from being read. */
export function rowsInView(state: SettingsState): number {
  return state.ok ? state.settings.rowsInView : defaultRowsInView;
}

/** Why no turn may start now, in one sentence; nothing when one may. */
export function whyNoTurn(surroundings: Surroundings, key: Setup["key"]): string | undefined {
  const trouble = surroundings.blocked?.() ?? storeTrouble(surroundings.store.state);
  if (trouble !== undefined) return trouble;
  switch (key.kind) {
    case "missing":
      return `There is no API key for "${key.keyId}" yet. Set one with the command Dispatch: Set API Key${orInEnvironment(surroundings.settings(), key.keyId)}.`;
    case "settings":
      return key.message;
    case "ready":
      return undefined;
  }
}

/** Why no edit can be undone or redone now, in one sentence; nothing when it can be tried. */
export function whyNoUndo({ blocked, workspace, store: { state } }: Surroundings): string | undefined {
  const why = blocked?.();
  if (why !== undefined) return why;
  if (workspace === undefined) return "No folder is open in this window.";
  switch (state.kind) {
    case "writer":
      return undefined;
    case "reader":
      return "Only the window that writes the chats can undo or redo their edits.";
    case "newer":
      return storeTrouble(state);
    case "blocked":
      return "The log can't be written now, so no edit can be undone or redone.";
    default:
      return assertNever(state);
  }
}

function orInEnvironment(state: SettingsState, keyId: string): string {
  const env = state.ok ? state.settings.keys.find((key) => key.id === keyId)?.env : undefined;
  return env === undefined ? "" : `, or start Dispatch with it in the environment variable ${env}`;
}

function storeTrouble(state: StoreState): string | undefined {
  switch (state.kind) {
    case "writer":
      return undefined;
    case "reader":
      return state.owner;
    case "newer":
      return `These chats were written by a newer version of Dispatch (format ${state.fileVersion}, this one knows ${state.codeVersion}). You can read them; update Dispatch to go on.`;
    case "blocked":
      return `${state.reason} Nothing is lost: what is running is kept in memory and saved as soon as that is possible. New turns wait until then.`;
  }
}

function storeBanners(surroundings: Surroundings): Banner[] {
  const { state } = surroundings.store;
  const trouble = storeTrouble(state);
  const found: Banner[] = surroundings.store.recovery.map((message) => ({
    id: `recovery:${message}`,
    severity: "warning",
    message,
    dismissible: true,
    action: { label: "Show log", command: "show-log" },
  }));
  if (trouble === undefined) return found;
  const severity = state.kind === "blocked" ? "error" : "warning";
  const canTakeOver = state.kind === "reader" && state.doubtful !== undefined;
  const action = canTakeOver ? { action: { label: "Take over…", command: "take-over" } as const } : {};
  return [...found, { id: `store:${state.kind}`, severity, message: trouble, ...action }];
}

function settingsBanners(state: SettingsState): Banner[] {
  if (!state.ok || state.problem === undefined) return [];
  const message = `The settings are not as they should be, so those from before count: ${state.problem}`;
  const action = { label: "Open settings", command: "open-settings" } as const;
  return [{ id: "settings", severity: "warning", message, action }];
}

function permissionBanners(surroundings: Surroundings): Banner[] {
  const action = { label: "Open settings", command: "open-settings" } as const;
  return ruleProblems(surroundings).map(({ id, message }) => ({
    id,
    severity: "warning",
    message,
    action,
    dismissible: id === "permissions-ignored",
  }));
}

function folderBanners({ workspace, workspaceName }: Surroundings): Banner[] {
  if (workspace !== undefined || workspaceName !== undefined) return [];
  const message = "No folder is open, so the agent has no files to work on.";
  return [{ id: "no-folder", severity: "info", message, action: { label: "Open folder", command: "open-folder" } }];
}
