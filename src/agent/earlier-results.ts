/** The results that a tab has had, and the whole outputs that were kept of them. */
import type { Row, ToolCall, ToolResult } from "../chunks/rows";
import type { Store } from "../store/types";

/** Pages of rows that are searched at a time, from the newest: what is asked for is mostly recent. */
const PAGE = 500;

/** The newest result of the tab that `fits`. */
export function findResult(
  store: Store,
  tab: string,
  fits: (result: ToolResult) => boolean,
): Promise<ToolResult | undefined> {
  return findRow(store, tab, (row) => (row.type === "tool_result" && fits(row.data) ? row.data : undefined));
}

/** The newest call of the tab with this id. */
export function findCall(store: Store, tab: string, callId: string): Promise<ToolCall | undefined> {
  return findRow(store, tab, (row) => (row.type === "tool_call" && row.data.callId === callId ? row.data : undefined));
}

async function findRow<T>(store: Store, tab: string, of: (row: Row) => T | undefined): Promise<T | undefined> {
  for (let before = (await store.lastSeq(tab)) + 1; before > 1; ) {
    const rows: readonly Row[] = await store.rowsBefore(tab, before, PAGE);
    for (const row of rows.toReversed()) {
      const found = of(row);
      if (found !== undefined) return found;
    }
    before = rows[0]?.seq ?? 0;
  }
  return undefined;
}

/** By what the notice in a cut output calls the whole: the beginning of its blob's name. */
export const outputId = (blob: string): string => blob.slice(0, 12);

/** The whole of an output that was cut, as its notice calls it. @returns nothing when the tab has none of that id. */
export async function wholeOutput(store: Store, tab: string, id: string): Promise<string | undefined> {
  const blob = (await findResult(store, tab, (result) => result.blob?.startsWith(id) === true))?.blob;
  return blob === undefined ? undefined : readText(store, blob);
}

/** @returns nothing when the blob is not there any more or is damaged. */
export async function readText(store: Store, blob: string): Promise<string | undefined> {
  const bytes = await store.getBlob(blob);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
