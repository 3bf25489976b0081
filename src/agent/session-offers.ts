/** What a first chat can begin with where no key is set. */
import type { SessionParts } from "./inbox";
import type { View } from "./types";

/** Looks only while something is missing and the folder is trusted: an empty chat needs no offers otherwise. */
export async function tellOffers({ surroundings, setup, views }: SessionParts, view: View): Promise<void> {
  const isWanted = setup.current().key.kind === "missing" && surroundings.blocked?.() === undefined;
  const offers = isWanted ? ((await surroundings.offers?.find()) ?? []) : [];
  views.tell(view, { type: "offers", offers });
}

export async function takeOffer({ surroundings, setup }: SessionParts, id: string): Promise<void> {
  if (setup.current().key.kind === "missing") await surroundings.offers?.take(id);
}
