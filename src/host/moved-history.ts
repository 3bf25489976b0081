/**
 * The chats of a folder that was moved, renamed or opened in another way lie in the storage of its old self: they are
 * looked for when this workspace has none, and offered. Knows nothing of VS Code.
 */
import { statSync } from "node:fs";
import path from "node:path";
import type { Banner } from "../chunks/protocol";
import { describeHome, type Home } from "../store/home";
import type { Store } from "../store/types";
import { findMovedLogs, type MovedLog } from "./moved-logs";

/** `chats` is unknown for a folder that only a person can tell to be this one. */
export type Offer = MovedLog & { readonly chats: number | undefined; readonly lastAt: number };

export type MovedHistory = {
  /** Looks through the neighbours of this log, in the background of everything else. */
  readonly look: (store: Store) => Promise<void>;
  readonly banners: () => readonly Banner[];
  /** What the banner offers. */
  readonly offer: () => Offer | undefined;
  /** The person has put a banner away: what it offered is not offered again. */
  readonly dismissed: (banner: string) => void;
  /** All that could be brought here, what is surely this folder's first. */
  readonly find: (store: Store) => Promise<readonly Offer[]>;
  /** Brings chats here. Rejects with a sentence. @returns ids of those that were open. */
  readonly bring: (store: Store, offer: Offer) => Promise<readonly string[]>;
};

/** What outlives the window, for this workspace. */
export type Memory = {
  readonly get: (key: string) => unknown;
  readonly update: (key: string, value: readonly string[]) => unknown;
};

/** Logs that were offered and not answered, and those that were declined or brought here. */
const offeredKey = "movedHistory.offered";
const answeredKey = "movedHistory.answered";

export function createMovedHistory(options: {
  /** This extension's folder in the storage of this workspace. */
  readonly storage: string;
  /** The folder that is open. */
  readonly folder: string | undefined;
  readonly memory: Memory;
  /** The banners are not what they were. */
  readonly changed: () => void;
  readonly log: (level: "info" | "warn", message: string) => void;
}): MovedHistory {
  const { storage, memory, changed, log } = options;
  let offer: Offer | undefined;

  const remembered = (key: string): readonly string[] => {
    const value = memory.get(key);
    return Array.isArray(value) ? value.map(String) : [];
  };
  const remember = (key: string, one: string): void => {
    if (!remembered(key).includes(one)) memory.update(key, [...remembered(key), one]);
  };

  const answer = (one: Offer): void => {
    remember(answeredKey, one.log);
    if (offer?.log !== one.log) return;
    offer = undefined;
    changed();
  };

  const home = (): Home | undefined => (options.folder === undefined ? undefined : describeHome(options.folder));

  /** A log that can't be read is nothing to offer. */
  const describe = async (store: Store, moved: MovedLog): Promise<Offer | undefined> => {
    try {
      if (moved.kinship === "gone") return { ...moved, chats: undefined, lastAt: lastUsed(moved.log) };
      const { chats, lastAt } = await store.peek(moved.log);
      return chats === 0 ? undefined : { ...moved, chats, lastAt };
    } catch (error) {
      log("warn", `the chats in ${moved.log} can't be read: ${String(error)}`);
      return undefined;
    }
  };

  const find = async (store: Store, isWanted: (moved: MovedLog) => boolean): Promise<readonly Offer[]> => {
    const own = home();
    const found: Offer[] = [];
    for (const moved of own === undefined ? [] : await findMovedLogs(storage, own)) {
      const one = isWanted(moved) ? await describe(store, moved) : undefined;
      if (one !== undefined) found.push(one);
    }
    const order = { same: 0, probable: 1, gone: 2 } as const;
    return found.sort((one, other) => order[one.kinship] - order[other.kinship] || other.lastAt - one.lastAt);
  };

  return {
    async look(store) {
      const isEmpty = (await store.history({ limit: 1 })).length === 0;
      const [answered, offered] = [remembered(answeredKey), remembered(offeredKey)];
      const [best] = await find(
        store,
        (moved) =>
          moved.kinship !== "gone" && !answered.includes(moved.log) && (isEmpty || offered.includes(moved.log)),
      );
      if (best === undefined) return;
      remember(offeredKey, best.log);
      offer = best;
      changed();
    },
    banners: () => (offer === undefined ? [] : [bannerOf(offer)]),
    offer: () => offer,
    dismissed(banner) {
      if (offer !== undefined && bannerOf(offer).id === banner) answer(offer);
    },
    find: (store) => find(store, () => true),
    async bring(store, one) {
      const wereOpen = await store.bringIn(one.log);
      answer(one);
      return wereOpen;
    },
  };
}

/** `12 chats, last used 3 June 2026` */
export function offerWords({ chats, lastAt }: Offer): string {
  const date = new Date(lastAt).toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric" });
  const count = chats === undefined ? "" : chats === 1 ? "1 chat, " : `${chats} chats, `;
  return `${count}last used ${date}`;
}

function bannerOf(offer: Offer): Banner {
  return {
    id: `moved:${offer.log}`,
    severity: "info",
    message: `This folder's chats from ${offer.home.folder} were found (${offerWords(offer)}).`,
    dismissible: true,
    action: { label: "Bring them here", command: "bring-history" },
  };
}

function lastUsed(log: string): number {
  return statSync(path.join(log, "journal")).mtimeMs;
}
