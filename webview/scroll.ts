/** Where the reader is in the transcript: a message and its distance from the top edge, not a number of pixels. */

import type { ReadingPlace } from "../src/chunks/protocol";

/** @returns the first message that reaches into view, or undefined when there is none. */
export function readAnchor(scroller: HTMLElement): ReadingPlace | undefined {
  const top = scroller.getBoundingClientRect().top;
  for (const article of articles(scroller)) {
    const box = article.getBoundingClientRect();
    if (box.bottom > top) {
      return { seq: Number(article.dataset.seq), offset: box.top - top };
    }
  }
  return undefined;
}

/** Puts the anchored message back to where it was. @returns false when the message is not in the window any more. */
export function restoreAnchor(scroller: HTMLElement, anchor: ReadingPlace): boolean {
  const article = articles(scroller).find((candidate) => Number(candidate.dataset.seq) === anchor.seq);
  if (article === undefined) {
    return false;
  }
  const offset = article.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTop += offset - anchor.offset;
  return true;
}

export function distanceToEnd(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
}

function articles(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>("article[data-seq]")];
}
