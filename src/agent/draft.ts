/** Saves what stands in the composer while a person types: not each key, but soon, and at the latest on the way out. */
import { messageOf } from "./error-text";

/** From the first change that is not saved until it is, in ms. */
const SAVE_AFTER_MS = 500;

export type DraftSaver = {
  readonly save: () => void;
  /** Saves now what is not saved yet. */
  readonly flush: () => Promise<void>;
  /** Whether the last change is not (or could not be) saved. */
  readonly isUnsaved: () => boolean;
  /** The draft was sent: what was to be saved is saved with the turn. */
  readonly drop: () => void;
};

export function createDraft(write: () => Promise<void>, warn: (message: string) => void): DraftSaver {
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
      warn(`the draft was not saved: ${messageOf(error)}`);
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
