/** Finds logs of other workspaces that may belong to this folder. Reads a small file of each; knows nothing of VS Code. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Home, homeName, type Kinship, kinshipOf, parseHome } from "../store/home";

export type MovedLog = {
  /** The log's folder. */
  readonly log: string;
  readonly home: Home;
  readonly kinship: Exclude<Kinship, "none">;
};

/** Workspaces that are looked at: more than anyone has opened. */
const mostWorkspaces = 5000;
const atOnce = 16;

/** @param storage this extension's folder in the storage of this workspace: its neighbours are those of the others. */
export async function findMovedLogs(storage: string, own: Home): Promise<readonly MovedLog[]> {
  const root = path.dirname(path.dirname(storage));
  const self = path.basename(path.dirname(storage));
  const names = (await readdir(root).catch(() => [])).filter((name) => name !== self).slice(0, mostWorkspaces);
  const found: MovedLog[] = [];
  const work = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const log = path.join(root, name, path.basename(storage), "log");
      const home = await readHome(log, path.join(root, name, "workspace.json"));
      const kinship = home === undefined ? "none" : kinshipOf(own, home, existsSync);
      if (home !== undefined && kinship !== "none") found.push({ log, home, kinship });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found.sort((one, other) => (one.log < other.log ? -1 : 1));
}

/** A log that was written before logs knew their folder: the editor has noted its path. */
async function readHome(log: string, note: string): Promise<Home | undefined> {
  const text = await read(path.join(log, homeName));
  if (text !== undefined) return parseHome(text);
  const hasLog = existsSync(path.join(log, "journal"));
  const uri = hasLog ? /"folder"\s*:\s*"(file:[^"]*)"/.exec((await read(note)) ?? "")?.[1] : undefined;
  if (uri === undefined) return undefined;
  try {
    return { folder: fileURLToPath(uri), id: "", origin: "" };
  } catch {
    return undefined;
  }
}

function read(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
