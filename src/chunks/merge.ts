/** Windows of one tab put together by `seq`, the only order and the only identity that a row needs. */
import type { Row } from "./rows";

/**
 * Both windows as one: sorted by seq, each seq once. `a` must be sorted and without doubles, `b` may be anything.
 * Rows never change, so a seq that both have is taken from `a`. When `b` adds nothing the answer is `a` itself.
 * Appending and prepending cost a copy, not a sort.
 */
export function mergeRows(a: readonly Row[], b: readonly Row[]): readonly Row[] {
  if (b.length === 0) return a;
  const added = isAscending(b) ? b : sortedOnce(b);
  const [firstA, lastA, firstB, lastB] = [a.at(0), a.at(-1), added.at(0), added.at(-1)];
  if (firstA === undefined || lastA === undefined || firstB === undefined || lastB === undefined) return added;
  if (lastA.seq < firstB.seq) return [...a, ...added];
  if (lastB.seq < firstA.seq) return [...added, ...a];
  const known = new Set(a.map((row) => row.seq));
  const fresh = added.filter((row) => !known.has(row.seq));
  return fresh.length === 0 ? a : [...a, ...fresh].sort((x, y) => x.seq - y.seq);
}

function isAscending(rows: readonly Row[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    if (row.seq <= last) return false;
    last = row.seq;
  }
  return true;
}

function sortedOnce(rows: readonly Row[]): readonly Row[] {
  const bySeq = new Map<number, Row>();
  for (const row of rows) if (!bySeq.has(row.seq)) bySeq.set(row.seq, row);
  return [...bySeq.values()].sort((x, y) => x.seq - y.seq);
}
