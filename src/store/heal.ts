/** What the archives know and the database does not: found at each opening, so that no lost record hides a chat. */
import path from "node:path";
import { type ArchivePlace, archiveFolder, archiveName, archivePath, listArchives, readArchive } from "./archive";
import { damagedArchive, missingArchive, newerArchive } from "./closed-tabs";
import type { Database } from "./database";
import { setAside } from "./fs";
import { applyOps, lastSeq } from "./ops";
import { findTab, findTabs } from "./queries";
import { isArchived } from "./tab-ops";
import type { TabRecord } from "./types";

export type Healed = {
  /** Whether the database is another one now. */
  readonly changed: boolean;
  readonly told: readonly string[];
};

type Patient = ArchivePlace & {
  readonly database: Database;
  /** Records of the log were lost: then an open tab may lack what its leftover archive holds. */
  readonly isDamaged: boolean;
  /** `undefined`: no file may be changed. */
  readonly setAsideAt: Date | undefined;
};

/**
 * Adopts every archive that no record speaks of; in a damaged log it also joins the rows that are there with those of
 * the archive. @throws when the disk refuses.
 */
export function heal(patient: Patient): Healed {
  const { fs, folder, database, isDamaged } = patient;
  const tabs = new Map(findTabs(database).records.map((tab) => [archiveName(tab.id), tab]));
  const removed = new Set(database.all("SELECT tab_id FROM removed_tabs").map(([id]) => archiveName(String(id))));
  const told: string[] = [];
  let changed = false;
  const there = new Set(listArchives(fs, folder));
  database.script("BEGIN");
  for (const name of there) {
    const tab = tabs.get(name);
    const isLive = tab !== undefined && lastSeq(database, tab.id) > 0;
    const isKnown = tab !== undefined && (isLive || isArchived(database, tab.id));
    if (removed.has(name) || (isKnown && !(isLive && isDamaged))) continue;
    const outcome = adopt(patient, name, tab, isLive);
    if (typeof outcome === "string") told.push(outcome);
    else changed ||= outcome;
  }
  const unsummed = database.all("SELECT tab_id FROM archives WHERE spend_json IS NULL").map(([id]) => String(id));
  for (const id of unsummed) changed = sumUp(patient, id) || changed;
  database.script("COMMIT");
  const closed = database.all("SELECT tab_id FROM archives").map(([id]) => String(id));
  const missing = patient.setAsideAt === undefined ? [] : closed.filter((id) => !there.has(archiveName(id)));
  told.push(...missing.map((id) => missingArchive(findTab(database, id)?.title ?? "")));
  return { changed, told };
}

/** @returns whether the database has changed, or a sentence that says why the archive stays where it is. */
function adopt(patient: Patient, name: string, tab: TabRecord | undefined, isLive: boolean): boolean | string {
  const { database, fs, folder, setAsideAt } = patient;
  const file = path.join(archiveFolder(folder), name);
  const archive = readArchive(patient, file);
  if (archive === "absent") return false;
  if (archive === "newer") return newerArchive(tab?.title ?? name);
  if (archive === "damaged") {
    return setAsideAt === undefined
      ? `The closed chat in ${name} is damaged.`
      : damagedArchive(name, setAside(fs, file, setAsideAt));
  }
  // Whose file this is, its name has to say too: a copy under another name is not a second chat.
  if (archivePath(folder, archive.tab.id) !== file) return `The file ${name} in the archive belongs to no chat.`;
  if (isLive) return applyOps(database, [{ op: "restored", tab: archive.tab, content: archive.content }]);
  const wasEmpty = tab !== undefined && tab.closedAt === undefined && archive.content.rows.length === 0;
  if (wasEmpty) return false;
  const closedAt = tab?.closedAt ?? archive.tab.closedAt ?? archive.summary.lastAt;
  return applyOps(database, [{ op: "archived", tab: { ...(tab ?? archive.tab), closedAt }, summary: archive.summary }]);
}

/** For tabs that an older version has closed. @returns whether the archive could be read and its use is known now. */
function sumUp(patient: Patient, tabId: string): boolean {
  const tab = findTab(patient.database, tabId);
  const archive = tab === undefined ? "absent" : readArchive(patient, archivePath(patient.folder, tabId));
  if (tab === undefined || typeof archive === "string") return false;
  return applyOps(patient.database, [{ op: "archived", tab, summary: archive.summary }]);
}
