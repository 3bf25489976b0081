import { readFileSync } from "node:fs";

/** Names and uncompressed sizes (bytes) in a zip file, from its central directory. Throws when there is none. */
export function zipEntries(file: string): { readonly name: string; readonly size: number }[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error(`${file} is not a zip file`);
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.push({ name: bytes.toString("utf8", at + 46, at + 46 + nameLength), size: bytes.readUInt32LE(at + 24) });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}
