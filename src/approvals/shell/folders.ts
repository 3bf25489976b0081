/** In which folders a command may run, when `cd` stands before it. */
import type { Pipeline } from "./script";

/** The folders that are possible after what was read so far, by how it ended. */
export type Folders = { readonly ok: readonly string[]; readonly failed: readonly string[] };

/** The folders that the next pipeline may begin in. */
export function foldersFor(after: Pipeline["after"], { ok, failed }: Folders): readonly string[] {
  const possible = after === "&&" ? ok : after === "||" ? failed : [...ok, ...failed];
  return unique(possible.length > 0 ? possible : [...ok, ...failed]);
}

/**
 * @param began what `foldersFor` gave.
 * @param moved where a `cd` that is not part of a pipe leads; absent where there is none.
 */
export function foldersAfter(
  { after, negated }: Pipeline,
  before: Folders,
  began: readonly string[],
  moved: readonly string[] | undefined,
): Folders {
  const here: Folders = { ok: moved ?? began, failed: began };
  const { ok, failed } = negated ? { ok: here.failed, failed: here.ok } : here;
  return {
    ok: unique([...ok, ...(after === "||" ? before.ok : [])]),
    failed: unique([...failed, ...(after === "&&" ? before.failed : [])]),
  };
}

/**
 * The absolute path of a text in a folder, as the system walks it. A `..` behind a name is undefined: where it leads
 * depends on whether the name is a link.
 */
export function joinPath(folder: string, text: string): string | undefined {
  const from = text.startsWith("/") ? [] : folder.split("/");
  const joined = from.filter((part) => part !== "");
  let named = text.startsWith("/");
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      named = true;
      joined.push(part);
    } else if (named) return undefined;
    else joined.pop();
  }
  return `/${joined.join("/")}`;
}

function unique(folders: readonly string[]): readonly string[] {
  return [...new Set(folders)];
}
