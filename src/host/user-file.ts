/**
 * The person's settings.json as a file. Of one that is not valid JSON, VS Code takes what it can make out and tells nobody:
 * what is missing then looks as if it had never been set.
 */
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import path from "node:path";
import type { Disposable } from "./dispose";

/**
 * @param globalStorage the extension's own folder in it.
 * @returns where the settings of this machine stand: of the person, and of a remote machine. They need not be there. Those
 *   that another machine or another profile keeps are out of reach.
 */
export function userFiles(globalStorage: string): readonly string[] {
  const user = path.resolve(globalStorage, "..", "..");
  return [path.join(user, "settings.json"), path.join(user, "..", "Machine", "settings.json")];
}

type FileProblem = { readonly file: string; readonly message: string };

/** The first of the files that is there and broken. */
export function findBroken(files: readonly string[]): FileProblem | undefined {
  const file = files.find((one) => !isWhole(readText(one)));
  if (file === undefined) return undefined;
  return { file, message: `settings.json is not valid JSON, so VS Code reads only a part of it; correct ${file}.` };
}

export type FileFollower = Disposable & {
  /** From now on this file, or none. */
  readonly follow: (file: string | undefined) => void;
};

/** Looks at the file every second. @param changed what VS Code does not always tell of: it has become another one. */
export function createFileFollower(changed: () => void): FileFollower {
  let followed: string | undefined;
  const follow = (file: string | undefined): void => {
    if (file === followed) return;
    if (followed !== undefined) unwatchFile(followed, changed);
    followed = file;
    if (file !== undefined) watchFile(file, { interval: 1_000, persistent: false }, changed);
  };
  return { follow, dispose: () => follow(undefined) };
}

/** @param settings JSON as VS Code takes it in its settings: with comments, and with commas before a closing bracket. */
export function isWhole(settings: string): boolean {
  const plain = withoutExtras(settings);
  try {
    if (plain.trim() !== "") JSON.parse(plain);
    return true;
  } catch {
    return false;
  }
}

const text = String.raw`"(?:[^"\\\n]|\\.)*"`;
const comment = String.raw`\/\/[^\n]*|\/\*(?:(?!\*\/)[\s\S])*\*\/`;
const lastComma = String.raw`,(?=(?:\s|${comment})*[}\]])`;
const extras = new RegExp(`${text}|${comment}|${lastComma}`, "g");

/** The same without what JSON itself does not have. A tab in a text is no reason to take nothing at all. */
function withoutExtras(settings: string): string {
  return settings
    .replace(/^\uFEFF/, "")
    .replace(extras, (part) => (part.startsWith('"') ? part.replaceAll("\t", " ") : " "));
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
