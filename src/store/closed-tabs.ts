/** Closing, reopening and deleting a tab: each can be repeated after a failure of the disk and then goes on. */
import path from "node:path";
import {
  type ArchivePlace,
  archiveFolder,
  archiveName,
  archivePath,
  listArchives,
  readArchive,
  writeArchive,
} from "./archive";
import type { Database } from "./database";
import { type StoreFs, setAside } from "./fs";
import type { Log } from "./log";
import type { LogOp } from "./log-op";
import { findTab } from "./queries";
import { blobsOf, summarise } from "./summary";
import { isArchived, isRemoved } from "./tab-ops";
import { spendOf } from "./usage";

/** @throws when there is no such tab, or the disk refuses. */
export function closeTab(log: Log, place: ArchivePlace, tabId: string, closedAt: number): void {
  const { database } = log;
  if (isArchived(database, tabId)) return;
  const known = findTab(database, tabId);
  if (known === undefined) throw new Error(`There is no tab ${tabId}.`);
  const tab = { ...known, closedAt };
  const blobs = [...blobsOf(database, tabId)].sort();
  const summary = { ...summarise(database, tabId, tab.createdAt), blobs, spend: spendOf(database, tabId) };
  writeArchive(place, database, tab);
  record(log, { op: "archived", tab, summary });
}

/**
 * The archive stays until a checkpoint holds the rows.
 * @returns whether the tab is open now, and sentences for the user. @throws when there is nothing that can be read.
 */
export function reopenTab(
  log: Log,
  place: ArchivePlace,
  tabId: string,
  now: Date,
): { readonly isOpen: boolean; readonly told: readonly string[] } {
  const { database } = log;
  const tab = findTab(database, tabId);
  if (tab === undefined) return { isOpen: false, told: [] };
  const { closedAt, ...open } = tab;
  if (!isArchived(database, tabId)) {
    if (closedAt !== undefined) record(log, { op: "tab", tab: open });
    return { isOpen: true, told: [] };
  }
  const file = archivePath(place.folder, tabId);
  const archive = readArchive(place, file);
  if (archive === "absent") return { isOpen: false, told: [missingArchive(tab.title)] };
  if (archive === "newer") throw new Error(newerArchive(tab.title));
  if (archive === "damaged") {
    throw new Error(`${damagedArchive(path.basename(file), setAside(place.fs, file, now))} Nothing in it can be read.`);
  }
  const told = archive.isWhole
    ? []
    : [`${damagedArchive(path.basename(file), setAside(place.fs, file, now))} What could be read is back.`];
  record(log, { op: "restored", tab: open, content: archive.content });
  return { isOpen: true, told };
}

/** @param claimed blobs that were stored and that a row is about to refer to. @throws when the disk refuses. */
export function deleteTab(log: Log, place: ArchivePlace, tabId: string, claimed: ReadonlySet<string>): void {
  const { database } = log;
  if (!isRemoved(database, tabId)) {
    if (findTab(database, tabId) === undefined) return;
    const blobs = isArchived(database, tabId) ? archivedBlobs(database, tabId) : blobsOf(database, tabId);
    record(log, { op: "removed", tabId, blobs: [...blobs], spend: spendOf(database, tabId) });
  }
  purgeRemoved(log, place, claimed);
}

/** Takes all that is left of removed tabs off the disk. @throws when the disk refuses. */
export function purgeRemoved(log: Log, place: ArchivePlace, claimed: ReadonlySet<string>): void {
  const { database } = log;
  const { fs, folder } = place;
  const removed = database.all("SELECT tab_id, blobs_json FROM removed_tabs WHERE purged = 0");
  if (removed.length === 0) return;
  const tabIds = removed.map(([id]) => String(id));
  const names = tabIds.map(archiveName);
  const leftovers = fs.list(archiveFolder(folder)).filter((name) => names.some((one) => name.startsWith(one)));
  removeAll(fs, archiveFolder(folder), leftovers);
  if (isComplete(fs, folder, database)) {
    const kept = new Set([...blobsOf(database), ...archivedBlobs(database), ...claimed]);
    const blobs = removed.flatMap(([, json]) => parseNames(json)).filter((name) => !kept.has(name));
    const there = new Set(fs.list(path.join(folder, "blobs")));
    removeAll(
      fs,
      path.join(folder, "blobs"),
      blobs.filter((name) => there.has(name)),
    );
  }
  // The first one takes the content out of the checkpoint, the second one out of what is kept beside it.
  log.checkpoint("compact");
  log.checkpoint();
  record(log, { op: "purged", tabIds });
}

/** Removes the archives of tabs that are open: a checkpoint holds their rows. @throws when the disk refuses. */
export function sweepArchives(fs: StoreFs, folder: string, database: Database): void {
  const sql = "SELECT id FROM tabs WHERE id NOT IN (SELECT tab_id FROM archives)";
  const open = new Set(database.all(sql).map(([id]) => archiveName(String(id))));
  const names = fs.list(archiveFolder(folder));
  removeAll(
    fs,
    archiveFolder(folder),
    names.filter((name) => open.has(name) || name.endsWith(".tmp")),
  );
}

export function damagedArchive(name: string, kept: string): string {
  return `The closed chat in ${name} was damaged; it is kept as ${kept}.`;
}

export function newerArchive(title: string): string {
  return `A newer version of Dispatch closed the chat “${title}”: update Dispatch to open it again.`;
}

export function missingArchive(title: string): string {
  return `The file of the closed chat “${title}” is missing from the log's folder.`;
}

/** Whether every archive's blobs are known: one that can't be read may refer to any. */
function isComplete(fs: StoreFs, folder: string, database: Database): boolean {
  const known = new Set(database.all("SELECT id FROM tabs").map(([id]) => archiveName(String(id))));
  return listArchives(fs, folder).every((name) => known.has(name));
}

/** The blobs that closed tabs refer to; of all of them without an id. */
export function archivedBlobs(database: Database, tabId?: string): readonly string[] {
  const [rest, values] = tabId === undefined ? ["", []] : [" WHERE tab_id = ?", [tabId]];
  return database.all(`SELECT blobs_json FROM archives${rest}`, values).flatMap(([json]) => parseNames(json));
}

function parseNames(json: unknown): readonly string[] {
  const names: unknown = JSON.parse(String(json));
  return Array.isArray(names) ? names.map(String) : [];
}

function removeAll(fs: StoreFs, folder: string, names: readonly string[]): void {
  for (const name of names) fs.remove(path.join(folder, name));
  if (names.length > 0) fs.syncFolder(folder);
}

function record(log: Log, op: LogOp): void {
  const [refused] = log.write([[op]]);
  if (refused !== undefined) throw refused;
}
