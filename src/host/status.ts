/** What the rest of the editor sees of the chats: context keys for commands, and the number on the view's icon. */
import type { SessionSummary } from "../agent/types";
import type { Desk } from "./desk";
import type { Disposable } from "./dispose";
import { createDisposableList } from "./dispose";
import { setContext } from "./register";

/** @param setBadge gets the number of chats that need an approval. */
export function showStatus(desk: Desk, setBadge: (needApproval: number) => void): Disposable {
  const owned = createDisposableList();
  let stopListening: (() => void) | undefined;
  const show = (summary: Omit<SessionSummary, "activeTab">) => {
    setContext("dispatch.running", summary.running > 0);
    setContext("dispatch.needsApproval", summary.needApproval > 0);
    setBadge(summary.needApproval);
  };
  owned.push(
    desk.onState((state) => {
      stopListening?.();
      stopListening = state.kind === "open" ? state.session.onSummary(show) : undefined;
      show(state.kind === "open" ? state.session.summary() : { running: 0, needApproval: 0 });
    }),
  );
  owned.push({ dispose: () => stopListening?.() });
  return owned;
}
