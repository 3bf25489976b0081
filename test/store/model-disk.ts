/**
 * A disk in memory that forgets: what was written and not synced may be there after a power cut, or a part of it, or
 * nothing; names that were changed in a folder that was not synced may be the old or the new ones. A killed process
 * alone can't show that, since the system keeps its writes.
 */
import path from "node:path";
import type { FileStat, StoreFs } from "../../src/store/fs";

type File = { readonly id: number; bytes: Buffer; durable: Buffer; pending: { at: number; bytes: Buffer }[] };
type NameChange = { readonly folder: string; readonly set: readonly (readonly [string, File | undefined])[] };

export class PowerCut extends Error {}

export type ModelDisk = {
  readonly fs: StoreFs;
  /** How many changing operations were made. */
  readonly operations: () => number;
  /** From now on, the operation after `count` more throws PowerCut, and so does every one after it. */
  readonly cutAfter: (count: number) => void;
  /** What is found when the power is back. @param random gives numbers from 0 up to but not including 1. */
  readonly afterCut: (random: () => number) => ModelDisk;
};

export function modelDisk(start: ReadonlyMap<string, Buffer> = new Map()): ModelDisk {
  let ids = 0;
  let operations = 0;
  let limit = Number.POSITIVE_INFINITY;
  const names = new Map<string, File>();
  const durableNames = new Map<string, File>();
  const changes: NameChange[] = [];
  const open = new Map<number, File>();
  for (const [name, bytes] of start) {
    const file = { ...newFile(), bytes, durable: Buffer.from(bytes) };
    names.set(name, file);
    durableNames.set(name, file);
  }

  function newFile(): File {
    ids += 1;
    return { id: ids, bytes: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
  }

  function step(): void {
    if (operations >= limit) throw new PowerCut();
    operations += 1;
  }

  function change(name: string, ...set: NameChange["set"]): void {
    for (const [one, file] of set) setName(names, one, file);
    changes.push({ folder: path.dirname(name), set });
  }

  function named(name: string): File {
    const file = names.get(name);
    if (file === undefined) throw Object.assign(new Error(`no ${name}`), { code: "ENOENT" });
    return file;
  }

  function openFile(fd: number): File {
    const file = open.get(fd);
    if (file === undefined) throw new Error(`descriptor ${fd} is closed`);
    return file;
  }

  function put(file: File, at: number, bytes: Buffer): void {
    const length = Math.max(file.bytes.length, at + bytes.length);
    const next = Buffer.concat([file.bytes, Buffer.alloc(length - file.bytes.length)]);
    bytes.copy(next, at);
    file.bytes = next;
    file.pending.push({ at, bytes });
  }

  const fs: StoreFs = {
    makeFolder: () => undefined,
    read: (name) => names.get(name)?.bytes,
    readFrom: (name, position) => names.get(name)?.bytes.subarray(position),
    list: (folder) =>
      [...names.keys()].filter((name) => path.dirname(name) === folder).map((name) => path.basename(name)),
    stat: (name) => stat(names.get(name)),
    statOpen: (fd) => stat(openFile(fd)) ?? { size: 0, id: "", modified: 0 },
    open: (name, how) => {
      if (how !== "update") {
        step();
        change(name, [name, newFile()]);
      }
      const fd = open.size + 1;
      open.set(fd, named(name));
      return fd;
    },
    write: (fd, bytes, at) => {
      step();
      put(openFile(fd), at, Buffer.from(bytes));
      return bytes.length;
    },
    truncate: (fd, length) => {
      step();
      const file = openFile(fd);
      file.bytes = file.bytes.subarray(0, length);
    },
    sync: (fd) => {
      step();
      const file = openFile(fd);
      file.durable = Buffer.from(file.bytes);
      file.pending = [];
    },
    close: () => undefined,
    rename: (from, to) => {
      step();
      change(to, [to, named(from)], [from, undefined]);
    },
    link: (from, to) => {
      step();
      change(to, [to, named(from)]);
    },
    remove: (name) => {
      step();
      if (names.has(name)) change(name, [name, undefined]);
    },
    syncFolder: (folder) => {
      step();
      for (const one of changes.filter((other) => other.folder === folder)) applyNames(durableNames, one);
      changes.splice(0, changes.length, ...changes.filter((other) => other.folder !== folder));
    },
  };

  function afterCut(random: () => number): ModelDisk {
    const found = new Map(durableNames);
    for (const one of changes) if (random() < 0.5) applyNames(found, one);
    return modelDisk(new Map([...found].map(([name, file]) => [name, remains(file, random)])));
  }

  return {
    fs,
    operations: () => operations,
    cutAfter: (count) => {
      limit = operations + count;
    },
    afterCut,
  };
}

function applyNames(names: Map<string, File>, { set }: NameChange): void {
  for (const [name, file] of set) setName(names, name, file);
}

function setName(names: Map<string, File>, name: string, file: File | undefined): void {
  if (file === undefined) names.delete(name);
  else names.set(name, file);
}

function stat(file: File | undefined): FileStat | undefined {
  return file === undefined ? undefined : { size: file.bytes.length, id: String(file.id), modified: 0 };
}

/** Each write that was not synced: all of it, none, or its sectors by chance; the length may have reached the disk first. */
function remains(file: File, random: () => number): Buffer {
  const sector = 512;
  const length = random() < 0.5 ? file.bytes.length : file.durable.length;
  let bytes = Buffer.concat([file.durable, Buffer.alloc(Math.max(0, length - file.durable.length))]);
  for (const write of file.pending) {
    const fate = random();
    for (let at = 0; at < write.bytes.length; at += sector) {
      if (fate < 0.33 || (fate > 0.66 && random() < 0.5)) continue;
      const part = write.bytes.subarray(at, at + sector);
      const end = write.at + at + part.length;
      if (end > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(end - bytes.length)]);
      part.copy(bytes, write.at + at);
    }
  }
  return bytes;
}
