/** Where the reader is in the transcript: a row and its distance from the top edge, not a number of pixels. */
import type { ReadingPlace } from "../src/chunks/protocol";
import type { Reading } from "../src/chunks/view";

/** An element on the screen and where its top edge was. */
export type Spot = { readonly element: HTMLElement; readonly top: number };

/** @returns the first row that reaches into view; behind the last one that one. Undefined when nothing is drawn. */
export function readAnchor(scroller: HTMLElement): ReadingPlace | undefined {
  const element = onScreen(scroller)[0] ?? pieces(scroller).at(-1);
  if (element === undefined) {
    return undefined;
  }
  return { seq: rowOf(element), offset: topOf(element) - topOf(scroller) };
}

/** Puts the anchored row back to where it was, or that before it where it is not drawn by itself. */
export function restoreAnchor(scroller: HTMLElement, anchor: ReadingPlace): void {
  const all = pieces(scroller);
  const element = all.findLast((piece) => rowOf(piece) <= anchor.seq) ?? all[0];
  if (element !== undefined) {
    scroller.scrollTop += topOf(element) - topOf(scroller) - anchor.offset;
  }
}

/** @returns the rows on the screen, or undefined when none is. */
export function readReading(scroller: HTMLElement): Reading | undefined {
  const shown = onScreen(scroller);
  const [first, last] = [shown[0], shown.at(-1)];
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const all = pieces(scroller);
  const next = all[all.indexOf(last) + 1];
  return { from: rowOf(first), to: next === undefined ? Number.POSITIVE_INFINITY : rowOf(next) - 1 };
}

/** What is on the screen now: call it before the page changes. */
export function readSpots(scroller: HTMLElement): readonly Spot[] {
  return onScreen(scroller, "article:not(.agent), article.agent > *").map((element) => ({
    element,
    top: topOf(element),
  }));
}

/**
 * Where the reader has gone since these were read: what is on the screen moves only for them, while `scrollTop` also
 * changes when something above gets another height. Undefined: nowhere, or nothing of it is there any more.
 */
export function wayFrom(scroller: HTMLElement, spots: readonly Spot[]): "up" | "down" | undefined {
  const spot = spots.find(({ element }) => scroller.contains(element));
  const by = spot === undefined ? 0 : topOf(spot.element) - spot.top;
  return Math.abs(by) <= 1 ? undefined : by > 0 ? "up" : "down";
}

/** Puts the first of these that is still there back to where it was. @returns false when none is. */
export function keepSpots(scroller: HTMLElement, spots: readonly Spot[]): boolean {
  const spot = spots.find(({ element }) => scroller.contains(element));
  if (spot === undefined) {
    return false;
  }
  scroller.scrollTop += topOf(spot.element) - spot.top;
  return true;
}

export function distanceToEnd(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
}

/** Looks at turns first: what is inside one that is out of view has no layout, and asking for it would make one. */
function onScreen(scroller: HTMLElement, selector = PIECES): readonly HTMLElement[] {
  const { top, bottom } = scroller.getBoundingClientRect();
  const reachesIn = (element: HTMLElement) => {
    const box = element.getBoundingClientRect();
    return box.bottom > top && box.top < bottom && box.height > 0;
  };
  return [...scroller.querySelectorAll<HTMLElement>("section.turn")]
    .filter(reachesIn)
    .flatMap((turn) => [...turn.querySelectorAll<HTMLElement>(selector)])
    .filter(reachesIn);
}

/** What rows are drawn as, in order: the person's messages and notices, and each part of the agent's messages. */
const PIECES = "article:not(.agent)[data-seq], [data-row]";

function pieces(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>(PIECES)];
}

function rowOf(piece: HTMLElement): number {
  return Number(piece.dataset.row ?? piece.dataset.seq);
}

function topOf(element: HTMLElement): number {
  return element.getBoundingClientRect().top;
}
