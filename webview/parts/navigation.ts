/** Walking through the transcript with the arrow keys. */

/** Pixels that a key scrolls inside a message that is longer than the view. */
const STEP = 80;

/**
 * Up and Down move between messages and questions when the transcript or one of them has the focus. A message that
 * reaches out of view is scrolled through first.
 */
export function moveFocus(event: KeyboardEvent, scroller: HTMLElement): void {
  const isStep = event.key === "ArrowDown" || event.key === "ArrowUp";
  const from = event.target;
  if (!isStep || event.ctrlKey || event.metaKey || event.altKey || !(from instanceof HTMLElement)) {
    return;
  }
  const stops = [...scroller.querySelectorAll<HTMLElement>("article, [role=alertdialog]")];
  const index = stops.indexOf(from);
  if (from !== scroller && index < 0) {
    return;
  }
  event.preventDefault();
  const down = event.key === "ArrowDown";
  if (index >= 0 && hasMore(from, scroller, down)) {
    scroller.scrollBy({ top: down ? STEP : -STEP });
    return;
  }
  const next = index < 0 ? (down ? firstInView(stops, scroller) : stops.at(-1)) : stops[index + (down ? 1 : -1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function hasMore(element: HTMLElement, scroller: HTMLElement, down: boolean): boolean {
  const box = element.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  return down ? box.bottom > frame.bottom + 4 : box.top < frame.top - 4;
}

function firstInView(stops: readonly HTMLElement[], scroller: HTMLElement): HTMLElement | undefined {
  const top = scroller.getBoundingClientRect().top;
  return stops.find((stop) => stop.getBoundingClientRect().bottom > top) ?? stops.at(-1);
}
