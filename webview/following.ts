/** Whether the transcript follows its end. It does while the reader is there, and never moves what is being read. */
import { signal } from "@preact/signals";
import { distanceToEnd } from "./scroll";

export const following = signal(true);

/** Within this many pixels of the end the reader counts as being there. */
const NEAR = 16;
/** Room above a question that was brought into view. */
const HEADROOM = 48;
let lastTop = 0;
let lastHeight = 0;
/** The question that the view was moved to, at which width; it is moved to each one once at each width. */
let shown: { readonly card: Element; readonly width: number } | undefined;

/** Takes hold of the end, wherever the reader is. */
export function follow(): void {
  following.value = true;
}

/** The reader wants to see what is above, also when all that is loaded fits the view. */
export function letGo(): void {
  following.value = false;
}

/**
 * Keeps to the end, if that is where the reader is. Call it when anything may have changed its size. A question that
 * waits for an answer counts as the end: it is shown from its beginning.
 */
export function stick(scroller: HTMLElement): void {
  if (!following.value) {
    return;
  }
  const card = scroller.querySelector("[data-approval]");
  if (card === null) {
    scroller.scrollTop = scroller.scrollHeight;
  } else if (card !== shown?.card || scroller.clientWidth !== shown.width) {
    const top = card.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    scroller.scrollTop = Math.min(scroller.scrollHeight - scroller.clientHeight, top - HEADROOM);
  }
  shown = card === null ? undefined : { card, width: scroller.clientWidth };
  measure(scroller);
}

/**
 * Reads the reader's wish from a scroll: moving away from the end lets go, reaching it takes hold.
 * Growth of the content moves nothing, and a move by shrinking content is undone: neither is a wish.
 * @param isEnd what is loaded ends with the newest row.
 * @returns where the reader scrolled to, or nothing when it was not the reader.
 */
export function noteScroll(scroller: HTMLElement, isEnd: boolean): "up" | "down" | undefined {
  const top = scroller.scrollTop;
  const distance = distanceToEnd(scroller);
  const moved = top === lastTop ? undefined : top > lastTop ? "down" : "up";
  if (isEnd && distance <= NEAR && moved === "down") {
    following.value = true;
  } else if (following.value && scroller.scrollHeight < lastHeight) {
    stick(scroller);
  } else if (moved === "up" && distance > 2) {
    following.value = false;
  }
  measure(scroller);
  return moved;
}

/** After the view was moved by other hands than the reader's. */
export function measure(scroller: HTMLElement): void {
  lastTop = scroller.scrollTop;
  lastHeight = scroller.scrollHeight;
}
