/** Puts together what the agent gets from VS Code: the store, the way to a model, the folder, the editor. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { PermissionSettings } from "../agent/rules";
import { lazyShellParser } from "../agent/shell-parser";
import type { Editor, Offers, Surroundings } from "../agent/types";
import type { Banner } from "../chunks/protocol";
import { createCatalog } from "../models/catalog";
import type { KeyRing } from "../models/key-ring";
import { needsSecret } from "../models/profiles";
import { createSender } from "../models/send";
import type { SettingsState } from "../models/settings";
import type { KeyConfig } from "../models/types";
import type { Store } from "../store/types";
import { allTools } from "../tools";
import { readGrammar } from "../tools/shell-grammar";
import type { Workspace } from "../tools/types";
import { createLanguageModelSender, listLanguageModels } from "./language-models";
import type { Log } from "./log";
import type { MovedHistory } from "./moved-history";
import { savePermission } from "./permissions";
import type { WorkspaceSandbox } from "./sandbox";
import { type Secrets, secretProblem } from "./secrets";
import { workspaceName } from "./workspace";

export type Parts = {
  readonly store: Store;
  readonly settings: () => SettingsState;
  readonly permissions: () => PermissionSettings;
  readonly secrets: Secrets;
  readonly keys: KeyRing;
  readonly workspace: Workspace | undefined;
  readonly sandbox: WorkspaceSandbox | undefined;
  readonly editor: Editor;
  readonly moved: MovedHistory;
  readonly offers: Offers;
  /** The folder of the bundles and of the files that they load. */
  readonly bundles: string;
  readonly log: Log;
};

export function createSurroundings(parts: Parts): Surroundings {
  const { store, secrets, workspace, editor, moved, log } = parts;
  const blocked = () => (vscode.workspace.isTrusted ? undefined : untrusted);
  const secret = async (key: KeyConfig) => {
    if (blocked() !== undefined) return undefined;
    const state = await secrets.state(key);
    return state.kind === "ready" ? state.secret : undefined;
  };
  return {
    store,
    settings: parts.settings,
    permissions: parts.permissions,
    savePermission,
    send: createSender({ secret, log: log.write, others: { vscode: createLanguageModelSender() } }),
    catalog: createCatalog({ secret, others: { vscode: listLanguageModels } }),
    keys: parts.keys,
    offers: parts.offers,
    async hasSecret(keyId) {
      const key = findKey(parts.settings(), keyId);
      return key !== undefined && (!needsSecret(key) || (await secrets.state(key)).kind === "ready");
    },
    workspace,
    ...(parts.sandbox === undefined ? {} : { sandboxProblem: parts.sandbox.problem }),
    workspaceName: workspaceName(),
    tools: allTools,
    shellParser: lazyShellParser(readGrammar(parts.bundles), log.write),
    editor,
    banners: async () => [...trustBanners(), ...(await keyBanners(parts.settings(), secrets)), ...moved.banners()],
    dismissed: moved.dismissed,
    blocked,
    now: Date.now,
    newId: randomUUID,
    log: log.write,
  };
}

const untrusted =
  "This folder is not trusted. You can read its past chats; nothing is sent and nothing runs until you trust it.";

function trustBanners(): readonly Banner[] {
  if (vscode.workspace.isTrusted) return [];
  return [
    {
      id: "untrusted",
      severity: "warning",
      message: untrusted,
      action: { label: "Manage trust", command: "manage-trust" },
    },
  ];
}

async function keyBanners(settings: SettingsState, secrets: Secrets): Promise<readonly Banner[]> {
  if (!settings.ok) return [];
  const banners = settings.settings.keys.map(async (key): Promise<readonly Banner[]> => {
    const message = secretProblem(key, await secrets.state(key));
    if (message === undefined) return [];
    const action = { label: "Set API key", command: "set-api-key" } as const;
    return [{ id: `key:${key.id}`, severity: "warning", message, action }];
  });
  return (await Promise.all(banners)).flat();
}

function findKey(settings: SettingsState, keyId: string): KeyConfig | undefined {
  return settings.ok ? settings.settings.keys.find((key) => key.id === keyId) : undefined;
}
