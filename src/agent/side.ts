/** Requests beside the conversation: in the log and in the bill, but not part of what its own requests are made of. */
import type { RequestRecord, Store } from "../store/types";

export function isSide({ options }: Pick<RequestRecord, "options">): boolean {
  return options?.side !== undefined;
}

/** The requests of the conversation itself, in the order in which they were recorded. */
export async function ownRequests(store: Store, tabId: string): Promise<readonly RequestRecord[]> {
  return (await store.requests(tabId)).filter((request) => !isSide(request));
}

/** The web searches of a request, for its price. */
export function searchesOf({ options }: Pick<RequestRecord, "options">): { readonly searches?: number } {
  const searches = options?.side?.searches;
  return searches === undefined ? {} : { searches };
}
