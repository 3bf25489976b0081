/**
 * The few file operations that the log needs, as one injectable object: tests put a disk in its place that fails,
 * forgets what was not synced, or dies at operation k. All are synchronous; they run in the log's worker.
 */
import * as node from "node:fs";
import path from "node:path";

/** What tells one file from another at the same path: compared, never computed with. */
export type FileStat = { readonly size: number; readonly id: string; readonly modified: number };

export type StoreFs = {
  /** With its parents; only its owner may look inside. */
  readonly makeFolder: (folder: string) => void;
  /** `undefined` when there is no such file. Every other failure throws. */
  readonly read: (file: string) => Uint8Array | undefined;
  /** The bytes from this position on, empty behind the end; `undefined` when there is no such file. */
  readonly readFrom: (file: string, position: number) => Uint8Array | undefined;
  readonly list: (folder: string) => readonly string[];
  readonly stat: (file: string) => FileStat | undefined;
  /** `create` empties or makes the file, `exclusive` fails if it is there, `update` needs it to be there. */
  readonly open: (file: string, how: "create" | "exclusive" | "update") => number;
  /** @returns how many bytes were written, which may be fewer than given. */
  readonly write: (fd: number, bytes: Uint8Array, position: number) => number;
  readonly truncate: (fd: number, length: number) => void;
  /** The bytes and the length of the file are on the disk afterwards. */
  readonly sync: (fd: number) => void;
  readonly statOpen: (fd: number) => FileStat;
  readonly close: (fd: number) => void;
  readonly rename: (from: string, to: string) => void;
  readonly link: (from: string, to: string) => void;
  /** No error when the file is not there. */
  readonly remove: (file: string) => void;
  /** Names that were made, renamed or removed in the folder are on the disk afterwards. */
  readonly syncFolder: (folder: string) => void;
};

export const nodeFs: StoreFs = {
  makeFolder: (folder) => void node.mkdirSync(folder, { recursive: true, mode: 0o700 }),
  read: (file) => orAbsent(() => node.readFileSync(file)),
  readFrom: (file, position) => orAbsent(() => readFrom(file, position)),
  list: (folder) => orAbsent(() => node.readdirSync(folder)) ?? [],
  stat: (file) => orAbsent(() => fileStat(node.statSync(file))),
  open: (file, how) => node.openSync(file, how === "create" ? "w" : how === "exclusive" ? "wx" : "r+", 0o600),
  write: (fd, bytes, position) => node.writeSync(fd, bytes, 0, bytes.length, position),
  truncate: (fd, length) => node.ftruncateSync(fd, length),
  sync: (fd) => node.fdatasyncSync(fd),
  statOpen: (fd) => fileStat(node.fstatSync(fd)),
  close: (fd) => node.closeSync(fd),
  rename: (from, to) => node.renameSync(from, to),
  link: (from, to) => node.linkSync(from, to),
  remove: (file) => node.rmSync(file, { force: true }),
  syncFolder,
};

/** Writes all bytes, however many calls that takes. */
export function writeAll(fs: StoreFs, fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += fs.write(fd, bytes.subarray(done), position + done);
  }
}

/** Makes a file whose whole content is on the disk. Its name is not: that takes a `syncFolder`. */
export function writeSynced(fs: StoreFs, file: string, bytes: Uint8Array): void {
  const fd = fs.open(file, "create");
  try {
    writeAll(fs, fd, bytes, 0);
    fs.sync(fd);
  } finally {
    fs.close(fd);
  }
}

/** Puts a file in place so that a crash leaves either the old content or the new one, and the new one is durable. */
export function replaceFile(fs: StoreFs, file: string, bytes: Uint8Array): void {
  writeSynced(fs, `${file}.tmp`, bytes);
  fs.rename(`${file}.tmp`, file);
  fs.syncFolder(path.dirname(file));
}

/** Keeps a damaged file under another name, too: the name it has is about to get new content. @returns that name. */
export function setAside(fs: StoreFs, file: string, now: Date): string {
  const folder = path.dirname(file);
  const stem = `${path.basename(file)}.corrupt-`;
  const id = fs.stat(file)?.id;
  const known = fs.list(folder).find((name) => name.startsWith(stem) && fs.stat(path.join(folder, name))?.id === id);
  if (known !== undefined) return known;
  let name = stem + now.toISOString().replaceAll(":", "-");
  for (let count = 2; fs.stat(path.join(folder, name)) !== undefined; count += 1) name = `${name}-${count}`;
  linkOrCopy(fs, file, path.join(folder, name));
  fs.syncFolder(folder);
  return name;
}

/** `ENOSPC` and its like, or `undefined` for what is not a failure of the system. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Some file systems have no second names for a file. */
function linkOrCopy(fs: StoreFs, from: string, to: string): void {
  try {
    fs.link(from, to);
  } catch (error) {
    if (!hasNoLinks(error)) throw error;
    writeSynced(fs, to, fs.read(from) ?? new Uint8Array());
  }
}

function readFrom(file: string, position: number): Uint8Array {
  const fd = node.openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, node.fstatSync(fd).size - position));
    let done = 0;
    for (let read = -1; read !== 0 && done < bytes.length; done += read)
      read = node.readSync(fd, bytes, done, bytes.length - done, position + done);
    return bytes.subarray(0, done);
  } finally {
    node.closeSync(fd);
  }
}

function orAbsent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether `link` failed because the file system has no hard links at all. */
export function hasNoLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errorCode(error) ?? "");
}

function fileStat(stat: node.Stats): FileStat {
  return { size: stat.size, id: `${stat.dev}:${stat.ino}`, modified: stat.mtimeMs };
}

/** Windows can't open a folder for this and needs no call: NTFS journals its names. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const fd = node.openSync(folder, "r");
  try {
    node.fsyncSync(fd);
  } finally {
    node.closeSync(fd);
  }
}
