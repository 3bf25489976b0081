/**
 * The messages of a tab that wait for the next step. What a person does to one counts until it is taken: from then on
 * it belongs to a turn. Its removal from the queue and its row are one durable record, so a crash delivers it once.
 */

import type { QueuedMessage } from "../chunks/protocol";
import type { Store } from "../store/types";
import { messageOf } from "./error-text";
import type { TabSelf } from "./tab-self";

export type TabQueue = {
  /** What views are shown: what is durable, and while the disk refuses, also what it will be told. */
  readonly shown: () => readonly QueuedMessage[];
  /** Whether a message waits to be taken. */
  readonly waits: () => boolean;
  readonly add: (text: string) => void;
  /** These do nothing for a message that is not there any more. */
  readonly edit: (id: string, text: string) => void;
  readonly remove: (id: string) => void;
  /** @param to its place afterwards, from 0. */
  readonly move: (id: string, to: number) => void;
  /** Takes over what another window has written. */
  readonly follow: (queue: readonly QueuedMessage[]) => void;
  /** Takes all messages, or the one with this id. @returns nothing when there is none. */
  readonly take: (id?: string) => Taken | undefined;
};

/** Messages on their way into a turn. Until they are out of the tab's record, a crash leaves them in the queue. */
export type Taken = {
  readonly texts: readonly string[];
  /** Takes them out of the record. Call it right before that is written with their rows, no other write in between. */
  readonly leaveRecord: () => void;
  /** That write is durable. */
  readonly delivered: () => void;
  /** They wait again, before all others. Nothing happens when they are delivered or back already. */
  readonly putBack: () => void;
};

export function createTabQueue(tab: {
  readonly self: TabSelf;
  readonly store: Store;
  readonly now: () => number;
  readonly newId: () => string;
  /** The queue that views are shown is not what it was. */
  readonly changed: () => void;
  readonly warn: (message: string) => void;
}): TabQueue {
  const { self, store } = tab;
  let waiting = self.record().queue ?? [];
  let taken: readonly QueuedMessage[] = [];
  let durable = waiting;

  const keep = (): void => self.setQueue([...taken, ...waiting]);

  const settle = (written: readonly QueuedMessage[]): void => {
    durable = written;
    tab.changed();
  };

  const save = async (): Promise<void> => {
    const written = [...taken, ...waiting];
    try {
      await store.write([{ op: "tab", tab: self.record() }]);
    } catch (error) {
      tab.warn(`the queue was not saved: ${messageOf(error)}`);
      const saved = new Set(durable.map((message) => message.id));
      for (const { id, text } of waiting) if (!saved.has(id)) self.giveBack(text);
      const underWay = new Set(taken.map((message) => message.id));
      waiting = durable.filter((message) => !underWay.has(message.id));
      keep();
      return tab.changed();
    }
    settle(written);
  };

  const change = (next: readonly QueuedMessage[]): void => {
    waiting = next;
    keep();
    void save();
  };

  const has = (id: string): boolean => waiting.some((message) => message.id === id);

  return {
    shown: () => (store.state.kind === "blocked" ? [...taken, ...waiting] : durable),
    waits: () => waiting.length > 0,
    add: (text) => change([...waiting, { id: tab.newId(), text, createdAt: tab.now() }]),
    edit(id, text) {
      if (has(id)) change(waiting.map((message) => (message.id === id ? { ...message, text } : message)));
    },
    remove(id) {
      if (has(id)) change(waiting.filter((message) => message.id !== id));
    },
    move(id, to) {
      const message = waiting.find((one) => one.id === id);
      if (message !== undefined) change(waiting.filter((one) => one !== message).toSpliced(to, 0, message));
    },
    follow(queue) {
      waiting = queue;
      keep();
      settle(queue);
    },
    take(id) {
      const mine = id === undefined ? waiting : waiting.filter((message) => message.id === id);
      if (mine.length === 0) return undefined;
      waiting = waiting.filter((message) => !mine.includes(message));
      taken = [...taken, ...mine];
      keep();
      let isOver = false;
      let written = durable;
      const leave = (): void => {
        taken = taken.filter((message) => !mine.includes(message));
        written = [...taken, ...waiting];
        keep();
      };
      return {
        texts: mine.map((message) => message.text),
        leaveRecord: leave,
        delivered() {
          isOver = true;
          settle(written);
        },
        putBack() {
          if (isOver) return;
          isOver = true;
          waiting = [...mine, ...waiting];
          leave();
          tab.changed();
        },
      };
    },
  };
}
