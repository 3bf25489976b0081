/**
 * Which folder the chats of a log belong to, kept beside the log: the editor keys its storage by the folder's path and
 * inode, so a folder that was moved, renamed or opened as a workspace file begins with an empty log. This says whose the
 * old one is.
 */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";

export type Home = {
  /** The folder's real path. */
  readonly folder: string;
  /** Device, inode and birth of the folder: they stay when it is moved on its disk. */
  readonly id: string;
  /** SHA-256 of the address that its git repository was cloned from; empty without one. The address may hold a secret. */
  readonly origin: string;
};

/** How another log's folder is related to this one. */
export type Kinship =
  /** It is this folder, moved, renamed, or opened in another way. */
  | "same"
  /** It is gone, had this name, and was a clone of the same repository. */
  | "probable"
  /** It is gone. Only a person can tell. */
  | "gone"
  | "none";

export const homeName = "home.json";

/** @returns nothing when there is no such folder. */
export function describeHome(folder: string): Home | undefined {
  try {
    const real = realpathSync.native(folder);
    const { dev, ino, birthtimeMs } = statSync(real);
    // Numbers that are in use again after a folder was deleted differ in the time of their birth.
    return { folder: real, id: `${dev}:${ino}:${birthtimeMs}`, origin: originOf(real) };
  } catch {
    return undefined;
  }
}

/** @returns nothing for what is not a home. */
export function parseHome(text: string): Home | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    const [folder, id, origin] = ["folder", "id", "origin"].map((name) => fields.get(name));
    if (typeof folder !== "string" || typeof id !== "string" || typeof origin !== "string") return undefined;
    return { folder, id, origin };
  } catch {
    return undefined;
  }
}

/** @param exists whether there is a folder at this path now. */
export function kinshipOf(own: Home, other: Home, exists: (folder: string) => boolean): Kinship {
  if (other.id === own.id || other.folder === own.folder) return "same";
  if (exists(other.folder)) return "none";
  const isNamesake = path.basename(other.folder) === path.basename(own.folder);
  return isNamesake && own.origin !== "" && own.origin === other.origin ? "probable" : "gone";
}

function originOf(folder: string): string {
  let config: string;
  try {
    config = readFileSync(path.join(folder, ".git", "config"), "utf8");
  } catch {
    return "";
  }
  const url = /^\[remote "origin"\]$[^[]*?^\s*url\s*=\s*(.+?)\s*$/m.exec(config)?.[1];
  return url === undefined ? "" : createHash("sha256").update(url).digest("hex");
}
