/** Suggestions for a path that does not exist. */
import path from "node:path";
import { showName } from "./tool-helpers";
import type { Workspace } from "./types";

const MOST = 5;

/** @returns a sentence with similar names in the same folder, or with the nearest folder that exists. */
export async function suggestFor(workspace: Workspace, missing: string): Promise<string> {
  const folder = path.dirname(missing);
  const entries = await workspace.list(folder);
  if ("error" in entries) {
    return "Its folder does not exist either. Use list_files to see what is there.";
  }
  const wanted = path.basename(missing);
  const near = entries
    .map((entry) => ({
      name: entry.kind === "folder" ? `${showName(entry.name)}/` : showName(entry.name),
      far: distance(wanted, entry.name),
    }))
    .filter(({ far }) => far <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, MOST);
  if (near.length === 0) return "No name in its folder is similar. Use list_files to see what is there.";
  return `Similar names in its folder: ${near.map(({ name }) => name).join(", ")}.`;
}

/** Edits between two names, without regard to case; 0.5 for another ending. Long names are not compared. */
function distance(wanted: string, name: string): number {
  const [a, b] = [wanted.toLowerCase(), name.toLowerCase()];
  if (path.parse(a).name === path.parse(b).name) return a === b ? 0 : 0.5;
  if (a.length > 100 || b.length > 100) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
