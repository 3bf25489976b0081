/** Whether the transcript follows its end. It does while the reader is there, and never moves what is being read. */
import { signal } from "@preact/signals";
import { distanceToEnd } from "./scroll";

export const following = signal(true);

/** Within this many pixels of the end the reader counts as being there. */
const NEAR = 16;
let lastTop = 0;

/** The reader wants to see the end: after sending, or by the button. */
export function follow(): void {
  following.value = true;
}

/** Keeps to the end, if that is where the reader is. Call it when anything may have changed its size. */
export function stick(scroller: HTMLElement): void {
  if (following.value) {
    scroller.scrollTop = scroller.scrollHeight;
    lastTop = scroller.scrollTop;
  }
}

/**
 * Reads the reader's wish from a scroll: moving away from the end lets go, reaching it takes hold.
 * Growth of the content moves nothing, so it can't be mistaken for a wish.
 */
export function noteScroll(scroller: HTMLElement): void {
  const top = scroller.scrollTop;
  const distance = distanceToEnd(scroller);
  if (distance <= NEAR && top >= lastTop) {
    following.value = true;
  } else if (top < lastTop && distance > 2) {
    following.value = false;
  }
  lastTop = top;
}
