/** The waits of a tab's turn: each ends at its time, with the turn, or as soon as the person does not want to wait. */

export type Waiter = {
  /**
   * @param listen subscribes to what ends the wait early; gives the function that unsubscribes.
   * @returns whether the person has ended it.
   */
  readonly wait: (ms: number, signal: AbortSignal, listen?: (wake: () => void) => () => void) => Promise<boolean>;
  /** Ends the wait that is under way, if there is one. */
  readonly skip: () => void;
};

export function createWaiter(): Waiter {
  let skip = (): void => undefined;
  return {
    wait(ms, signal, listen) {
      if (signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const end = (isSkipped: boolean): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          off?.();
          skip = () => undefined;
          resolve(isSkipped);
        };
        const wake = (): void => end(false);
        const timer = setTimeout(wake, ms);
        const off = listen?.(wake);
        signal.addEventListener("abort", wake, { once: true });
        skip = () => end(true);
      });
    },
    skip: () => skip(),
  };
}
