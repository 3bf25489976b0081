/**
 * An answer must be meant: a question takes none before it could be read, none from a press that began before that, none
 * from a key that is held down, and no click where it has only just come to lie under the pointer.
 */
import { effect, signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { activeAsks, activeView } from "./state";

/** A question has to be on a visible page this long before it can be answered. */
const ARM_AFTER_MS = 500;
/** Its buttons can't be clicked this long after they have moved. */
const REST_MS = 400;
/** Pixels that count as a move. */
const MOVE = 4;

/** Grows each time a question of the tab in front is answered: those behind it move up to where it stood. */
const answeredCount = signal(0);
let waiting: readonly string[] = [];
effect(() => {
  const now = [...(activeView.value?.approvals ?? []), ...activeAsks.value].map(({ id }) => id);
  if (waiting.some((id) => !now.includes(id))) {
    answeredCount.value = answeredCount.peek() + 1;
  }
  waiting = now;
});

/** True once the question has been there for a moment, and for a moment after each other one was answered. */
export function useArmed(): boolean {
  const now = answeredCount.value;
  const [armedFor, setArmedFor] = useState<number>();
  useLayoutEffect(() => {
    let timer: number | undefined;
    const start = () => {
      clearTimeout(timer);
      if (document.visibilityState === "visible") {
        timer = window.setTimeout(() => setArmedFor(now), ARM_AFTER_MS);
      }
    };
    start();
    document.addEventListener("visibilitychange", start);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", start);
    };
  }, [now]);
  return armedFor === now;
}

/** Marks the box with `data-moved` for a moment after it has moved on the screen or come into sight. */
export function useMoves(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) {
      return;
    }
    let timer: number | undefined;
    let place = element.getBoundingClientRect();
    const look = () => {
      const now = element.getBoundingClientRect();
      const by = Math.max(Math.abs(now.top - place.top), Math.abs(now.bottom - place.bottom));
      place = now;
      if (by < MOVE) {
        return;
      }
      element.dataset.moved = "";
      clearTimeout(timer);
      timer = window.setTimeout(() => delete element.dataset.moved, REST_MS);
    };
    // Each before the frame is painted in which it lies elsewhere.
    const sizes = new ResizeObserver(look);
    const contents = new MutationObserver(look);
    const column = element.closest(".column");
    for (const around of [element, column, element.closest(".transcript")]) {
      if (around !== null) {
        sizes.observe(around);
      }
    }
    if (column !== null) {
      contents.observe(column, { childList: true, subtree: true, characterData: true });
    }
    document.addEventListener("scroll", look, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
      contents.disconnect();
      document.removeEventListener("scroll", look, { capture: true });
    };
  }, [box]);
}

export type Presses = {
  /** To be called for each press of a pointer or a key in the box, before anything acts on it. */
  readonly note: (event: PointerEvent | KeyboardEvent) => void;
  /** Whether the click or key that is being handled began when the question could be answered. */
  readonly areMeant: () => boolean;
};

export function usePresses(box: RefObject<HTMLElement | null>, isReady: boolean): Presses {
  const early = useRef(false);
  return {
    note(event) {
      const isHeld = event instanceof KeyboardEvent && event.repeat;
      const isUnderPointer = event instanceof PointerEvent && box.current?.dataset.moved !== undefined;
      early.current = !isReady || isHeld || isUnderPointer;
      // A button would be clicked again for each repetition.
      if (isHeld && event.key === "Enter") {
        event.preventDefault();
      }
    },
    areMeant() {
      const areMeant = isReady && !early.current;
      early.current = false; // a click by assistive technology has no press before it
      return areMeant;
    },
  };
}

/** A key must not answer what can't be seen. */
export function isOnScreen(element: HTMLElement): boolean {
  const frame = (element.closest(".transcript") ?? document.documentElement).getBoundingClientRect();
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > frame.top && top < frame.bottom;
}
