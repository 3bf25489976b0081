/** Which files of a tree ripgrep goes through. */
import path from "node:path";
import type { Resolved, Workspace } from "./types";

/**
 * What is hidden counts, what ignore files leave out does not, unless it is asked for; the insides of git never do.
 * In a repository the ignore files count up to its top, as for git. Elsewhere up to the workspace folder and no further:
 * a .gitignore in a home folder says nothing about what lies below it.
 */
export async function whichFiles(workspace: Workspace, where: Resolved, ignored: boolean): Promise<readonly string[]> {
  const internals = [".git", ".hg", ".svn"].flatMap((name) => ["--glob", `!${name}`]);
  // Outside, a search from far above must not go on into the kernel's own file systems or another machine's.
  const within = where.inside ? [] : ["--one-file-system"];
  const always = ["--hidden", ...internals, "--path-separator", "/", ...within];
  if (ignored) return [...always, "--no-ignore"];
  if (await isInRepository(workspace, where.path)) return always;
  const above = where.inside ? foldersAbove(where.path, workspace.root) : [];
  const files = above.map((folder) => path.join(folder, ".gitignore"));
  const kinds = await Promise.all(files.map((file) => workspace.look(file)));
  const own = files.filter((_, index) => kinds[index] === "file").flatMap((file) => ["--ignore-file", file]);
  return [...always, "--no-require-git", "--no-ignore-parent", ...own];
}

async function isInRepository(workspace: Workspace, folder: string): Promise<boolean> {
  const tops = [folder, ...foldersAbove(folder, path.parse(folder).root)];
  const kinds = await Promise.all(tops.map((one) => workspace.look(path.join(one, ".git"))));
  return kinds.some((kind) => kind !== "missing");
}

/** Those between a folder and one above it, with that one. */
function foldersAbove(folder: string, top: string): readonly string[] {
  const above: string[] = [];
  for (let at = folder; at !== top && path.dirname(at) !== at; ) {
    at = path.dirname(at);
    above.push(at);
  }
  return above;
}
