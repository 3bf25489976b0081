/** The command *Show Permissions...*: every rule, whose it is, what it has decided lately, and the way to change it. */
import * as vscode from "vscode";
import type { RuleLine } from "../agent/session-rules";
import type { Session } from "../agent/types";
import { type RuleAct, type RuleItem, ruleActs, ruleItems } from "./rule-items";

type Item = vscode.QuickPickItem & { readonly line?: RuleLine };
type ActItem = vscode.QuickPickItem & { readonly act: RuleAct };

/** Resolves when the list was closed, or something else was opened. @param focusChat brings the chat before the person. */
export async function showPermissions(session: Session, focusChat: () => Promise<void>): Promise<void> {
  for (;;) {
    const picked = await vscode.window.showQuickPick<Item>(
      session.rules().then((lines) => ruleItems(lines, Date.now()).map(toItem)),
      {
        title: "Permissions of This Chat",
        placeHolder: "Enter shows what a rule has decided, and how to change it.",
        matchOnDetail: true,
      },
    );
    if (picked?.line === undefined) return;
    if ((await showRule(session, picked.line, focusChat)) === "done") return;
  }
}

async function showRule(session: Session, line: RuleLine, focusChat: () => Promise<void>): Promise<"back" | "done"> {
  const acts = ruleActs(line, Date.now()).map((act): ActItem => {
    return { label: act.label, act, ...("description" in act ? { description: act.description } : {}) };
  });
  const picked = await vscode.window.showQuickPick<ActItem>(acts, {
    title: line.group === "built-in" ? (line.note ?? line.words) : line.words,
    placeHolder:
      line.count === 0 ? "It has decided nothing in the open chats." : "What it has decided in the open chats",
  });
  switch (picked?.act.is) {
    case undefined:
      return "done";
    case "back":
      return "back";
    case "remove":
      await session.removeRule(line);
      return "back";
    case "open-settings":
      await vscode.commands.executeCommand("workbench.action.openSettingsJson", at);
      return "done";
    case "open-folder-settings":
      await vscode.commands.executeCommand("workbench.action.openWorkspaceSettingsFile", at);
      return "done";
    case "select-mode":
      await vscode.commands.executeCommand("dispatch.selectMode");
      return "done";
    case "use":
      await session.openConversation(picked.act.use.tab);
      await focusChat();
      return "done";
  }
}

const at = { revealSetting: { key: "dispatch.permissions" } };

function toItem(item: RuleItem): Item {
  if (item.is === "group") return { label: item.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, detail, line } = item;
  return { label, line, ...(detail === undefined ? {} : { detail }) };
}
