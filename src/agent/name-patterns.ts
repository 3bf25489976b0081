/** Which names a pattern such as `src/*.ts` stands for, or more: what bash would read from the disk. */
import { joinPath } from "../approvals/shell/folders";
import type { Workspace } from "../tools/types";

/** Entries that are looked at for one pattern or folder; more is not certain. */
const MAX_ENTRIES = 2_000;

/**
 * @param folder real and absolute.
 * @returns the paths in a folder that the pattern may stand for, at least all that it does; undefined where that is too much or
 *   not to be told.
 */
export async function pathsFor(
  workspace: Workspace,
  folder: string,
  pattern: string,
): Promise<readonly string[] | undefined> {
  if (joinPath(folder, pattern) === undefined) return undefined; // `..` behind a name
  const segments = pattern.split("/");
  let places: readonly string[] = [pattern.startsWith("/") ? "/" : folder];
  let looked = 0;
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue;
    if (!/[*?[]/.test(segment)) {
      const next = places.map((place) => joinPath(place, unquoted(segment)));
      if (next.includes(undefined)) return undefined;
      places = next.filter((place) => place !== undefined);
      continue;
    }
    const fits = looseExpression(segment);
    // Before version 5.2 bash lets `.*` stand for `..` too.
    if (/^[.[]|^\\\./.test(segment) && fits.test("..")) return undefined;
    const found: string[] = [];
    for (const place of places) {
      const resolved = await workspace.resolve(place);
      if ("error" in resolved || !resolved.inside) return undefined;
      const entries = await workspace.list(resolved.path);
      if ("error" in entries) continue; // not a folder: nothing below it
      looked += entries.length;
      if (looked > MAX_ENTRIES) return undefined;
      const names = entries.map(({ name }) => name).filter((name) => fits.test(name));
      // An argument that begins with it would be an option.
      if (segment === segments[0] && names.some((name) => name.startsWith("-"))) return undefined;
      found.push(...names.map((name) => `${resolved.path === "/" ? "" : resolved.path}/${name}`));
    }
    places = found;
  }
  return places;
}

export type Below = {
  /** Some link leads out of the workspace, or there is too much to tell. */
  readonly leadsOut: boolean;
  /** Something is neither a file nor a folder. */
  readonly hasSpecial: boolean;
};

/** What a command meets that looks through the folder and follows each link. @param folder real and absolute. */
export async function lookBelow(workspace: Workspace, folder: string): Promise<Below> {
  const [waiting, seen] = [[folder], new Set([folder])];
  const goTo = (place: string): void => {
    if (!seen.has(place)) waiting.push(place);
    seen.add(place);
  };
  let hasSpecial = false;
  let looked = 0;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const entries = await workspace.list(place);
    if ("error" in entries) continue; // a file
    looked += entries.length;
    if (looked > MAX_ENTRIES) return { leadsOut: true, hasSpecial };
    for (const { name, kind } of entries) {
      const path = `${place}/${name}`;
      if (kind === "folder") goTo(path);
      if (kind === "other") hasSpecial = true;
      if (kind !== "link") continue;
      const resolved = await workspace.resolve(path);
      if ("error" in resolved || !resolved.inside) return { leadsOut: true, hasSpecial };
      hasSpecial ||= (await workspace.look(resolved.path)) === "other";
      goTo(resolved.path);
    }
  }
  return { leadsOut: false, hasSpecial };
}

/**
 * Takes more than bash does: everything from a `[` on, names that begin with a dot too, and any name where there are so
 * many signs that a hostile name could keep the expression busy.
 */
function looseExpression(segment: string): RegExp {
  if ((segment.match(/[*?]/g)?.length ?? 0) > 3) return /^/;
  const source = segment.replace(/\\(.)|\*+|\?|\[.*|[\s\S]/gu, (part, quoted?: string) => {
    if (quoted !== undefined) return escaped(quoted);
    if (part.startsWith("*") || part.startsWith("[")) return ".*";
    return part === "?" ? "." : escaped(part);
  });
  return new RegExp(`^${source}$`, "su");
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

const unquoted = (segment: string): string => segment.replace(/\\(.)/g, "$1");
