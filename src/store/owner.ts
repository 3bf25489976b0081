/**
 * One writer per log. `owner.json` names the owner; it is made by a hard link, which succeeds for one process only and
 * shows a whole file or none. An owner that is provably gone is followed by whoever links `owner.claim-<its token>`
 * first; should that one die too, by whoever links the claim on *its* token. So the effective owner is the end of a
 * chain, at each moment there is one, and age plays no part.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { errorCode, hasNoLinks, type StoreFs, writeAll, writeSynced } from "./fs";
import { canTell, type Identity, isGone } from "./identity";

export type Claim =
  | { readonly kind: "mine" }
  /** `by`: one sentence for the user. `doubtful`: the owner's token, when nothing here can tell whether it is there. */
  | { readonly kind: "taken"; readonly by: string; readonly doubtful?: string };

type Holder = { readonly token: string; readonly identity: Identity | undefined };
type Chain = { readonly start: Holder; readonly end: Holder };

const ownerName = "owner.json";
const claimName = (token: string) => `owner.claim-${token}`;

/**
 * Tries to become the owner of the log. @throws when the disk refuses.
 * @param gone the token of an owner that a person has called gone. It counts only where nothing here can tell.
 */
export function claimLog(fs: StoreFs, folder: string, self: Identity, gone?: string): Claim {
  fs.makeFolder(folder);
  const offer = path.join(folder, `owner.offer-${self.token}`);
  try {
    // Each round loses only to a process that got further: some rounds are plenty.
    for (let round = 0; round < 50; round += 1) {
      const chain = readChain(fs, folder);
      if (chain === undefined) {
        if (linkOnce(fs, offer, path.join(folder, ownerName), self)) return mine(fs, folder, self);
        continue;
      }
      if (chain.start.token === self.token) return mine(fs, folder, self);
      const { identity } = chain.end;
      const isCalledGone = identity !== undefined && identity.token === gone && !canTell(identity, self);
      if (identity !== undefined && chain.end.token !== self.token && !isGone(identity, self) && !isCalledGone)
        return taken(identity, self);
      if (follow(fs, folder, offer, self, chain)) return mine(fs, folder, self);
    }
    return { kind: "taken", by: "Several windows are trying to open this log at the same time." };
  } finally {
    fs.remove(offer);
  }
}

/** Gives the log up, or removes what a worker left behind that ended without giving it up. */
export function releaseLog(fs: StoreFs, folder: string, token: string): void {
  const owner = path.join(folder, ownerName);
  const leftovers = fs.list(folder).filter((name) => name.startsWith("owner.claim-") || name === ownerName);
  for (const name of leftovers) {
    if (readHolder(fs, path.join(folder, name))?.token === token) fs.remove(path.join(folder, name));
  }
  if (fs.stat(owner) === undefined && leftovers.length > 0) fs.syncFolder(folder);
}

/** Whether the log is still this process's: someone may have removed or replaced the file by hand. */
export function ownsLog(fs: StoreFs, folder: string, token: string): boolean {
  return readHolder(fs, path.join(folder, ownerName))?.token === token;
}

/** @returns whether this process now stands in the place of the chain's dead end. */
function follow(fs: StoreFs, folder: string, offer: string, self: Identity, chain: Chain): boolean {
  const owner = path.join(folder, ownerName);
  const claim = path.join(folder, claimName(chain.end.token));
  if (chain.end.token !== self.token && !linkOnce(fs, offer, claim, self)) return false;
  if (readHolder(fs, owner)?.token !== chain.start.token) {
    // The chain was read before another process finished: this claim is on someone who is not the owner any more.
    fs.remove(claim);
    return false;
  }
  offerAnew(fs, offer, self);
  fs.rename(offer, owner);
  fs.syncFolder(folder);
  return true;
}

function mine(fs: StoreFs, folder: string, self: Identity): Claim {
  // Only claims on the token in owner.json count; all others are leftovers of races that are over.
  for (const name of fs.list(folder)) {
    if (name.startsWith("owner.claim-") && name !== claimName(self.token)) fs.remove(path.join(folder, name));
  }
  fs.syncFolder(folder);
  return { kind: "mine" };
}

function readChain(fs: StoreFs, folder: string): Chain | undefined {
  const start = readHolder(fs, path.join(folder, ownerName));
  if (start === undefined) return undefined;
  const seen = new Set([start.token]);
  let end = start;
  for (;;) {
    const next = readHolder(fs, path.join(folder, claimName(end.token)));
    if (next === undefined || seen.has(next.token)) return { start, end };
    seen.add(next.token);
    end = next;
  }
}

/** A file that makes no sense has no living author, since ours are made whole: it is followed like a dead owner. */
function readHolder(fs: StoreFs, file: string): Holder | undefined {
  const bytes = fs.read(file);
  if (bytes === undefined) return undefined;
  const identity = decode(bytes);
  if (identity !== undefined) return { token: identity.token, identity };
  return { token: `unreadable-${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}`, identity: undefined };
}

/** @returns whether `file` was made by this call, with this identity in it. */
function linkOnce(fs: StoreFs, offer: string, file: string, self: Identity): boolean {
  offerAnew(fs, offer, self);
  try {
    fs.link(offer, file);
  } catch (error) {
    if (errorCode(error) === "EEXIST" || errorCode(error) === "ENOENT") return false;
    if (!hasNoLinks(error)) throw error;
    return createOnce(fs, file, encode(self));
  }
  fs.syncFolder(path.dirname(file));
  return true;
}

/** A new file each time: the one before may be a claim by now, which must not be seen empty for a moment. */
function offerAnew(fs: StoreFs, offer: string, self: Identity): void {
  fs.remove(offer);
  writeSynced(fs, offer, encode(self));
}

/** Without hard links a crash here can leave a part of the file, which the next process then follows. */
function createOnce(fs: StoreFs, file: string, bytes: Uint8Array): boolean {
  let fd: number;
  try {
    fd = fs.open(file, "exclusive");
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
  try {
    writeAll(fs, fd, bytes, 0);
    fs.sync(fd);
  } finally {
    fs.close(fd);
  }
  return true;
}

function taken(other: Identity, self: Identity): Claim {
  const by = `Another window of this folder (process ${other.pid} on ${other.host}) writes; this one follows it.`;
  if (canTell(other, self)) return { kind: "taken", by: `${by} It takes over when the other is closed.` };
  const doubt = "Whether the other is still there can't be seen from here: if you know that it is gone, take over.";
  return { kind: "taken", by: `${by} ${doubt}`, doubtful: other.token };
}

function encode(identity: Identity): Uint8Array {
  return Buffer.from(`${JSON.stringify(identity, undefined, 2)}\n`);
}

function decode(bytes: Uint8Array): Identity | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const text = (name: string): string => {
    const field = fields.get(name);
    return typeof field === "string" ? field : "";
  };
  const pid = fields.get("pid");
  const token = text("token");
  if (typeof pid !== "number" || !/^[\w-]{8,100}$/.test(token)) return undefined;
  const [startedAt, bootId, host] = [text("startedAt"), text("bootId"), text("host")];
  return { token, pid, startedAt, bootId, host, machine: text("machine"), pidSpace: text("pidSpace") };
}
