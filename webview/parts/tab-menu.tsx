import type { TabState } from "../../src/chunks/protocol";
import { chooseTab } from "../state";
import { Icon } from "./icon";
import { useMenu } from "./menu";
import { ShortTitle, TabMark, tabWords } from "./tab-words";

/** The list of all tabs, for when the strip is too narrow for them. */
export function TabMenu({ tabs, active }: { readonly tabs: readonly TabState[]; readonly active: string }) {
  const { frame, open, toggle, close, onKeyDown, onFocusOut } = useMenu();
  const waiting = waitingWords(tabs.filter(({ id, status }) => id !== active && status === "needs-approval").length);
  return (
    <span ref={frame} class="tab-menu" onFocusOut={onFocusOut}>
      <button
        type="button"
        class={waiting === undefined ? "icon-button" : "icon-button needs-approval"}
        aria-label="Open chats"
        aria-description={waiting}
        title={waiting === undefined ? "Open chats" : `Open chats: ${waiting}`}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={toggle}
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
    </span>
  );
}

/** Chats that wait for the person may be out of sight in the strip: the button says so. */
function waitingWords(count: number): string | undefined {
  return count === 0 ? undefined : count === 1 ? "1 needs approval" : `${count} need approval`;
}
