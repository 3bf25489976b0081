/** The activated extension, and a view of its chats without a page: it folds what arrives as the webview does. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { FromView, ToView } from "../../../src/chunks/protocol";
import { applyToView, emptyView, type TabView, type ViewState } from "../../../src/chunks/view";
import type { TestApi } from "../../../src/extension";
import type { Log } from "../../../src/host/log";
import type { Scenario } from "../../simulator/scenario";
import { type Simulator, startSimulator } from "../../simulator/server";

export type Chat = {
  readonly state: () => ViewState;
  /** The loaded part of the tab in front; empty until its window has come. */
  readonly tab: () => TabView;
  readonly send: (message: FromView) => void;
  /** Waits for messages until `found` gives something. A test that waits in vain ends by mocha's timeout. */
  readonly until: <T>(found: (state: ViewState) => T | undefined | false) => Promise<T>;
  readonly dispose: () => void;
};

export async function activate(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi>("dispatch.dispatch");
  assert.ok(extension, "the extension is not installed in this VS Code");
  return extension.activate();
}

/** Attaches a view and waits for its first snapshot. */
export async function openChat(api: TestApi): Promise<Chat> {
  let state = emptyView;
  const waiting = new Set<() => void>();
  const view = await api.attach((message: ToView) => {
    const applied = applyToView(state, message);
    state = applied.state;
    if (applied.ask !== undefined) view.receive(applied.ask);
    for (const check of [...waiting]) check();
  });
  const until: Chat["until"] = (found) =>
    new Promise((resolve) => {
      const check = () => {
        const value = found(state);
        if (value === undefined || value === false) return;
        waiting.delete(check);
        resolve(value);
      };
      waiting.add(check);
      check();
    });
  view.receive({ type: "ready" });
  await until(({ active }) => active !== "");
  return {
    state: () => state,
    tab: () => state.views.get(state.active) ?? notLoaded,
    send: (message) => view.receive(message),
    until,
    dispose: () => view.dispose(),
  };
}

/** The extension has its channel; a second one of that name would be closed together with it. */
export const noLog: Log = { write: () => {}, mask: () => {}, show: () => {}, dispose: () => {} };

const notLoaded: TabView = {
  ...{ rev: 0, rows: [], upTo: 0, lastSeq: 0 },
  ...{ turns: [], hasOlder: false, approvals: [], syncing: true },
};

/** Sets settings as a person does, and waits until the chat has taken them in. `undefined` takes one back. */
export async function configure(values: Readonly<Record<string, unknown>>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  for (const [id, value] of Object.entries(values)) {
    await configuration.update(id, value, vscode.ConfigurationTarget.Global);
  }
}

export type ServedChat = {
  readonly api: TestApi;
  readonly simulator: Simulator;
  readonly chat: Chat;
  /** Takes back all that was made: the view, the settings, the secrets, the simulator. */
  readonly dispose: () => Promise<void>;
};

/**
 * A view of chats that a simulator answers, ready to send.
 * @param secrets by the id of its key; all keys are for the simulator.
 * @param settings besides the keys; without models the first key is asked for a usual one.
 */
export async function serveChat(
  scenario: Scenario = { steps: [] },
  secrets: Readonly<Record<string, string>> = { simulator: "sk-simulator-0001" },
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ServedChat> {
  const api = await activate();
  const simulator = await startSimulator({ scenario });
  const keys = Object.keys(secrets).map((id) => ({ id, provider: "anthropic", baseUrl: simulator.url }) as const);
  for (const key of keys) await api.secrets.put(key, secrets[key.id] ?? "");
  const models = [{ key: keys[0]?.id, model: "claude-sonnet-5-5" }];
  const all = { "dispatch.keys": keys, "dispatch.models": models, ...settings };
  await configure(all);
  const chat = await openChat(api);
  await chat.until(({ setup }) => setup?.key.kind === "ready");
  return {
    api,
    simulator,
    chat,
    async dispose() {
      chat.dispose();
      await configure(Object.fromEntries(Object.keys(all).map((id) => [id, undefined])));
      for (const key of keys) await api.secrets.remove(key);
      await simulator.close();
    },
  };
}

/** Resolves with its id when a new chat is in front, empty. */
export async function newTab(chat: Chat): Promise<string> {
  const { active: before } = chat.state(); // may be a new chat too
  await vscode.commands.executeCommand("dispatch.newTab");
  return chat.until(({ active, views }) => active !== before && views.get(active)?.rows.length === 0 && active);
}

/** Waits for something in the editor that no message tells of. */
export async function eventually<T>(found: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = found();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
