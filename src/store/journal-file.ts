/** The open journal: appends that either are durable or leave the file as it was. */
import { errorCode, type StoreFs, writeAll } from "./fs";

export type JournalFile = {
  /** Length of the part that is durable and whole. */
  readonly length: () => number;
  /** Cuts off what stands after that part. */
  readonly trim: () => void;
  /** Returns once the bytes are durable. Throws when they may not be; the same call can then be repeated. */
  readonly append: (bytes: Uint8Array) => void;
  readonly close: () => void;
};

/** Thrown when the journal is no longer at its path: what was appended now would go nowhere. */
export class JournalGone extends Error {
  readonly code = "ENOENT";
}

/** @param length everything after it is cut off before the first append. */
export function openJournal(fs: StoreFs, file: string, length: number): JournalFile {
  let good = length;
  let fd: number | undefined;
  let id: string | undefined;

  function close(): void {
    if (fd === undefined) return;
    const closing = fd;
    fd = undefined;
    fs.close(closing);
  }

  /** Opens the file anew after each failure: a failed sync may have dropped pages that a second sync calls clean. */
  function ready(): number {
    if (fd === undefined) {
      fd = openAt(fs, file);
      id ??= fs.statOpen(fd).id;
      if (fs.statOpen(fd).id !== id) throw new JournalGone(`${file} is another file now`);
      if (fs.statOpen(fd).size !== good) {
        fs.truncate(fd, good);
        fs.sync(fd);
      }
    }
    if (fs.stat(file)?.id !== id) throw new JournalGone(`${file} was moved or removed`);
    return fd;
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      discard(close);
      throw error;
    }
  }

  return {
    length: () => good,
    trim: () => guarded(() => void ready()),
    append: (bytes) =>
      guarded(() => {
        const target = ready();
        writeAll(fs, target, bytes, good);
        fs.sync(target);
        good += bytes.length;
      }),
    close,
  };
}

function openAt(fs: StoreFs, file: string): number {
  try {
    return fs.open(file, "update");
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw new JournalGone(`${file} was moved or removed`);
    throw error;
  }
}

/** The first failure is the one to report. */
function discard(close: () => void): void {
  try {
    close();
  } catch {
    // The descriptor is given up either way.
  }
}
