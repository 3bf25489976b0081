/** The command *Select Mode...*: what may happen in the tab in front without a question. */
import * as vscode from "vscode";
import type { Session } from "../agent/types";
import { type Mode, type ModeOffer, modeNames, modeWords } from "../chunks/modes";

type Item = vscode.QuickPickItem & { readonly offer: ModeOffer };

/** Resolves when the tab in front is in the mode that was chosen, or the list was closed. @param focusChat brings the chat before the person. */
export async function selectMode(session: Session, focusChat: () => Promise<void>): Promise<void> {
  const modes = session.modes();
  const items = modes.then(({ mode, offers }) => offers.map((offer) => itemOf(offer, mode)));
  const picked = await vscode.window.showQuickPick<Item>(items, {
    title: "Mode of This Chat",
    placeHolder: "What may happen without a question. It counts from the next call on.",
  });
  if (picked === undefined) return;
  const { tab, mode } = await modes;
  if (picked.offer.mode !== mode) await session.selectMode(tab, picked.offer.mode);
  await focusChat();
}

function itemOf({ mode, problem }: ModeOffer, current: Mode): Item {
  return {
    label: `${mode === current ? "$(check) " : ""}${modeNames[mode]}`,
    detail: problem === undefined ? modeWords[mode] : `Not available: ${problem}`,
    offer: problem === undefined ? { mode } : { mode, problem },
  };
}
