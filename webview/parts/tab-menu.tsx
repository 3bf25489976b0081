import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { TabState } from "../../src/chunks/protocol";
import { chooseTab } from "../state";
import { Icon } from "./icon";
import { ShortTitle, TabMark, tabWords } from "./tab-words";

/** The list of all tabs, for when the strip is too narrow for them. Arrows move, Enter takes, Escape leaves. */
export function TabMenu({ tabs, active }: { readonly tabs: readonly TabState[]; readonly active: string }) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const items = () => [...(frame.current?.querySelectorAll<HTMLElement>("[role=menuitemradio]") ?? [])];
  useLayoutEffect(() => {
    if (open) {
      const chosen = items().find((item) => item.ariaChecked === "true");
      (chosen ?? items()[0])?.focus();
    }
  }, [open]);
  const waiting = waitingWords(tabs.filter(({ id, status }) => id !== active && status === "needs-approval").length);
  const close = () => {
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
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
  };
  const hasLeft = (event: FocusEvent) =>
    !(event.relatedTarget instanceof Node && frame.current?.contains(event.relatedTarget) === true);
  return (
    <div ref={frame} class="tab-menu" onFocusOut={(event) => hasLeft(event) && setOpen(false)}>
      <button
        type="button"
        class={waiting === undefined ? "icon-button" : "icon-button needs-approval"}
        aria-label="Open chats"
        aria-description={waiting}
        title={waiting === undefined ? "Open chats" : `Open chats: ${waiting}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="chevron-down" />
      </button>
      {open && (
        <div role="menu" aria-label="Open chats" class="menu" onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="menuitemradio"
              class="menu-item"
              aria-checked={tab.id === active}
              aria-label={[tab.title, tabWords(tab)].filter((part) => part !== undefined).join(", ")}
              tabIndex={-1}
              data-status={tab.status}
              onClick={() => {
                chooseTab(tab.id);
                close();
              }}
            >
              <span class="menu-mark">
                <TabMark tab={tab} />
              </span>
              <span class="menu-title" dir="auto">
                <ShortTitle title={tab.title} />
              </span>
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Chats that wait for the person may be out of sight in the strip: the button says so. */
function waitingWords(count: number): string | undefined {
  return count === 0 ? undefined : count === 1 ? "1 needs approval" : `${count} need approval`;
}
