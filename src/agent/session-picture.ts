/** The picture that a call has shown the model, for a view that shows it too. */
import type { FromView } from "../chunks/protocol";
import { findResult } from "./earlier-results";
import type { SessionParts } from "./inbox";
import type { View } from "./types";

/** Sends the image's bytes to the view that asked; no bytes when they are not there any more. */
export async function tellPicture(
  { surroundings: { store }, views }: SessionParts,
  { tab, callId }: FromView & { readonly type: "picture" },
  view: View,
): Promise<void> {
  const image = (await findResult(store, tab, (result) => result.callId === callId))?.image;
  const bytes = image === undefined ? undefined : await store.getBlob(image.blob);
  const data = image === undefined || bytes === undefined ? {} : { data: Buffer.from(bytes).toString("base64") };
  views.tell(view, { type: "picture", tab, callId, ...data });
}
