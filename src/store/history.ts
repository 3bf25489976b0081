/** The list of all conversations, open and closed. */
import type { Usage } from "../chunks/protocol";
import type { Database } from "./database";
import { findTabs } from "./queries";
import { summarise } from "./summary";
import type { HistoryQuery, StoredChat, TabRecord } from "./types";
import { spendOf } from "./usage";

/** Newest activity first; of the same time, the greater id first. */
export function findHistory(database: Database, { text = "", before, limit }: HistoryQuery): readonly StoredChat[] {
  const archived = archivedSummaries(database);
  const wanted = text.toLocaleLowerCase();
  return findTabs(database)
    .records.filter(({ title }) => title.toLocaleLowerCase().includes(wanted))
    .map((tab) => entryOf(tab, archived.get(tab.id) ?? summarise(database, tab.id, tab.createdAt)))
    .filter((entry) => before === undefined || compare(before, entry) < 0)
    .sort(compare)
    .slice(0, Math.max(0, limit))
    .map((entry) => ({ ...entry, spend: spendOf(database, entry.id) }));
}

type Shown = Pick<StoredChat, "firstWords" | "lastAt" | "steps" | "usage">;

function entryOf({ id, title, createdAt, closedAt }: TabRecord, shown: Shown): Omit<StoredChat, "spend"> {
  const { firstWords, lastAt, steps, usage } = shown;
  return { id, title, firstWords, createdAt, lastAt, ...(closedAt === undefined ? {} : { closedAt }), steps, usage };
}

function archivedSummaries(database: Database): ReadonlyMap<string, Shown> {
  const sql = "SELECT tab_id, first_words, last_at, steps, usage_json FROM archives";
  return new Map(
    database.all(sql).map(([id, firstWords, lastAt, steps, usage]) => {
      // What was written was a Usage, and the checkpoint's pages were checked when it was opened.
      const parsed: Usage = JSON.parse(String(usage));
      return [
        String(id),
        { firstWords: String(firstWords), lastAt: Number(lastAt), steps: Number(steps), usage: parsed },
      ];
    }),
  );
}

function compare(left: { lastAt: number; id: string }, right: { lastAt: number; id: string }): number {
  if (left.lastAt !== right.lastAt) return right.lastAt - left.lastAt;
  return left.id === right.id ? 0 : left.id < right.id ? 1 : -1;
}
