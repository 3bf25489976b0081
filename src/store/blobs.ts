/** Large outputs and images as files named by the SHA-256 of their content. */
import path from "node:path";
import { replaceFile, type StoreFs } from "./fs";
import { sha256 } from "./images";

/** Durable when it returns. @returns the name. @throws when the disk refuses. */
export function putBlob(fs: StoreFs, folder: string, bytes: Uint8Array): string {
  const name = sha256(bytes);
  const blobs = path.join(folder, "blobs");
  if (fs.stat(blobs) === undefined) {
    fs.makeFolder(blobs);
    fs.syncFolder(folder);
  }
  const file = path.join(blobs, name);
  // A file gets its name only when it is complete, but the name itself may not have reached the disk yet.
  if (fs.stat(file) === undefined) replaceFile(fs, file, bytes);
  else fs.syncFolder(blobs);
  return name;
}

/** @returns `undefined` when there is no such blob, `damaged` when its content is not what its name says. */
export function getBlob(fs: StoreFs, folder: string, name: string): Uint8Array | "damaged" | undefined {
  if (!/^[0-9a-f]{64}$/.test(name)) return undefined;
  const bytes = fs.read(path.join(folder, "blobs", name));
  return bytes === undefined || sha256(bytes) === name ? bytes : "damaged";
}
