/** Where a path that a model wrote really leads: one guard for all tools. */
import { lstat, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { guardOf, WINDOWS_ALIAS } from "./guarded-paths";
import type { Resolved } from "./types";

export type PathWorld = {
  /** Real path of the workspace folder. */
  readonly root: string;
  /** The folder as it was opened; differs from `root` when a link leads to it. */
  readonly given: string;
  /** Absolute paths of the host's own files and folders. */
  readonly guardedPaths: readonly string[];
  readonly windows: boolean;
};

const MAX_LINKS = 40;
const MAX_PATH = 4_096;
const MAX_NAME = 255;

/**
 * Follows links of the part that exists and adds the rest. `inside` holds only if both the path as written and the real
 * one are below the workspace folder. Never guesses: what can't be looked at is an error.
 */
export async function resolvePath(world: PathWorld, written: string): Promise<Resolved | { readonly error: string }> {
  const refused = refuse(written, world.windows);
  if (refused !== undefined) return { error: refused };
  const absolute = path.resolve(world.root, written);
  const real = await realPathOf(absolute, 0);
  if (typeof real !== "string") return real;
  const inside = isWithin(real, world.root) && (isWithin(absolute, world.root) || isWithin(absolute, world.given));
  const shown = inside ? toSlashes(path.relative(world.root, real), world.windows) || "." : real;
  const guarded = await guardReason(world, written, absolute, real, inside);
  const given = isWithin(absolute, world.given) ? path.join(world.root, withoutRoot(world, absolute)) : absolute;
  return {
    path: real,
    shown,
    inside,
    ...(given === real ? {} : { given }),
    ...(guarded === undefined ? {} : { guarded }),
  };
}

/** Compares with a separator at the end, so that `/proj-evil` is not within `/proj`. */
export function isWithin(target: string, folder: string): boolean {
  return target === folder || target.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

function refuse(written: string, windows: boolean): string | undefined {
  const quoted = JSON.stringify(written.slice(0, 200));
  if (written === "")
    return 'The path is empty. Write a path relative to the workspace folder, or "." for the folder itself.';
  if (written.length > MAX_PATH) return `The path is longer than ${MAX_PATH} characters.`;
  if (written.split(/[/\\]/).some((part) => Buffer.byteLength(part) > MAX_NAME)) {
    return `A name in the path ${quoted} is longer than ${MAX_NAME} bytes, which no disk takes.`;
  }
  if (written.includes("\0")) return `The path ${quoted} contains a NUL character, which no file name has.`;
  if (/\p{Surrogate}/u.test(written))
    return `The path ${quoted} contains half of a surrogate pair, which no file name has.`;
  if (/^~(?:[/\\]|$)/.test(written)) {
    return `The path ${quoted} starts with ~, which is not expanded here. Write a path relative to the workspace folder, or a whole absolute path.`;
  }
  if (/^[/\\]{2}[?.][/\\]/.test(written))
    return `The path ${quoted} names a device or bypasses Windows' path rules. Write an ordinary path.`;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(written))
    return `${quoted} is an address, not a path. Write a path relative to the workspace folder.`;
  if (!windows) return undefined;
  const alias = written.split(/[/\\]/).some((part) => part !== "." && part !== ".." && WINDOWS_ALIAS.test(part));
  if (alias)
    return `The path ${quoted} has a name that means another file or a device on Windows. Write the plain name.`;
  return /^[/\\]{2}/.test(written)
    ? `The path ${quoted} is on a network share, which the tools do not reach.`
    : undefined;
}

async function realPathOf(absolute: string, links: number): Promise<string | { readonly error: string }> {
  try {
    return await realpath(absolute);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOENT" && code !== "ENOTDIR") return { error: pathError(absolute, error) };
  }
  const target = await linkTarget(absolute);
  if (target !== undefined) {
    // A link to what does not exist yet: what is created there is created at its target.
    if (links >= MAX_LINKS) return { error: `The path ${absolute} leads through too many links.` };
    return realPathOf(path.resolve(path.dirname(absolute), target), links + 1);
  }
  const parent = path.dirname(absolute);
  if (parent === absolute) return absolute;
  const real = await realPathOf(parent, links);
  return typeof real === "string" ? path.join(real, path.basename(absolute)) : real;
}

async function linkTarget(absolute: string): Promise<string | undefined> {
  try {
    return (await lstat(absolute)).isSymbolicLink() ? await readlink(absolute) : undefined;
  } catch {
    return undefined;
  }
}

async function guardReason(
  world: PathWorld,
  written: string,
  absolute: string,
  real: string,
  inside: boolean,
): Promise<string | undefined> {
  const own = world.guardedPaths.some((own) =>
    [absolute, real].some((one) => isWithin(one.toLowerCase(), own.toLowerCase())),
  );
  if (own) return "It belongs to Dispatch's own storage.";
  const spellings = inside
    ? [path.relative(world.root, real), withoutRoot(world, absolute), path.isAbsolute(written) ? "" : written]
    : [real, absolute];
  for (const spelling of spellings) {
    const why = guardOf(spelling);
    if (why !== undefined) return why;
  }
  return hasOtherNames(real);
}

function withoutRoot(world: PathWorld, absolute: string): string {
  return path.relative(isWithin(absolute, world.given) ? world.given : world.root, absolute);
}

async function hasOtherNames(real: string): Promise<string | undefined> {
  try {
    const stat = await lstat(real);
    return stat.isFile() && stat.nlink > 1
      ? "It has other names (hard links); after the write they keep the old content."
      : undefined;
  } catch (error) {
    return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" ? undefined : "It could not be examined.";
  }
}

function toSlashes(relative: string, windows: boolean): string {
  return windows ? relative.replaceAll("\\", "/") : relative;
}

/** One sentence about a failed look at a path, without the system's jargon. */
export function pathError(shown: string, error: unknown): string {
  const code = codeOf(error);
  const known: Readonly<Record<string, string>> = {
    EACCES: "there is no permission for it",
    EPERM: "there is no permission for it",
    ELOOP: "its links form a circle",
    ENAMETOOLONG: "a name in it is too long",
    ENOENT: "it does not exist",
    ENOTDIR: "a part of it is a file, not a folder",
    ENOSPC: "the disk is full",
    EROFS: "the disk is read-only",
    EISDIR: "it is a folder",
    EEXIST: "something is in the way",
    EIO: "the disk reported an error",
  };
  const why = known[code] ?? (error instanceof Error ? error.message : String(error));
  return `${shown} can't be used: ${why}.`;
}

/** The `code` of a system error, else the empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
