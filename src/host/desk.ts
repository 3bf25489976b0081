/**
 * The chat log of this window and the session over it. Both are opened in the background on first use, opened anew after
 * a failure, and the session alone is made anew when its surroundings have changed for good (the folder became trusted).
 */
import type { Session } from "../agent/types";
import type { Store } from "../store/types";
import { createListeners, type Disposable } from "./dispose";
import { errorText } from "./log";

export type DeskState =
  | { readonly kind: "closed" }
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly session: Session }
  /** `message`: what is wrong and what to do, for the person. */
  | { readonly kind: "failed"; readonly message: string };

export interface Desk {
  readonly state: DeskState;
  onState(listener: (state: DeskState) => void): Disposable;
  /** Starts to open what is closed; otherwise does nothing. */
  open(): void;
  /** Opens if need be. @returns undefined when it could not be opened: the chat view says why. */
  session(): Promise<Session | undefined>;
  /** The log, once it is open. */
  store(): Promise<Store | undefined>;
  /** The settings or a secret have changed. */
  refresh(): void;
  /** Ends the session and makes a new one, over the same store where that is open. */
  reopen(): Promise<void>;
  /** Stops every turn, waits for their rows, closes the store. For good. */
  close(): Promise<void>;
}

export type Opening = {
  readonly store: () => Promise<Store>;
  readonly session: (store: Store) => Promise<Session>;
  readonly log: (level: "info" | "error", message: string) => void;
};

export function createDesk(opening: Opening): Desk {
  const changes = createListeners<DeskState>();
  let state: DeskState = { kind: "closed" };
  let store: Store | undefined;
  let work: Promise<void> | undefined;
  let ended = false;

  const enter = (next: DeskState) => {
    state = next;
    changes.fire(next);
  };

  /** Acts on the desk follow each other; none starts while another one runs. */
  const enqueue = (act: () => Promise<void>): Promise<void> => {
    work = (work ?? Promise.resolve()).then(act);
    return work;
  };

  const openNow = async () => {
    if (ended) return;
    enter({ kind: "opening" });
    try {
      store ??= await opening.store();
      const session = await opening.session(store);
      enter({ kind: "open", session });
    } catch (error) {
      opening.log("error", `The chats could not be opened: ${error instanceof Error ? error.stack : String(error)}`);
      enter({ kind: "failed", message: `The chats of this window could not be opened. ${errorText(error)}` });
    }
  };

  const endSession = async () => {
    if (state.kind !== "open") return;
    const { session } = state;
    enter({ kind: "opening" });
    await withinTime(session.dispose(), sessionMs, () => opening.log("error", "A turn did not end in time."));
  };

  const open = () => {
    if (work === undefined) void enqueue(openNow);
  };

  return {
    get state() {
      return state;
    },
    onState: changes.on,
    open,
    async session() {
      open();
      await work;
      return state.kind === "open" ? state.session : undefined;
    },
    async store() {
      open();
      await work;
      return store;
    },
    refresh() {
      if (state.kind === "open") state.session.refresh();
    },
    reopen: () =>
      enqueue(async () => {
        await endSession();
        await openNow();
      }),
    close: () =>
      enqueue(async () => {
        ended = true;
        await endSession();
        if (store === undefined) return;
        await withinTime(store.close(), storeMs, () => opening.log("error", "The store did not close in time."));
        opening.log("info", "The chats are saved and closed.");
      }),
  };
}

/** VS Code ends the process 5 s after it has asked for deactivation; rows that were acknowledged are safe in any case. */
const sessionMs = 2500;
const storeMs = 2000;

async function withinTime(done: Promise<void>, ms: number, late: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => resolve(late()), ms);
  });
  try {
    await Promise.race([done, limit]);
  } finally {
    clearTimeout(timer);
  }
}
