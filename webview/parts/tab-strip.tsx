import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { chooseTab, view } from "../state";
import { post } from "../vscode";
import { IconButton } from "./icon";
import { move, Tab } from "./tab";
import { TabMenu } from "./tab-menu";

/** The open chats. Arrows, Home and End walk; with Ctrl (Cmd) and Shift, Left and Right move the tab itself. */
export function TabStrip() {
  const { tabs, active } = view.value;
  const strip = useRef<HTMLDivElement>(null);
  const isFull = useIsFull(strip, tabs);
  const widths = tabs.map((tab) => `${tab.title} ${tab.status} ${tab.unread === true}`).join("\n");
  useEffect(() => {
    const box = strip.current;
    if (box === null) {
      return;
    }
    const observer = new ResizeObserver(() => {
      box.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    observer.observe(box); // also calls at once
    return () => observer.disconnect();
  }, [active, widths]);
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const tab = tabs[index];
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (tab !== undefined && step !== undefined && event.shiftKey && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (tabs[index + step] !== undefined) {
        move(tab.id, tabs[step < 0 ? index - 1 : index + 2]?.id);
      }
      return;
    }
    const target = step === undefined ? { Home: 0, End: tabs.length - 1 }[event.key] : index + step;
    const next = target === undefined ? undefined : tabs[target];
    if (next !== undefined && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      chooseTab(next.id);
      strip.current?.querySelector<HTMLElement>(`[data-tab-id="${CSS.escape(next.id)}"]`)?.focus();
    }
  };
  return (
    <header class="tab-strip">
      <div ref={strip} role="tablist" aria-label="Chats" class="tabs" onWheel={(event) => scroll(strip.current, event)}>
        {tabs.map((tab, index) => (
          <Tab
            key={tab.id}
            tab={tab}
            isActive={tab.id === active}
            next={tabs[index + 1]?.id}
            onKeyDown={(event) => onKeyDown(event, index)}
          />
        ))}
      </div>
      <IconButton icon="add" label="New tab" onClick={() => post({ type: "newTab" })} />
      {isFull && <TabMenu tabs={tabs} active={active} />}
    </header>
  );
}

/** Whether not all tabs fit. */
function useIsFull(strip: RefObject<HTMLDivElement | null>, tabs: unknown): boolean {
  const [isFull, setFull] = useState(false);
  const measure = () => {
    const box = strip.current;
    setFull(box !== null && box.scrollWidth > box.clientWidth + 1);
  };
  useLayoutEffect(measure, [tabs]);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    if (strip.current !== null) {
      observer.observe(strip.current);
    }
    return () => observer.disconnect();
  }, [strip]);
  return isFull;
}

/** A wheel that turns up and down goes through the strip sideways, as in the editor's own tabs. */
function scroll(strip: HTMLElement | null, event: WheelEvent): void {
  if (strip !== null && event.deltaX === 0) {
    strip.scrollLeft += event.deltaY;
  }
}
