/** What a view gets, folded as a webview folds it, and ways to wait for what it shows. */
import type { FromView, ToView, TurnSummary } from "../../src/chunks/protocol";
import { applyToView, emptyView, type ViewState } from "../../src/chunks/view";

export type Folded = {
  /** Takes a message of the host. @returns what the view asks for then. */
  readonly receive: (message: ToView) => FromView | undefined;
  readonly messages: readonly ToView[];
  readonly state: () => ViewState;
  readonly until: (holds: (state: ViewState) => boolean) => Promise<void>;
  /** The end of the next turn that ends, once no turn is running any more. */
  readonly nextTurn: () => Promise<TurnSummary>;
  /** Nothing more will come: whoever waits in vain is told why. */
  readonly end: (why: () => Error) => void;
};

export function createFolded(): Folded {
  const messages: ToView[] = [];
  const waiting = new Set<() => void>();
  let state = emptyView;
  let ended: (() => Error) | undefined;

  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  const until = (holds: (state: ViewState) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const isThere = holds(state);
        if (!isThere && ended === undefined) return;
        waiting.delete(check);
        if (isThere || ended === undefined) resolve();
        else reject(ended());
      };
      waiting.add(check);
      check();
    });
  return {
    receive(message) {
      messages.push(message);
      const applied = applyToView(state, message);
      state = applied.state;
      wake();
      return applied.ask;
    },
    messages,
    state: () => state,
    until,
    async nextTurn() {
      const seen = messages.length;
      const find = () => messages.slice(seen).find((message) => message.type === "turn");
      await until(() => find() !== undefined);
      await until((now) => now.tabs.every((tab) => tab.status !== "running" && tab.status !== "needs-approval"));
      const found = find();
      if (found?.type !== "turn") throw new Error("There is no end of a turn.");
      return found.turn;
    },
    end(why) {
      ended = why;
      wake();
    },
  };
}
