/** Work that nobody waits for: counted while it is under way, and a failure of it is a line in the log, never lost. */
import { messageOf } from "./error-text";

export type Background = {
  /** @param what what a failure means, for the log: `a window could not be read`. */
  readonly run: (work: Promise<unknown>, what: string) => void;
  readonly isEmpty: () => boolean;
};

/** @param onEnd called when a piece of work has ended, in whatever way. */
export function createBackground(warn: (message: string) => void, onEnd: () => void): Background {
  const underWay = new Set<Promise<unknown>>();
  return {
    run(work, what) {
      const done = work
        .catch((error: unknown) => warn(`${what}: ${messageOf(error)}`))
        .finally(() => {
          underWay.delete(done);
          onEnd();
        });
      underWay.add(done);
    },
    isEmpty: () => underWay.size === 0,
  };
}

/** @returns runs pieces of work one after the other, in the order of the calls. A failure concerns its caller alone. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = before.then(work);
    before = done.catch(() => undefined);
    return done;
  };
}
