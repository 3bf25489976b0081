/** A tab of a reader takes over what the window that writes has added to it. */
import type { Row } from "../chunks/rows";
import type { Op } from "../store/types";
import type { TabParts } from "./tab-parts";
import { withFiles } from "./turn-files";

/** @param ops of this tab, in the order in which they were written; what is known already changes nothing. */
export async function followOps(parts: TabParts, ops: readonly Op[]): Promise<void> {
  const { self, queue, turns, channel, out } = parts;
  for (const op of ops) {
    switch (op.op) {
      case "rows":
        await followRows(parts, op.rows);
        break;
      case "tab":
        self.follow(op.tab);
        queue.follow(op.tab.queue ?? []);
        break;
      case "turn": {
        const summary = turns.follow(op.turn);
        if (summary === undefined) break;
        if (!out.isShown()) self.set({ unread: true });
        channel.turn(withFiles(parts, summary));
        break;
      }
      case "request":
        turns.count(op.request);
        break;
      default: // nothing that a view shows
    }
  }
  out.changed();
}

/** Rows that were written while the tab was being opened may not have been told: they are read. */
async function followRows({ tabId, tabLog, surroundings }: TabParts, rows: readonly Row[]): Promise<void> {
  const last = rows.at(-1)?.seq ?? 0;
  if (!tabLog.follow(rows)) tabLog.follow(await surroundings.store.rows(tabId, tabLog.durableSeq() + 1, last));
}
