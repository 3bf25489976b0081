/** The files that turns have changed, as part of their summaries. */
import { isUndo } from "../chunks/edits";
import type { TurnSummary } from "../chunks/protocol";
import type { Row } from "../chunks/rows";
import type { TabEdits } from "./tab-edits";
import type { TabTurns } from "./tab-turns";

type Sources = { readonly turns: Pick<TabTurns, "summaryOf">; readonly edits: TabEdits };

/** The summaries of the turns that have a row among these, or an edit that one of them undoes. */
export async function summariesOf(sources: Sources, rows: readonly Row[]): Promise<readonly TurnSummary[]> {
  await sources.edits.load();
  const ids = new Set(rows.map((row) => row.turnId));
  return [...ids].flatMap((id) => summaryOf(sources, id) ?? []).concat(turnsUndone(sources, rows, ids));
}

/** The summaries of the turns whose edits were undone or redone by these rows. */
export function turnsUndone(
  sources: Sources,
  rows: readonly Row[],
  but: ReadonlySet<string> = new Set(),
): TurnSummary[] {
  const calls = rows.flatMap((row) => (row.type === "system" && isUndo(row.data) ? (row.data.calls ?? []) : []));
  const ids = new Set(calls.flatMap((callId) => sources.edits.find(callId)?.turnId ?? []));
  return [...ids].filter((id) => !but.has(id)).flatMap((id) => summaryOf(sources, id) ?? []);
}

export function withFiles({ edits }: Pick<Sources, "edits">, summary: TurnSummary): TurnSummary {
  const files = edits.files(summary.turnId);
  return files.length === 0 ? summary : { ...summary, files };
}

function summaryOf(sources: Sources, id: string): TurnSummary | undefined {
  const summary = sources.turns.summaryOf(id);
  return summary === undefined ? undefined : withFiles(sources, summary);
}
