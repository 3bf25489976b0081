/** The command *Set API Key...*: which key, the secret itself, where it is kept; or taking it away. */
import * as vscode from "vscode";
import { needsSecret, profileOf } from "../models/profiles";
import type { SettingsState } from "../models/settings";
import type { KeyConfig } from "../models/types";
import { openSettings } from "./register";
import { originOf, type SecretState, type Secrets } from "./secrets";

export async function setApiKey(settings: SettingsState, secrets: Secrets): Promise<void> {
  if (!settings.ok) return tellSettings(settings.message);
  const keys = settings.settings.keys.filter((one) => profileOf(one).secret !== "none");
  if (keys.length === 0) {
    return void vscode.window.showInformationMessage("The settings name no server that takes an API key.");
  }
  const key = await pickKey(keys, secrets);
  if (key !== undefined) await setKey(key, secrets);
}

/** Asks for the secret of this key, or whether the one that is stored shall go. */
export async function setKey(key: KeyConfig, secrets: Secrets): Promise<void> {
  const act = await pickAct(key, await secrets.state(key));
  if (act === "remove") {
    await secrets.remove(key);
    vscode.window.setStatusBarMessage(`Dispatch: the key “${key.id}” was removed.`, noteMs);
  }
  if (act === "enter") await enterKey(key, secrets);
}

/** @returns why the text can't be an API key, or undefined. The server has the last word. */
export function checkSecret(text: string): string | undefined {
  const secret = text.trim();
  if (secret === "") return "Paste the API key.";
  if (/\s/.test(secret)) return "A key has no spaces or line breaks in it.";
  if (!/^[\x21-\x7e]+$/.test(secret)) return "A key has only plain letters, digits and signs.";
  return undefined;
}

async function tellSettings(message: string): Promise<void> {
  const choice = await vscode.window.showErrorMessage(message, "Open Settings");
  if (choice === "Open Settings") await openSettings();
}

async function pickKey(keys: readonly KeyConfig[], secrets: Secrets): Promise<KeyConfig | undefined> {
  if (keys.length === 1) return keys[0];
  const items = keys.map(async (key) => ({
    key,
    label: key.id,
    description: `${profileOf(key).label}, ${originOf(key)}`,
    detail: describe(key, await secrets.state(key)),
  }));
  const picked = await vscode.window.showQuickPick(Promise.all(items), {
    title: "Set API Key",
    placeHolder: "Which key?",
  });
  return picked?.key;
}

function describe(key: KeyConfig, state: SecretState): string {
  switch (state.kind) {
    case "ready":
      return state.from === "storage" ? "Stored" : `From the environment variable ${key.env}`;
    case "missing":
      return needsSecret(key) ? "Not set" : "Not set; this server needs none";
    case "elsewhere":
      return `Entered for ${state.storedFor}`;
    case "unreadable":
      return "Can't be read";
  }
}

async function pickAct(key: KeyConfig, state: SecretState): Promise<"enter" | "remove" | undefined> {
  if (state.kind === "missing" || (state.kind === "ready" && state.from === "environment")) return "enter";
  const items = [
    { act: "enter" as const, label: "Enter another key" },
    { act: "remove" as const, label: "Remove the stored key" },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: `API Key “${key.id}”`,
    placeHolder: describe(key, state),
  });
  return picked?.act;
}

async function enterKey(key: KeyConfig, secrets: Secrets): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: `API Key “${key.id}”`,
    prompt: `It is kept in VS Code's secret storage and sent to ${originOf(key)} only.`,
    ...(key.provider === "anthropic" ? { placeHolder: "sk-ant-…" } : {}),
    password: true,
    ignoreFocusOut: true,
    validateInput: checkSecret,
  });
  if (text === undefined) return;
  await secrets.put(key, text.trim());
  vscode.window.setStatusBarMessage(`Dispatch: the key “${key.id}” is stored.`, noteMs);
}

const noteMs = 5000;
