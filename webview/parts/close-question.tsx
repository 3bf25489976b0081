import { useEffect, useRef } from "preact/hooks";
import { closing, view } from "../state";
import { post } from "../vscode";
import { composerBox } from "./focus";
import { Icon } from "./icon";

/** Asked once before a tab is closed whose agent works. Escape keeps the tab, and stops nothing. */
export function CloseQuestion() {
  const tab = view.value.tabs.find(({ id }) => id === closing.value);
  const isBusy = tab?.status === "running" || tab?.status === "needs-approval";
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), [tab?.id, isBusy]);
  if (tab === undefined || !isBusy) {
    return null;
  }
  const end = (stop: boolean) => {
    closing.value = "";
    if (stop) {
      post({ type: "closeTab", tab: tab.id, stop });
    }
    composerBox()?.focus();
  };
  return (
    <div
      class="banner banner-warning"
      role="alertdialog"
      aria-label="Close tab"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          end(false);
        }
      }}
    >
      <Icon name="warning" />
      <span dir="auto">The agent of “{tab.title}” is still at work.</span>
      <button ref={first} type="button" class="text-button" onClick={() => end(true)}>
        Stop and close
      </button>
      <button type="button" class="text-button" onClick={() => end(false)}>
        Cancel
      </button>
    </div>
  );
}
