import { useEffect, useRef } from "preact/hooks";
import type { TabState, TabStatus } from "../../src/chunks/protocol";
import { view } from "../state";
import { post } from "../vscode";
import { Icon, IconButton } from "./icon";

/** Letters at a title's end that stay visible when it is shortened. */
const TAIL = 6;

export function TabStrip() {
  const { tabs, active } = view.value;
  const strip = useRef<HTMLDivElement>(null);
  const widths = tabs.map((tab) => `${tab.title} ${tab.status}`).join("\n");
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
  const select = (tab: TabState | undefined) => {
    if (tab !== undefined) {
      post({ type: "selectTab", tab: tab.id });
    }
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const target = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (target !== undefined && tabs[target] !== undefined) {
      event.preventDefault();
      select(tabs[target]);
      tabButton(event.currentTarget, target)?.focus();
    }
  };
  return (
    <header class="tab-strip">
      <div ref={strip} role="tablist" aria-label="Chats" class="tabs">
        {tabs.map((tab, index) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            class="tab"
            aria-label={tab.title}
            aria-selected={tab.id === active}
            aria-description={statusWords(tab.status)}
            tabIndex={tab.id === active ? 0 : -1}
            title={tab.title}
            data-tab-id={tab.id}
            data-status={tab.status}
            onClick={() => select(tab)}
            onKeyDown={(event) => onKeyDown(event, index)}
          >
            <StatusMark status={tab.status} />
            <span class="tab-head">{tab.title.slice(0, -TAIL)}</span>
            <span class="tab-tail">{tab.title.slice(-TAIL)}</span>
          </button>
        ))}
      </div>
      <IconButton icon="add" label="New tab" onClick={() => post({ type: "newTab" })} />
    </header>
  );
}

function tabButton(from: EventTarget | null, index: number): HTMLElement | undefined {
  const list = from instanceof HTMLElement ? from.parentElement : null;
  return [...(list?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])][index];
}

function StatusMark({ status }: { readonly status: TabStatus }) {
  switch (status) {
    case "running":
      return <Icon name="loading" spin />;
    case "needs-approval":
      return <Icon name="bell" />;
    case "error":
      return <Icon name="error" />;
    default:
      return null;
  }
}

function statusWords(status: TabStatus): string | undefined {
  return { idle: undefined, running: "working", "needs-approval": "needs approval", error: "stopped with an error" }[
    status
  ];
}
