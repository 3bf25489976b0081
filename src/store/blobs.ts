/** Large outputs and images as files named by the SHA-256 of their content. */
import path from "node:path";
import { replaceFile, type StoreFs } from "./fs";
import { sha256 } from "./images";
import { blobNames } from "./summary";
import type { Op } from "./types";

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

/** The blobs that were stored and that no row refers to yet: deleting a tab must not take one that another is about to use. */
export type Unclaimed = {
  readonly put: (name: string) => void;
  /** The rows among the ops refer to what they were waiting for. */
  readonly claim: (ops: readonly Op[]) => void;
  readonly names: () => ReadonlySet<string>;
};

export function unclaimedBlobs(): Unclaimed {
  const counts = new Map<string, number>();
  return {
    put: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    claim: (ops) => {
      if (counts.size === 0) return;
      for (const name of ops.flatMap((op) => (op.op === "rows" ? blobNames(JSON.stringify(op.rows)) : []))) {
        const count = counts.get(name) ?? 0;
        if (count > 1) counts.set(name, count - 1);
        else counts.delete(name);
      }
    },
    names: () => new Set(counts.keys()),
  };
}
