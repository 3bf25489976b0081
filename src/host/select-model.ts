/** The command *Select Model...*: all models of all keys in VS Code's quick pick, then the effort where there is a choice. */
import * as vscode from "vscode";
import { tabModelOf } from "../agent/choices";
import type { TabModels } from "../agent/session-models";
import type { Session } from "../agent/types";
import { isSameChoice } from "../models/fallback";
import type { KeyConfig, ModelChoice } from "../models/types";
import { createDisposableList } from "./dispose";
import { type EffortItem, effortItems, type KeyModels, type ModelItem, modelItems, switchWords } from "./model-items";
import { openSettings } from "./register";
import type { Secrets } from "./secrets";
import { setKey } from "./set-key";

/**
 * Resolves when the tab in front asks the model that was chosen, or the list was closed.
 * @param focusChat brings the chat before the person.
 */
export async function selectModel(session: Session, secrets: Secrets, focusChat: () => Promise<void>): Promise<void> {
  for (;;) {
    const models = await session.models();
    if (typeof models === "string") return void vscode.window.showWarningMessage(models);
    const picked = await pickModel(models);
    switch (picked?.is) {
      case undefined:
        return;
      case "failure":
        if (picked.failure.action === "open-settings") return openSettings();
        if (picked.failure.action === "set-api-key") await setKey(picked.key, secrets);
        break; // the list is asked for again
      case "model": {
        const choice = picked.efforts.length === 0 ? picked.choice : await pickEffort(models, picked);
        if (choice === undefined) return;
        if (choice === "back") break;
        if (!isSameChoice(choice, models.choices[0])) await session.selectModel(models.tab, tabModelOf(choice));
        return focusChat();
      }
    }
  }
}

type Picked = Extract<ModelItem, { is: "model" | "failure" }>;
type Item = ModelItem & vscode.QuickPickItem;

/** Shows what is known at once, and each server's list as it comes. */
function pickModel(models: TabModels): Promise<Picked | undefined> {
  const { catalog, keys, choices, prices, states } = models;
  const owned = createDisposableList();
  const pick = owned.push(vscode.window.createQuickPick<Item>());
  const closed = new AbortController();
  owned.push({ dispose: () => closed.abort() });
  const current = choices[0];
  const ordered = [
    ...keys.filter(({ id }) => id === current.key.id),
    ...keys.filter(({ id }) => id !== current.key.id),
  ];
  let known: readonly KeyModels[] = ordered.map((key) => ({ key, state: states.stateOfKey(key), models: "loading" }));

  let mayBeHidden = false;
  const show = (): void => {
    const before = pick.activeItems[0];
    const items = modelItems(known, choices, {
      info: catalog.info,
      stateOf: states.state,
      prices,
      now: Date.now(),
    }).map(toItem);
    pick.items = items;
    pick.busy = known.some((one) => one.models === "loading");
    // What is typed picks the first match, unless a person stands at a model: not at what is shown for want of a match.
    const kept = pick.value === "" || before?.is === "model" ? items.find((item) => isSame(item, before)) : undefined;
    const active = kept ?? (pick.value === "" ? items.find((item) => isFor(item, current)) : undefined);
    mayBeHidden = active !== undefined;
    if (active !== undefined) pick.activeItems = [active];
  };

  const load = async (key: KeyConfig): Promise<void> => {
    const found = await catalog.list(key, closed.signal);
    if (closed.signal.aborted) return;
    known = known.map((one) => (one.key === key ? { ...one, models: found } : one));
    show();
  };

  pick.title = titleOf("Model of This Chat", models);
  pick.placeholder = "Type a part of a name. It counts from the next step on.";
  pick.matchOnDescription = true;
  pick.keepScrollPosition = true;
  return new Promise((resolve) => {
    owned.push(
      pick.onDidChangeActive((active) => {
        // What was typed meanwhile has hidden the item that was made active; the same items anew make the first one so.
        if (active.length > 0 || !mayBeHidden) return;
        mayBeHidden = false;
        pick.items = [...pick.items];
      }),
    );
    owned.push(
      pick.onDidAccept(() => {
        const item = pick.selectedItems[0];
        if (item?.is !== "model" && item?.is !== "failure") return;
        resolve(item);
        pick.hide();
      }),
    );
    owned.push(
      pick.onDidHide(() => {
        owned.dispose();
        resolve(undefined);
      }),
    );
    show();
    pick.show();
    for (const key of ordered) void load(key);
  });
}

function pickEffort(
  models: TabModels,
  picked: Picked & { readonly is: "model" },
): Promise<ModelChoice | "back" | undefined> {
  const owned = createDisposableList();
  const pick = owned.push(vscode.window.createQuickPick<EffortItem>());
  const current = models.choices[0];
  const items = effortItems(picked.choice, picked.efforts, current);
  pick.title = titleOf(`Effort of ${picked.choice.model}`, models);
  pick.placeholder = "How much the model thinks before it answers.";
  pick.buttons = [vscode.QuickInputButtons.Back];
  pick.items = items;
  pick.activeItems = items.filter(({ choice }) => isSameChoice(choice, current));
  return new Promise((resolve) => {
    owned.push(
      pick.onDidTriggerButton(() => {
        resolve("back");
        pick.hide();
      }),
    );
    owned.push(
      pick.onDidAccept(() => {
        resolve(pick.selectedItems[0]?.choice);
        pick.hide();
      }),
    );
    owned.push(
      pick.onDidHide(() => {
        owned.dispose();
        resolve(undefined);
      }),
    );
    pick.show();
  });
}

/** With what a change costs: unlike a placeholder it stays while one types. */
function titleOf(what: string, models: TabModels): string {
  const words = switchWords(models, Date.now());
  return words === undefined ? what : `${what}: ${words}`;
}

function toItem(item: ModelItem): Item {
  return item.is === "key" ? { ...item, kind: vscode.QuickPickItemKind.Separator } : item;
}

function isSame(item: ModelItem, other: ModelItem | undefined): boolean {
  if (item.is === "model") return other?.is === "model" && isSameChoice(item.choice, other.choice);
  return item.is === "failure" && other?.is === "failure" && item.key.id === other.key.id;
}

function isFor(item: ModelItem, { key, model }: ModelChoice): boolean {
  return item.is === "model" && item.choice.key.id === key.id && item.choice.model === model;
}
