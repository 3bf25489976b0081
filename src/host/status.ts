/** What the rest of the editor sees of the chats: context keys, the number on the view's icon, and the status bar. */
import * as vscode from "vscode";
import type { Session, SessionSummary, SpentToday } from "../agent/types";
import type { Desk } from "./desk";
import type { Disposable } from "./dispose";
import { createDisposableList } from "./dispose";
import { setContext } from "./register";
import { readAgainMs, statusWords } from "./status-words";

/** @param setBadge gets the number of chats that need an approval. */
export function showStatus(desk: Desk, setBadge: (needApproval: number) => void): Disposable {
  const owned = createDisposableList();
  const bar = owned.push(createBar());
  let stopListening: (() => void) | undefined;
  const show = (summary: Summary) => {
    setContext("dispatch.running", summary.running > 0);
    setContext("dispatch.needsApproval", summary.needApproval > 0);
    setBadge(summary.needApproval);
  };
  owned.push(
    desk.onState((state) => {
      stopListening?.();
      if (state.kind !== "open") {
        stopListening = undefined;
        show(nothing);
        return bar.close();
      }
      const { session } = state;
      const follow = (summary: Summary) => {
        show(summary);
        bar.show(session, summary);
      };
      stopListening = session.onSummary(follow);
      follow(session.summary());
    }),
  );
  owned.push({ dispose: () => stopListening?.() });
  return owned;
}

type Summary = Pick<SessionSummary, "running" | "needApproval">;

const nothing: Summary = { running: 0, needApproval: 0 };

/** What was spent is read again this long after a change, ms. */
const soonMs = 1_000;

type Bar = Disposable & {
  readonly show: (session: Session, summary: Summary) => void;
  /** There is no session now. */
  readonly close: () => void;
};

function createBar(): Bar {
  const item = vscode.window.createStatusBarItem("dispatch.chats", vscode.StatusBarAlignment.Right, 100);
  item.name = "Dispatch";
  item.command = "dispatch.goToBusyChat";
  let shown: { readonly session: Session; readonly summary: Summary } | undefined;
  let today: SpentToday = { usd: 0, unpriced: [], tokens: 0 };
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    const words = shown === undefined ? undefined : statusWords(shown.summary, today);
    if (words === undefined) {
      item.hide();
      return;
    }
    item.text = words.text;
    item.tooltip = words.label;
    item.accessibilityInformation = { label: words.label };
    item.backgroundColor = words.isWaiting ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.show();
  };

  const read = async (): Promise<void> => {
    timer = undefined;
    if (shown === undefined) return;
    const { session } = shown;
    const spent = await session.spentToday().catch(() => today); // the log is being closed
    if (shown?.session !== session) return;
    today = spent;
    draw();
    readIn(readAgainMs(shown.summary.running, Date.now()));
  };

  const readIn = (ms: number): void => {
    timer ??= setTimeout(read, ms);
  };

  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
    shown = undefined;
  };

  return {
    show(session, summary) {
      const hasChanged = shown?.session !== session || shown.summary.running !== summary.running;
      shown = { session, summary };
      draw();
      if (!hasChanged) return;
      clearTimeout(timer);
      timer = undefined;
      readIn(soonMs);
    },
    close() {
      stop();
      draw();
    },
    dispose() {
      stop();
      item.dispose();
    },
  };
}
