/** A folder of the log for each test of a suite: gone afterwards, with its stores closed. */
import { readdirSync } from "node:fs";
import path from "node:path";
import type { LocalStore } from "../../src/store/local-store";
import type { SessionOptions } from "../../src/store/session";
import type { Store } from "../../src/store/types";
import { openTestStore, temporaryFolder } from "./support";

export type LogFolder = {
  /** Of the test that runs. */
  readonly folder: string;
  readonly open: (more?: Partial<SessionOptions>) => Promise<LocalStore>;
  /** Closes the store and opens another one on the same folder. */
  readonly reopen: (store: Store) => Promise<LocalStore>;
  /** Closes this store too after the test. */
  readonly keep: <S extends Store>(store: S) => S;
  /** The names of the files of closed tabs. */
  readonly archives: () => readonly string[];
  /** The path of the file of this tab. */
  readonly archive: (id?: string) => string;
};

/** Call within `describe`. */
export function useLogFolder(name: string): LogFolder {
  let place: ReturnType<typeof temporaryFolder> | undefined;
  const opened: Store[] = [];
  beforeEach(() => {
    place = temporaryFolder(name);
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    place?.remove();
  });
  const folder = (): string => {
    if (place === undefined) throw new Error("No test is running.");
    return place.folder;
  };
  const keep = <S extends Store>(store: S): S => {
    opened.push(store);
    return store;
  };
  const open = async (more: Partial<SessionOptions> = {}): Promise<LocalStore> =>
    keep(await openTestStore(folder(), more));
  return {
    get folder() {
      return folder();
    },
    open,
    async reopen(store) {
      await store.close();
      return open();
    },
    keep,
    archives: () => readdirSync(path.join(folder(), "archive")).sort(),
    archive: (id = "tab-1") => path.join(folder(), "archive", `${id}.sqlite.gz`),
  };
}
