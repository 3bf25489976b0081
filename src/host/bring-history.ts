/** Brings the chats of a moved folder here, by the banner's button or by the command *Find Moved History...*. */
import * as vscode from "vscode";
import type { Session } from "../agent/types";
import type { Store } from "../store/types";
import { errorText } from "./log";
import { type MovedHistory, type Offer, offerWords } from "./moved-history";

type Place = { readonly moved: MovedHistory; readonly store: Store; readonly session: Session };

/** What the banner offers. */
export async function bringOffered(place: Place): Promise<void> {
  const offer = place.moved.offer();
  if (offer !== undefined) await bring(place, offer);
}

/** Lets the person choose among all that was found. */
export async function findMovedHistory(place: Place): Promise<void> {
  const offers = await place.moved.find(place.store);
  if (offers.length === 0) {
    await vscode.window.showInformationMessage(
      "No chats were found that this folder had under another path and that are not here already.",
    );
    return;
  }
  const items = offers.map((offer) => ({
    label: offer.home.folder,
    description: kinshipWords[offer.kinship],
    detail: offerWords(offer),
    offer,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: "Chats to bring to this folder",
    matchOnDetail: true,
  });
  if (picked !== undefined) await bring(place, picked.offer);
}

const kinshipWords = {
  same: "this folder, at another time or opened in another way",
  probable: "the same name and repository",
  gone: "a folder that is gone",
} as const;

/** Those that were open there are open here. */
async function bring({ moved, store, session }: Place, offer: Offer): Promise<void> {
  try {
    const wereOpen = await moved.bring(store, offer);
    for (const id of wereOpen) await session.openConversation(id);
  } catch (error) {
    await vscode.window.showErrorMessage(`The chats were not brought here. ${errorText(error)}`);
  }
}
