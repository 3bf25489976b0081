/** Brings the chats of another log into this one, as they are: same ids, same rows, same seqs. The other one stays. */
import path from "node:path";
import { type ArchivePlace, archiveName, archivePath, packArchive, readArchive } from "./archive";
import { archivedBlobs, damagedArchive, missingArchive, newerArchive } from "./closed-tabs";
import { acceptComing, putComing, settleComing } from "./coming";
import type { Database } from "./database";
import { setAside } from "./fs";
import { findHistory } from "./history";
import type { Identity } from "./identity";
import { type Log, readLog } from "./log";
import type { LogOp } from "./log-op";
import { lastSeq } from "./ops";
import { claimLog, releaseLog } from "./owner";
import { findTab, findTabs } from "./queries";
import { blobsOf } from "./summary";
import { isArchived, isRemoved } from "./tab-ops";
import type { Peek, TabRecord } from "./types";

export type BroughtIn = {
  /** Ids of the tabs that were open there, in their order: here they are closed. */
  readonly wereOpen: readonly string[];
  readonly told: readonly string[];
};

/** What is in a log that is not in this one. Changes nothing. @throws when the disk refuses to read. */
export function peek(log: Log, { fs, engine, steps }: ArchivePlace, from: string): Peek {
  const source = readLog({ fs, engine, folder: from, migrations: steps });
  try {
    const entries = findHistory(source.database, { limit: Number.MAX_SAFE_INTEGER });
    const news = entries.filter(
      ({ id, closedAt }) => isNew(log.database, id) && (closedAt !== undefined || lastSeq(source.database, id) > 0),
    );
    return { chats: news.length, lastAt: Math.max(0, ...news.map(({ lastAt }) => lastAt)) };
  } finally {
    source.close();
  }
}

/**
 * All or nothing: a crash in the middle leaves this log without any of them, or with all, as closed chats. Chats that are
 * here already, or were deleted here, stay as they are.
 * @throws with a sentence when another process has that log open or a newer version wrote it; when the disk refuses.
 */
export function bringIn(log: Log, place: ArchivePlace, from: string, self: Identity, now: Date): BroughtIn {
  const { fs, folder } = place;
  settleComing(fs, folder);
  const staged = stage(log.database, place, from, self);
  acceptComing(fs, folder);
  const told: string[] = [...staged.told];
  const ops = staged.ids.flatMap((id): readonly LogOp[] => {
    const found = adopt(place, id, now);
    if (typeof found !== "string") return [found];
    told.push(found);
    return [];
  });
  const [refused] = ops.length > 0 ? log.write([ops]) : [];
  if (refused !== undefined) throw refused;
  return { wereOpen: staged.wereOpen, told };
}

type Staged = BroughtIn & { readonly ids: readonly string[] };

/** The other log belongs to this process while it is read, so that nobody writes it meanwhile. */
function stage(own: Database, place: ArchivePlace, from: string, self: Identity): Staged {
  const { fs, engine, steps } = place;
  if (fs.stat(from) === undefined) throw new Error(`There is no folder ${from} any more.`);
  const visitor = { ...self, token: `${self.token}-in` };
  if (claimLog(fs, from, visitor).kind === "taken")
    throw new Error("These chats are open in another window: close that one and try again.");
  try {
    const source = readLog({ fs, engine, folder: from, migrations: steps });
    try {
      if (source.newer !== undefined)
        throw new Error("A newer version of Dispatch wrote these chats: update Dispatch to bring them here.");
      return { ...copyTabs(own, source.database, place, from), told: source.recovery };
    } finally {
      source.close();
    }
  } finally {
    releaseLog(fs, from, visitor.token);
  }
}

function copyTabs(own: Database, source: Database, place: ArchivePlace, from: string): Omit<Staged, "told"> {
  const { fs, folder } = place;
  const ids: string[] = [];
  const wereOpen: string[] = [];
  const blobs = new Set<string>();
  for (const tab of findTabs(source).records) {
    if (!isNew(own, tab.id)) continue;
    const isClosed = isArchived(source, tab.id);
    const bytes = isClosed ? fs.read(archivePath(from, tab.id)) : packOpen(place, source, tab);
    if (bytes === undefined) continue;
    putComing(fs, folder, "archive", archiveName(tab.id), bytes);
    ids.push(tab.id);
    if (tab.closedAt === undefined) wereOpen.push(tab.id);
    for (const name of isClosed ? archivedBlobs(source, tab.id) : blobsOf(source, tab.id)) blobs.add(name);
  }
  for (const name of blobs) {
    const bytes = fs.read(path.join(from, "blobs", name));
    const isHere = fs.stat(path.join(folder, "blobs", name)) !== undefined;
    if (bytes !== undefined && !isHere) putComing(fs, folder, "blobs", name, bytes);
  }
  return { ids, wereOpen };
}

/** @returns nothing for a tab in which nothing was said. */
function packOpen(place: ArchivePlace, source: Database, tab: TabRecord): Uint8Array | undefined {
  const isEmpty = lastSeq(source, tab.id) === 0 && tab.draft === "" && (tab.queue ?? []).length === 0;
  return isEmpty ? undefined : packArchive(place, source, tab);
}

/** @returns the record of a closed tab, or why its file can't be one. */
function adopt(place: ArchivePlace, id: string, now: Date): LogOp | string {
  const file = archivePath(place.folder, id);
  const archive = readArchive(place, file);
  if (archive === "absent") return missingArchive(id);
  if (archive === "newer") return newerArchive(id);
  if (archive === "damaged") return damagedArchive(path.basename(file), setAside(place.fs, file, now));
  const { mode: _, ...tab } = archive.tab; // what it allowed was allowed elsewhere
  const { summary } = archive;
  return { op: "archived", tab: { ...tab, closedAt: tab.closedAt ?? summary.lastAt }, summary };
}

function isNew(own: Database, id: string): boolean {
  return findTab(own, id) === undefined && !isRemoved(own, id);
}
