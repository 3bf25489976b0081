/** Reading, listing and writing real files. Every path here is the real one that `resolvePath` gave. */
import { createHash, randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, link, lstat, mkdir, open, opendir, realpath, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { kindOfBytes } from "./file-kinds";
import { codeOf, pathError } from "./node-paths";
import type { Encoding, Entry, FileRead, FileWrite } from "./types";

/** A file of this size is read in about 50 ms; larger ones are a command's business. */
export const MAX_FILE_BYTES = 20_000_000;

/** So many entries are looked at in one folder; the rest could only be counted. */
const MAX_ENTRIES = 50_000;

/**
 * Reads a regular file, never following a link, never waiting on a pipe or a device, never more than the limit.
 * Text is UTF-8 or UTF-16 with a mark; everything else is `binary`, because it could not be written back as it was.
 */
export async function readRealFile(real: string, limit = MAX_FILE_BYTES): Promise<FileRead> {
  try {
    if (isKernelPath(real)) return { kind: "error", message: `${real} is not a file on disk but the system's own.` };
    const bytes = await readBytes(real, limit);
    return Buffer.isBuffer(bytes) ? decode(bytes) : bytes;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
    if (code === "EISDIR") return { kind: "folder" };
    return { kind: "error", message: pathError(real, error) };
  }
}

/** The bytes of a regular file, with the same care. */
export async function readRealBytes(real: string, limit: number): Promise<Uint8Array | { readonly error: string }> {
  try {
    if (isKernelPath(real)) return { error: `${real} is not a file on disk but the system's own.` };
    const bytes = await readBytes(real, limit);
    if (Buffer.isBuffer(bytes)) return bytes;
    return { error: bytes.kind === "error" ? bytes.message : `${real} has changed meanwhile. Try again.` };
  } catch (error) {
    return { error: pathError(real, error) };
  }
}

/** The entries of a folder in no particular order. `size` is 0 for all but files. */
export async function listRealFolder(real: string): Promise<readonly Entry[] | { readonly error: string }> {
  try {
    if (isKernelPath(real)) return { error: `${real} is not a folder on disk but the system's own.` };
    if ((await realpath(real)) !== real) return { error: `${real} has changed meanwhile. Try again.` };
    const names: string[] = [];
    for await (const entry of await opendir(real)) {
      if (names.push(entry.name) >= MAX_ENTRIES) break;
    }
    const entries: Entry[] = [];
    for (let at = 0; at < names.length; at += 64) {
      entries.push(...(await Promise.all(names.slice(at, at + 64).map((name) => entryOf(real, name)))));
    }
    return entries;
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return { error: `${real} is not a folder.` };
    return { error: pathError(real, error) };
  }
}

/** What is at a path. `other` too when it can't be looked at. */
export async function lookAtReal(real: string): Promise<Entry["kind"] | "missing"> {
  const found = await statOrUndefined(real).catch(() => null);
  return found === undefined ? "missing" : found === null ? "other" : kindOfEntry(found);
}

/** When each was changed last, in ms since 1970; 0 where that can't be told. */
export async function changeTimes(paths: readonly string[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < paths.length; at += 64) {
    const some = paths.slice(at, at + 64);
    times.push(
      ...(await Promise.all(
        some.map((one) =>
          lstat(one)
            .then((stats) => stats.mtimeMs)
            .catch(() => 0),
        ),
      )),
    );
  }
  return times;
}

/**
 * Writes a temp file beside the target, makes it durable and renames it over the target, so that a crash leaves the old
 * or the new text, never a mixture. Mode and owner stay. What the target holds is compared right before the rename.
 */
export async function writeRealFile(
  real: string,
  text: string,
  encoding: Encoding,
  expected: string | null,
): Promise<FileWrite> {
  const folder = path.dirname(real);
  const temp = path.join(folder, `.${randomBytes(9).toString("hex")}.tmp`);
  let handle: FileHandle | undefined;
  try {
    const before = await statOrUndefined(real);
    if (before !== undefined && !before.isFile()) return { kind: "error", message: `${real} is not a regular file.` };
    if (!(await makeRealFolder(folder))) return { kind: "changed" };
    handle = await open(
      temp,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
      before === undefined ? 0o666 : 0o600,
    );
    // Its folder may have become a link since it was looked at: then nothing is written there.
    if ((await realpath(temp)) !== temp) return { kind: "changed" };
    await handle.writeFile(encode(text, encoding));
    if (before !== undefined) await keepOwnerAndMode(handle, before);
    await handle.sync();
    await handle.close();
    handle = undefined;
    if (!(await holds(real, expected))) return { kind: "changed" };
    if (expected !== null) await rename(temp, real);
    else if (!(await place(temp, real))) return { kind: "changed" };
    await syncFolder(folder);
    return { kind: "written" };
  } catch (error) {
    return { kind: "error", message: pathError(real, error) };
  } finally {
    await handle?.close().catch(() => undefined);
    await unlink(temp).catch(() => undefined);
  }
}

/** Deletes a file for good when it is what `expected` says; never a link. */
export async function removeRealFile(real: string, expected: string): Promise<FileWrite> {
  try {
    if ((await realpath(path.dirname(real))) !== path.dirname(real) || !(await holds(real, expected)))
      return { kind: "changed" };
    await unlink(real);
    await syncFolder(path.dirname(real));
    return { kind: "written" };
  } catch (error) {
    return { kind: "error", message: pathError(real, error) };
  }
}

/** The bytes of a text as they stand in a file. */
export function encode(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case "utf8":
      return Buffer.from(text, "utf8");
    case "utf8-bom":
      return Buffer.from(`\u{FEFF}${text}`, "utf8");
    case "utf16le":
      return Buffer.from(`\u{FEFF}${text}`, "utf16le");
  }
}

/** Not on Windows, where neither exists and opening a link that appeared meanwhile is caught by the comparison after. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

/** Folders of the kernel's own, in which reading has effects or never ends. */
export function isKernelPath(real: string): boolean {
  return process.platform !== "win32" && /^\/(?:proc|sys|dev)(?:\/|$)/.test(real);
}

async function readBytes(real: string, limit: number): Promise<Buffer | FileRead> {
  // Opening some devices has effects by itself, so look first and compare after.
  const before = await lstat(real);
  if (before.isDirectory()) return { kind: "folder" };
  if (!before.isFile()) return { kind: "error", message: `${real} is not a regular file but ${kindOf(before)}.` };
  const handle = await open(real, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  try {
    const now = await handle.stat();
    const moved = !now.isFile() || now.ino !== before.ino || now.dev !== before.dev || (await realpath(real)) !== real;
    if (moved) return { kind: "error", message: `${real} has changed meanwhile. Try again.` };
    if (now.size > limit) return { kind: "too-large", size: now.size, limit };
    return await readAtMost(handle, now.size, limit);
  } finally {
    await handle.close();
  }
}

/** The size may lie or grow: reads until the end, but never past the limit. */
async function readAtMost(handle: FileHandle, size: number, limit: number): Promise<Buffer | FileRead> {
  let buffer = Buffer.allocUnsafe(Math.min(size, limit) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0) return buffer.subarray(0, length);
    if (length > limit) return { kind: "too-large", size: length, limit };
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(Math.max(65_536, length))]);
  }
}

function decode(bytes: Buffer): FileRead {
  const stamp = stampOf(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    const text = bytes.subarray(2).toString("utf16le");
    const isText = bytes.length % 2 === 0 && !text.includes("\0") && !/\p{Surrogate}/u.test(text);
    return isText ? { kind: "text", text, encoding: "utf16le", stamp } : binary(bytes);
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const body = hasMark ? bytes.subarray(3) : bytes;
  if (body.includes(0)) return binary(bytes);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return { kind: "text", text, encoding: hasMark ? "utf8-bom" : "utf8", stamp };
  } catch {
    return binary(bytes);
  }
}

function binary(bytes: Buffer): FileRead {
  const is = kindOfBytes(bytes);
  return { kind: "binary", size: bytes.length, ...(is === undefined ? {} : { is }) };
}

function stampOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @returns false when a link stands somewhere on the way, which was not there when the path was resolved. */
async function makeRealFolder(folder: string): Promise<boolean> {
  let existing = folder;
  while ((await statOrUndefined(existing)) === undefined) existing = path.dirname(existing);
  if ((await realpath(existing)) !== existing) return false;
  await mkdir(folder, { recursive: true });
  return (await realpath(folder)) === folder;
}

async function holds(real: string, expected: string | null): Promise<boolean> {
  const now = await statOrUndefined(real);
  if (now === undefined || expected === null) return now === undefined && expected === null;
  if (!now.isFile()) return false;
  const bytes = await readBytes(real, MAX_FILE_BYTES);
  return Buffer.isBuffer(bytes) && stampOf(bytes) === expected;
}

/** Like rename, but @returns false when something is there. Without hard links (some network disks) there is a tiny gap. */
async function place(temp: string, real: string): Promise<boolean> {
  try {
    await link(temp, real);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    await rename(temp, real);
  }
  return true;
}

async function keepOwnerAndMode(handle: FileHandle, before: Stats): Promise<void> {
  const now = await handle.stat();
  if (now.uid !== before.uid || now.gid !== before.gid)
    await handle.chown(before.uid, before.gid).catch(() => undefined);
  await handle.chmod(before.mode & 0o7777);
}

/** Makes the new name durable where the system can do that; elsewhere the rename is enough. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close().catch(() => undefined);
}

async function statOrUndefined(real: string): Promise<Stats | undefined> {
  try {
    return await lstat(real);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

async function entryOf(folder: string, name: string): Promise<Entry> {
  const entry = await lstat(path.join(folder, name)).catch(() => undefined);
  const kind = entry === undefined ? "other" : kindOfEntry(entry);
  return { name, kind, size: kind === "file" ? (entry?.size ?? 0) : 0 };
}

function kindOfEntry(stats: Stats): Entry["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "folder";
  return stats.isSymbolicLink() ? "link" : "other";
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a pipe";
  if (stats.isSocket()) return "a socket";
  if (stats.isSymbolicLink()) return "a link";
  return "a device";
}
