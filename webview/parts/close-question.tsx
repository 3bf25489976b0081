import { useLayoutEffect, useRef } from "preact/hooks";
import { closing, closingTab } from "../state";
import { post } from "../vscode";
import { composerBox } from "./focus";
import { Icon } from "./icon";

/**
 * Asked once before a tab is closed whose agent works or which has commands in the background. Escape keeps the tab,
 * wherever the focus is (main.tsx), and stops nothing.
 */
export function CloseQuestion() {
  const tab = closingTab.value;
  const isWorking = tab?.status === "running" || tab?.status === "needs-approval";
  const first = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => first.current?.focus(), [tab?.id]);
  if (tab === undefined) {
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
      <span dir="auto">
        {isWorking
          ? `The agent of “${tab.title}” is still at work.`
          : `A command of “${tab.title}” still runs in the background.`}
      </span>
      <span class="banner-actions">
        <button ref={first} type="button" class="text-button" onClick={() => end(true)}>
          Stop and close
        </button>
        <button type="button" class="text-button" onClick={() => end(false)}>
          Cancel
        </button>
      </span>
    </div>
  );
}
