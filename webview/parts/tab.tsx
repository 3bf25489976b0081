import { useEffect, useRef, useState } from "preact/hooks";
import type { TabState } from "../../src/chunks/protocol";
import { chooseTab } from "../state";
import { post } from "../vscode";
import { Icon } from "./icon";
import { ShortTitle, TabMark, TabMode, tabWords } from "./tab-words";

const LONGEST_TITLE = 200;
/** The kind of data that a dragged tab carries; no other page takes it. */
const DRAGGED = "application/x-dispatch-tab";

export type TabProps = {
  readonly tab: TabState;
  readonly isActive: boolean;
  /** The tab after this one, where a tab goes that is dropped on the second half. */
  readonly next: string | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
};

/** One tab of the strip. Double click or F2 changes its title, dragging its place. */
export function Tab({ tab, isActive, next, onKeyDown }: TabProps) {
  const [renaming, setRenaming] = useState(false);
  const [dropAt, setDropAt] = useState<"before" | "after">();
  const button = useRef<HTMLButtonElement>(null);
  if (renaming) {
    const end = (byKey: boolean) => {
      setRenaming(false);
      if (byKey) {
        requestAnimationFrame(() => button.current?.focus());
      }
    };
    return <TitleBox tab={tab} onEnd={end} />;
  }
  const drop = (event: DragEvent) => {
    const moved = event.dataTransfer?.getData(DRAGGED) ?? "";
    setDropAt(undefined);
    if (moved !== "" && moved !== tab.id) {
      event.preventDefault();
      move(moved, dropAt === "before" ? tab.id : next);
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only the mouse drags; the tab inside takes the keys
    <div
      role="presentation"
      class={`tab-frame${dropAt === undefined ? "" : ` drop-${dropAt}`}`}
      draggable
      onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, tab.id)}
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes(DRAGGED) === true) {
          event.preventDefault();
          setDropAt(isFirstHalf(event) ? "before" : "after");
        }
      }}
      onDragLeave={() => setDropAt(undefined)}
      onDrop={drop}
      onMouseDown={(event) => event.button === 1 && event.preventDefault()} // no scrolling by the middle button
      onAuxClick={(event) => event.button === 1 && post({ type: "closeTab", tab: tab.id })}
    >
      <button
        ref={button}
        type="button"
        role="tab"
        class="tab"
        aria-label={tab.title}
        aria-selected={isActive}
        aria-description={tabWords(tab)}
        tabIndex={isActive ? 0 : -1}
        title={[tab.title, tabWords(tab)].filter((part) => part !== undefined).join(": ")}
        data-tab-id={tab.id}
        data-status={tab.status}
        data-unread={tab.unread === true}
        onClick={() => chooseTab(tab.id)}
        onDblClick={() => setRenaming(true)}
        onKeyDown={(event) => {
          if (event.key === "F2") {
            setRenaming(true);
          } else if (event.key === "Delete") {
            post({ type: "closeTab", tab: tab.id });
          } else {
            onKeyDown(event);
          }
        }}
      >
        <TabMark tab={tab} />
        <ShortTitle title={tab.title} />
        <TabMode mode={tab.mode} />
      </button>
      <button
        type="button"
        class="icon-button tab-close"
        aria-label="Close tab"
        title="Close tab (Delete)"
        tabIndex={-1}
        onClick={() => post({ type: "closeTab", tab: tab.id })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** @param before the tab it goes before; without one it goes to the end. */
export function move(tab: string, before: string | undefined): void {
  post({ type: "moveTab", tab, ...(before === undefined ? {} : { before }) });
}

/** Enter or a click elsewhere keeps the title, Escape does not. */
function TitleBox({ tab, onEnd }: { readonly tab: TabState; readonly onEnd: (byKey: boolean) => void }) {
  const box = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => box.current?.select(), []);
  const end = (keep: boolean, byKey: boolean) => {
    const title = box.current?.value.trim() ?? "";
    if (ended.current) {
      return; // going away, the box loses the focus once more
    }
    ended.current = true;
    if (keep && title !== "" && title !== tab.title) {
      post({ type: "renameTab", tab: tab.id, title });
    }
    onEnd(byKey);
  };
  return (
    <input
      ref={box}
      class="tab-title"
      aria-label="Title of the chat"
      defaultValue={tab.title}
      maxLength={LONGEST_TITLE}
      dir="auto"
      onBlur={() => end(true, false)}
      onKeyDown={(event) => {
        event.stopPropagation(); // Escape ends the change, not the turn
        if ((event.key === "Enter" && !event.isComposing) || event.key === "Escape") {
          event.preventDefault();
          end(event.key === "Enter", true);
        }
      }}
    />
  );
}

function isFirstHalf(event: DragEvent): boolean {
  const box = event.currentTarget instanceof HTMLElement ? event.currentTarget.getBoundingClientRect() : undefined;
  return box !== undefined && event.clientX < box.left + box.width / 2;
}
