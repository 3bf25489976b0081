/** Tells a person whose eyes are elsewhere that a chat waits for an answer, and leads to it. */
import type { Session } from "../agent/types";
import { reveal } from "../approvals/reveal";
import type { Desk } from "./desk";
import { createDisposableList, type Disposable } from "./dispose";

export type Notice = {
  /** Whether the person has the chats before their eyes: the tab strip says then who waits. */
  readonly isSeen: () => boolean;
  /** Shows a message with one button. @returns the button when it was pressed; the same message again takes the place of the first. */
  readonly show: (message: string, button: string) => Thenable<string | undefined>;
  /** Brings a chat to the front. */
  readonly lead: (session: Session, tab: string) => Promise<void>;
};

const button = "Show";

/** Each chat is told of once each time it begins to wait unseen. */
export function notifyOfQuestions(desk: Pick<Desk, "onState">, notice: Notice): Disposable {
  const owned = createDisposableList();
  let stopListening: (() => void) | undefined;
  const tell = async (session: Session, tab: string, title: string): Promise<void> => {
    if ((await notice.show(noticeOf(title), button)) === button) await notice.lead(session, tab);
  };
  owned.push(
    desk.onState((state) => {
      stopListening?.();
      stopListening = undefined;
      if (state.kind !== "open") return;
      const { session } = state;
      let known: ReadonlySet<string> = new Set();
      const follow = () => {
        const waiting = session.waiting();
        const isSeen = notice.isSeen();
        const fresh = waiting.filter(({ tab }) => !known.has(tab));
        known = new Set(waiting.map(({ tab }) => tab));
        if (!isSeen) for (const { tab, title } of fresh) void tell(session, tab, title);
      };
      stopListening = session.onSummary(follow);
      follow();
    }),
  );
  owned.push({ dispose: () => stopListening?.() });
  return owned;
}

/** The title may be a model's: the editor would make a link of `[words](address)`. */
function noticeOf(title: string): string {
  return `The chat “${reveal(title).text.replaceAll("](", "] (")}” waits for your answer.`;
}
