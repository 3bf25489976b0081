/** Where a run of rows is cut: between two turns where that fits, else between two steps, else anywhere. */
import type { Row } from "./rows";

/**
 * The newest `most` rows, or fewer, but at least `least`, so that they begin with a turn or a step. `rows` as they are
 * when they are no more than `most`.
 */
export function newestOf(rows: readonly Row[], most: number, least = Math.ceil(most / 2)): readonly Row[] {
  if (rows.length <= most) return rows;
  const first = rows.length - most;
  const last = rows.length - Math.min(least, most);
  const places = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return rows.slice(bestOf(rows, places));
}

/** The newest `least` rows, or more, up to `most`, when a turn begins there; where none does, fewer, as `newestOf` has it. */
export function shortestOf(rows: readonly Row[], least: number, most: number): readonly Row[] {
  const size = Array.from({ length: most - least + 1 }, (_, more) => least + more).find((count) => {
    const place = rows.length - count;
    return place <= 0 || rows[place - 1]?.turnId !== rows[place]?.turnId;
  });
  return size === undefined ? newestOf(rows, least) : rows.slice(-size);
}

/** The oldest `most` rows, or fewer, but at least `least`, so that they end with a turn or a step. */
export function oldestOf(rows: readonly Row[], most: number, least = Math.ceil(most / 2)): readonly Row[] {
  if (rows.length <= most) return rows;
  const places = Array.from({ length: most - Math.min(least, most) + 1 }, (_, index) => most - index);
  return rows.slice(0, bestOf(rows, places));
}

/** The first of these places at which a turn begins, else at which a step begins, else the first. */
function bestOf(rows: readonly Row[], places: readonly number[]): number | undefined {
  const differs = (field: "turnId" | "step") => (place: number) => rows[place - 1]?.[field] !== rows[place]?.[field];
  return places.find(differs("turnId")) ?? places.find(differs("step")) ?? places[0];
}
