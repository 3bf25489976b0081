/**
 * API keys in VS Code's secret storage: one entry per key id, bound to the server that it was entered for. A changed
 * base URL therefore never carries a key to another server: the key counts as missing until it is set again.
 */
import type * as vscode from "vscode";
import type { KeyConfig } from "../models/types";
import { createDisposableList, type Disposable } from "./dispose";
import { errorText } from "./log";

export type SecretState =
  | { readonly kind: "ready"; readonly secret: string; readonly from: "storage" | "environment" }
  | { readonly kind: "missing" }
  /** Stored, but for another server than the settings name now. */
  | { readonly kind: "elsewhere"; readonly storedFor: string }
  /** The secret storage itself failed: a locked keyring, a damaged entry. */
  | { readonly kind: "unreadable"; readonly message: string };

export interface Secrets extends Disposable {
  state(key: KeyConfig): Promise<SecretState>;
  put(key: KeyConfig, secret: string): Promise<void>;
  remove(key: KeyConfig): Promise<void>;
}

/**
 * @param env where the variables that the settings name are looked up; no other variable is read.
 * @param changed called with its id when a stored key was set or removed, in this window or in another one.
 * @param mask told every secret that was read, so that the log can hide it.
 */
export function createSecrets(
  storage: vscode.SecretStorage,
  env: Readonly<Record<string, string | undefined>>,
  changed: (keyId: string) => void,
  mask: (secret: string) => void,
): Secrets {
  const owned = createDisposableList();
  // Reading goes through the editor's main process; a request should not wait for that each time.
  const cache = new Map<string, Promise<Stored>>();
  const listener = (event: vscode.SecretStorageChangeEvent) => {
    if (!event.key.startsWith(prefix)) return;
    cache.delete(event.key);
    changed(event.key.slice(prefix.length));
  };
  owned.push(storage.onDidChange(listener));

  const read = (entry: string): Promise<Stored> => {
    const known = cache.get(entry);
    if (known !== undefined) return known;
    const reading = readEntry(storage, entry);
    cache.set(entry, reading);
    return reading;
  };

  return {
    async state(key) {
      const stored = await read(entryName(key));
      if (stored.kind === "unreadable") cache.delete(entryName(key));
      const state = judge(key, stored, env);
      if (state.kind === "ready") mask(state.secret);
      return state;
    },
    async put(key, secret) {
      mask(secret);
      cache.delete(entryName(key));
      await storage.store(entryName(key), JSON.stringify({ origin: originOf(key), secret }));
    },
    async remove(key) {
      cache.delete(entryName(key));
      await storage.delete(entryName(key));
    },
    dispose: () => owned.dispose(),
  };
}

/** The server a key belongs to, as scheme, host and port. The settings have checked that the address is one. */
export function originOf(key: KeyConfig): string {
  return new URL(key.baseUrl).origin;
}

/** One sentence for the person about a key that can't be used though one was stored, or undefined. */
export function secretProblem(key: KeyConfig, state: SecretState): string | undefined {
  switch (state.kind) {
    case "ready":
    case "missing":
      return undefined;
    case "elsewhere":
      return `The key “${key.id}” was entered for ${state.storedFor}, but the settings now name ${originOf(key)}. Enter the key for this server to use it here.`;
    case "unreadable":
      return `The key “${key.id}” can't be read from the secret storage (${state.message}). Unlock it, or set the key again.`;
  }
}

const prefix = "key:";

const entryName = (key: KeyConfig): string => `${prefix}${key.id}`;

type Stored =
  | { readonly kind: "none" }
  | { readonly kind: "entry"; readonly origin: string; readonly secret: string }
  | { readonly kind: "unreadable"; readonly message: string };

function judge(key: KeyConfig, stored: Stored, env: Readonly<Record<string, string | undefined>>): SecretState {
  if (stored.kind === "entry" && stored.origin === originOf(key)) {
    return { kind: "ready", secret: stored.secret, from: "storage" };
  }
  const fromEnv = key.env === undefined ? "" : (env[key.env]?.trim() ?? "");
  if (fromEnv !== "") return { kind: "ready", secret: fromEnv, from: "environment" };
  switch (stored.kind) {
    case "none":
      return { kind: "missing" };
    case "entry":
      return { kind: "elsewhere", storedFor: stored.origin };
    case "unreadable":
      return stored;
  }
}

async function readEntry(storage: vscode.SecretStorage, entry: string): Promise<Stored> {
  try {
    const text = await storage.get(entry);
    return text === undefined ? { kind: "none" } : parseEntry(text);
  } catch (error) {
    return { kind: "unreadable", message: errorText(error) };
  }
}

function parseEntry(text: string): Stored {
  const value = parseJson(text);
  if (typeof value === "object" && value !== null && "origin" in value && "secret" in value) {
    const { origin, secret } = value;
    if (typeof origin === "string" && typeof secret === "string") return { kind: "entry", origin, secret };
  }
  return { kind: "unreadable", message: "the stored entry is damaged" };
}

/** A parser's own message would quote the text, and the text is a secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
