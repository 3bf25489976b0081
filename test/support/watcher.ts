/** One more view of a session, which folds what it gets as a webview does. */
import type { Session, View } from "../../src/agent/types";
import type { FromView, ToView } from "../../src/chunks/protocol";
import { applyToView, emptyView, type ViewState } from "../../src/chunks/view";

export type Watcher = {
  readonly view: View;
  readonly messages: readonly ToView[];
  readonly state: () => ViewState;
  readonly say: (message: FromView) => void;
  readonly until: (holds: (state: ViewState) => boolean) => Promise<void>;
};

/** Attaches and waits for the first snapshot. @param tab the view has this tab in front, whatever the chat shows. */
export async function watch(session: Session, tab?: string): Promise<Watcher> {
  const messages: ToView[] = [];
  const waiting = new Set<() => void>();
  let state = emptyView;
  const say = (message: FromView): void => view.receive(message);
  const view: View = session.attach(
    (message) => {
      messages.push(message);
      const applied = applyToView(state, message);
      state = applied.state;
      if (applied.ask !== undefined) say(applied.ask);
      for (const check of [...waiting]) check();
    },
    tab === undefined ? {} : { tab },
  );
  const until = (holds: (state: ViewState) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!holds(state)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  say({ type: "ready" });
  await until((now) => now.setup !== undefined);
  return { view, messages, state: () => state, say, until };
}
