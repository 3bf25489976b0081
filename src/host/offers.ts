/**
 * What a first chat can begin with where no key is set: a model server that runs on this machine, or VS Code's own
 * language models. One click writes it to the person's settings.
 */
import * as vscode from "vscode";
import type { Offers } from "../agent/types";
import type { Offer } from "../chunks/protocol";
import { findLocalServers, type LocalServer } from "../models/local-servers";
import { factsOf, vscodeBaseUrl } from "../models/profiles";
import type { KeyConfig, ModelInfo } from "../models/types";
import type { Disposable } from "./dispose";
import { listLanguageModels } from "./language-models";
import { addedSettings } from "./offer-settings";
import { openSettings } from "./register";

type Found = Offer & { readonly key: KeyConfig; readonly model: string };

/** Which servers run is good for so long, ms: views ask each time they show an empty chat. */
const freshMs = 15_000;

/** Asking the editor for its models can itself make it tell that they have changed. */
const ownEchoMs = 1_000;

/** @param changed the editor's models are others than those that were told last. */
export function createOffers(now: () => number, changed: () => void): Offers & Disposable {
  let found: readonly Found[] = [];
  let servers: { readonly at: number; readonly list: Promise<readonly LocalServer[]> } | undefined;
  let listedAt = Number.POSITIVE_INFINITY; // nobody has asked yet

  const listOwn = async (): Promise<readonly Found[]> => {
    const own = await listLanguageModels();
    listedAt = now();
    return "code" in own ? [] : editorOffer(own);
  };

  const follow = async (): Promise<void> => {
    if (now() - listedAt < ownEchoMs) return;
    const before = wordsOf(found);
    const own = await listOwn();
    found = [...found.filter(({ id }) => id !== "vscode"), ...own];
    if (wordsOf(found) !== before) changed();
  };

  const listener = vscode.lm.onDidChangeChatModels(() => void follow());

  return {
    async find() {
      if (servers === undefined || now() - servers.at > freshMs) servers = { at: now(), list: findLocalServers() };
      const [running, own] = await Promise.all([servers.list, listOwn()]);
      found = [...running.map(serverOffer), ...own];
      return found.map(({ id, label, detail }) => ({ id, label, detail }));
    },
    dispose: () => listener.dispose(),
    async take(id) {
      const offer = found.find((one) => one.id === id);
      if (offer === undefined) return;
      const configuration = vscode.workspace.getConfiguration();
      const set = (name: string): unknown => configuration.inspect(name)?.globalValue;
      const { keys, models } = addedSettings(offer, set("dispatch.keys"), set("dispatch.models"));
      await configuration.update("dispatch.keys", keys, vscode.ConfigurationTarget.Global);
      await configuration.update("dispatch.models", models, vscode.ConfigurationTarget.Global);
      void tell(offer);
    },
  };
}

const wordsOf = (found: readonly Found[]): string => found.map(({ id, detail }) => `${id} ${detail}`).join("\n");

async function tell({ label, model }: Found): Promise<void> {
  const message = `New chats ask ${model} (${label}). That is in your settings now: dispatch.keys and dispatch.models.`;
  if ((await vscode.window.showInformationMessage(message, "Open Settings")) !== undefined) await openSettings();
}

function serverOffer({ key, models }: LocalServer): Found {
  const { label } = factsOf(key.provider);
  return {
    id: key.provider,
    label: `${label} on this machine`,
    detail: namesOf(models.map(({ id }) => id)),
    key,
    model: models[0].id,
  };
}

function editorOffer(models: readonly ModelInfo[]): readonly Found[] {
  const [first] = models;
  if (first === undefined) return [];
  return [
    {
      id: "vscode",
      label: "VS Code's language models",
      detail: namesOf(models.map(({ id, label = id }) => label)),
      key: { id: "vscode", provider: "vscode", baseUrl: vscodeBaseUrl },
      model: first.id,
    },
  ];
}

/** `qwen3-coder`, `qwen3-coder and 3 more`. */
function namesOf(names: readonly string[]): string {
  const [first = "", ...rest] = names;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
