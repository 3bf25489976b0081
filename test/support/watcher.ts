/** One more view of a session, which folds what it gets as a webview does. */
import type { Session, View } from "../../src/agent/types";
import type { FromView, ToView } from "../../src/chunks/protocol";
import type { ViewState } from "../../src/chunks/view";
import { createFolded } from "./folded";

export type Watcher = {
  readonly view: View;
  readonly messages: readonly ToView[];
  readonly state: () => ViewState;
  readonly say: (message: FromView) => void;
  readonly until: (holds: (state: ViewState) => boolean) => Promise<void>;
};

/** Attaches and waits for the first snapshot. @param tab the view has this tab in front, whatever the chat shows. */
export async function watch(session: Session, tab?: string): Promise<Watcher> {
  const folded = createFolded();
  const say = (message: FromView): void => view.receive(message);
  const view: View = session.attach(
    (message) => {
      const ask = folded.receive(message);
      if (ask !== undefined) say(ask);
    },
    tab === undefined ? {} : { tab },
  );
  say({ type: "ready" });
  await folded.until((now) => now.setup !== undefined);
  const { messages, state, until } = folded;
  return { view, messages, state, say, until };
}
