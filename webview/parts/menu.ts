import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export type Menu = {
  /** Round the button and its list. */
  readonly frame: RefObject<HTMLSpanElement | null>;
  readonly open: boolean;
  readonly toggle: () => void;
  /** The keyboard is on the button again. */
  readonly close: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocusOut: (event: FocusEvent) => void;
};

/** A button that opens a list of which one is chosen. Arrows, Home and End move, Enter takes, Escape leaves. */
export function useMenu(): Menu {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLSpanElement>(null);
  const items = () => [...(frame.current?.querySelectorAll<HTMLElement>("[role=menuitemradio]") ?? [])];
  useLayoutEffect(() => {
    if (open) {
      const chosen = items().find((item) => item.ariaChecked === "true");
      (chosen ?? items()[0])?.focus();
    }
  }, [open]);
  const close = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  return {
    frame,
    open,
    toggle: () => setOpen(!open),
    close,
    onKeyDown(event) {
      const all = items();
      const at = event.target instanceof HTMLElement ? all.indexOf(event.target) : -1;
      const target = {
        ArrowDown: (at + 1) % all.length,
        ArrowUp: (at - 1 + all.length) % all.length,
        Home: 0,
        End: all.length - 1,
      }[event.key];
      if (event.key === "Escape") {
        event.stopPropagation(); // it leaves the menu; it does not stop the turn
        close();
      } else if (target !== undefined) {
        event.preventDefault();
        all[target]?.focus();
      }
    },
    onFocusOut(event) {
      const isInside = event.relatedTarget instanceof Node && frame.current?.contains(event.relatedTarget) === true;
      if (!isInside) {
        setOpen(false);
      }
    },
  };
}
