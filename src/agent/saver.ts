/** Saves what changes often, as a draft does while a person types: not each change, but soon, and at the latest on the way out. */
import { messageOf } from "./error-text";

/** From the first change that is not saved until it is, in ms. */
const SAVE_AFTER_MS = 500;

export type Saver = {
  readonly save: () => void;
  /** Saves now what is not saved yet. */
  readonly flush: () => Promise<void>;
  /** Whether the last change is not (or could not be) saved. */
  readonly isUnsaved: () => boolean;
  /** What was to be saved is saved otherwise: a draft that was sent, with its turn. */
  readonly drop: () => void;
};

/** @param what is saved, for the log: `the draft`. */
export function createSaver(what: string, write: () => Promise<void>, warn: (message: string) => void): Saver {
  let timer: NodeJS.Timeout | undefined;
  let unsaved = false;
  const drop = (): void => {
    clearTimeout(timer);
    timer = undefined;
    unsaved = false;
  };
  const flush = async (): Promise<void> => {
    if (timer === undefined) return;
    drop();
    await write().catch((error: unknown) => {
      unsaved = true;
      warn(`${what} was not saved: ${messageOf(error)}`);
    });
  };
  return {
    save: () => {
      unsaved = true;
      timer ??= setTimeout(() => void flush(), SAVE_AFTER_MS);
    },
    flush,
    isUnsaved: () => unsaved,
    drop,
  };
}
