/** Looks now and then whether something has changed in a folder, and soon when the system says so. */

export type Watch = (folder: string, changed: () => void) => () => void;

/** From a change to the look at it, in ms: one write is seen as several changes. */
const soon = 30;

/** @param every in ms, from one look to the next. @returns stops it. */
export function lookOut(look: () => void, every: number, watch: (changed: () => void) => () => void): () => void {
  let timer = setTimeout(again, every);
  let isSoon = false;
  const stopWatching = watch(() => {
    if (isSoon) return;
    isSoon = true;
    clearTimeout(timer);
    timer = setTimeout(again, Math.min(soon, every));
  });

  function again(): void {
    isSoon = false;
    timer = setTimeout(again, every);
    look();
  }

  return () => {
    clearTimeout(timer);
    stopWatching();
  };
}
