import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

interface Entry {
  readonly name: string;
  readonly size: number;
  readonly packed: Buffer;
}

/** Names and uncompressed sizes (bytes) in a zip file, from its central directory. Throws when there is none. */
export function zipEntries(file: string): { readonly name: string; readonly size: number }[] {
  return entriesOf(file).map(({ name, size }) => ({ name, size }));
}

/** What the zip file holds under that name, which is deflated UTF-8. Throws when there is none. */
export function zipText(file: string, name: string): string {
  const entry = entriesOf(file).find((one) => one.name === name);
  if (entry === undefined) throw new Error(`${file} holds no ${name}`);
  return inflateRawSync(entry.packed).toString("utf8");
}

function entriesOf(file: string): readonly Entry[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error(`${file} is not a zip file`);
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    entries.push({
      name: bytes.toString("utf8", at + 46, at + 46 + nameLength),
      size: bytes.readUInt32LE(at + 24),
      packed: bytes.subarray(start, start + bytes.readUInt32LE(at + 20)),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}
