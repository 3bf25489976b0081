/** What the log takes on the disk. */
import path from "node:path";
import { archiveFolder } from "./archive";
import type { StoreFs } from "./fs";

/** Bytes of all files in the log's folder. @throws when the disk refuses to tell. */
export function folderBytes(fs: StoreFs, folder: string): number {
  const inner = [path.join(folder, "blobs"), archiveFolder(folder)];
  const files = [folder, ...inner].flatMap((one) => fs.list(one).map((name) => path.join(one, name)));
  return files
    .filter((file) => !inner.includes(file))
    .map((file) => fs.stat(file)?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
