/** What can end a request from our side: the caller's signal, or the watchdog. Owns the timer and the listener. */

export type Cut = "aborted" | "stalled";

export type Lifeline = {
  /** Aborted as soon as the request is cut; closes the socket. */
  readonly controller: AbortController;
  /** Why it was cut; undefined while it was not. */
  readonly cause: () => Cut | undefined;
  readonly cut: (cause: Cut) => void;
  /** From now on something must happen within so many milliseconds, else the request counts as stalled. */
  readonly expect: (ms: number) => void;
  /** Nothing is expected from the server just now. */
  readonly relax: () => void;
  /** Lets go of the timer and the listener. The request itself is left as it is. */
  readonly close: () => void;
};

export function openLifeline(signal: AbortSignal): Lifeline {
  const controller = new AbortController();
  let cause: Cut | undefined;
  let timer: NodeJS.Timeout | undefined;

  const relax = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const cut = (why: Cut) => {
    close();
    cause ??= why;
    controller.abort();
  };
  const onAbort = () => cut("aborted");
  const close = () => {
    relax();
    signal.removeEventListener("abort", onAbort);
  };
  const expect = (ms: number) => {
    relax();
    if (cause === undefined) timer = setTimeout(() => cut("stalled"), ms);
  };

  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) cut("aborted");
  return { controller, cause: () => cause, cut, expect, relax, close };
}
