/** What ignore files leave out of a folder, as ripgrep sees it. */
import { splitRecords } from "./records";
import type { Resolved, Workspace } from "./types";
import { whichFiles } from "./which-files";

export type Visible =
  | { readonly kind: "known"; readonly has: (relative: string) => boolean }
  /** Why it can't be said, in words that follow "which of these are ignored is not known: ". */
  | { readonly kind: "unknown"; readonly why: string };

/** The whole tree is walked for it, which takes a tenth of a second for 20,000 files; a listing must not wait longer. */
const WALK_MS = 2_000;

/**
 * The files that search and find_files go through, and the folders that have some.
 * @param depth paths of more names are not asked for.
 */
export async function visibleNames(
  workspace: Workspace,
  where: Resolved,
  depth: number,
  signal: AbortSignal,
): Promise<Visible> {
  const seen = new Set<string>();
  const { push } = splitRecords(0, 100_000, (record = "") => {
    const parts = record.replace(/^\.\//, "").split("/");
    for (let length = 1; length <= Math.min(depth, parts.length); length++) seen.add(parts.slice(0, length).join("/"));
    return true;
  });
  const args = ["--files", "--null", ...(await whichFiles(workspace, where, false)), "--", "./"];
  const end = await workspace.ripgrep(args, { cwd: where.path, timeoutMs: WALK_MS, signal, onBytes: push });
  switch (end.kind) {
    case "ended":
      return { kind: "known", has: (relative) => seen.has(relative) };
    case "missing":
      return { kind: "unknown", why: "ripgrep was not found" };
    case "failed":
      return { kind: "unknown", why: end.message };
    case "enough":
    case "timeout":
    case "cancelled":
      return { kind: "unknown", why: "there are too many files below" };
  }
}
