/**
 * Files that are on their way into the log from another one. They lie beside their places under names that nothing reads,
 * until all of them are durable; then a mark is set, and from then on they belong to the log, also after a crash.
 */
import path from "node:path";
import { archiveFolder } from "./archive";
import { replaceFile, type StoreFs } from "./fs";

const suffix = ".coming";
const markName = "coming";

export type Kind = "archive" | "blobs";

/** Durable when it returns. @throws when the disk refuses. */
export function putComing(fs: StoreFs, folder: string, kind: Kind, name: string, bytes: Uint8Array): void {
  const place = folderOf(folder, kind);
  if (fs.stat(place) === undefined) {
    fs.makeFolder(place);
    fs.syncFolder(folder);
  }
  replaceFile(fs, path.join(place, name + suffix), bytes);
}

/** All that was put belongs to the log now. @throws when the disk refuses: then the next opening may still find it so. */
export function acceptComing(fs: StoreFs, folder: string): void {
  replaceFile(fs, path.join(folder, markName), new Uint8Array());
  settleComing(fs, folder);
}

/** For each opening: finishes what was accepted, removes what was not. @throws when the disk refuses. */
export function settleComing(fs: StoreFs, folder: string): void {
  const mark = path.join(folder, markName);
  const isAccepted = fs.stat(mark) !== undefined;
  for (const place of [folderOf(folder, "archive"), folderOf(folder, "blobs")]) {
    const names = fs.list(place).filter((name) => name.endsWith(suffix) || name.endsWith(`${suffix}.tmp`));
    for (const name of names) {
      const file = path.join(place, name);
      if (isAccepted && name.endsWith(suffix)) fs.rename(file, file.slice(0, -suffix.length));
      else fs.remove(file);
    }
    if (names.length > 0) fs.syncFolder(place);
  }
  if (!isAccepted) return;
  fs.remove(mark);
  fs.syncFolder(folder);
}

function folderOf(folder: string, kind: Kind): string {
  return kind === "archive" ? archiveFolder(folder) : path.join(folder, "blobs");
}
