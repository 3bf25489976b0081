/** The webview's entry: draws the page, listens to the host, tells it that the page is ready. */
import { render } from "preact";
import type { ToView } from "../src/chunks/protocol";
import { flushDraft, followHost, restoreDrafts } from "./drafts";
import { App } from "./parts/app";
import { composerBox } from "./parts/focus";
import { flushPlace } from "./places";
import { followQueue } from "./queue-edit";
import { activeTab, canStop, closing, closingTab, receive } from "./state";
import { carryTyped, noteInput, noteKey } from "./typed-ahead";
import { post } from "./vscode";
import "./style/main.css";

window.addEventListener("message", (event: MessageEvent<ToView>) => {
  const message = event.data;
  if (message.type === "snapshot" || message.type === "tabs") {
    followHost(message.tabs, document.activeElement === composerBox());
    followQueue(message.tabs);
  } else if (message.type === "tab") {
    followHost([message.tab], document.activeElement === composerBox());
    followQueue([message.tab]);
  }
  const before = activeTab.value;
  receive(message);
  carryTyped(before, activeTab.value);
});

document.addEventListener("keydown", noteKey, { capture: true });
document.addEventListener("input", noteInput, { capture: true });

document.addEventListener("keydown", (event) => {
  const tab = activeTab.value;
  if (event.key !== "Escape" || event.isComposing) {
    return;
  }
  if (closingTab.value !== undefined) {
    closing.value = "";
  } else if (tab !== undefined && canStop.value) {
    post({ type: "stop", tab: tab.id });
  }
});

const tellAll = () => {
  flushDraft();
  flushPlace();
};
document.addEventListener("visibilitychange", tellAll);
window.addEventListener("pagehide", tellAll);

// Key bindings need to know: the editor itself does not see the focus inside a page.
const tellFocus = () => post({ type: "focus", focused: document.hasFocus() });
window.addEventListener("focus", tellFocus);
window.addEventListener("blur", tellFocus);

restoreDrafts();
render(<App />, document.getElementById("app") ?? document.body);
post({ type: "ready" });
tellFocus();
