/** What the log keeps of a tab itself: its title, its frozen prompt, and what stands in its composer. */
import type { QueuedMessage, ReadingPlace } from "../chunks/protocol";
import type { Store, TabRecord } from "../store/types";
import { createSaver } from "./saver";

export type TabSelf = {
  readonly record: () => TabRecord;
  /** Becomes part of what is written next. Draft, queue, mark, places, models and mode are what they are then, whatever `record` says. */
  readonly change: (record: TabRecord) => void;
  /** Changes the title, the place in the strip, the mark, the models or the mode, as part of what is written next. */
  readonly set: (
    change: Partial<Pick<TabRecord, "title" | "position" | "unread" | "models" | "mode" | "toldMode">>,
  ) => void;
  /** The turn that ended unseen was seen. This and the next are saved soon: losing them costs a look. */
  readonly setRead: () => void;
  /** Where the tab was read last; nothing: at its end. */
  readonly setPlace: (place: ReadingPlace | undefined) => void;
  /** Takes over what another window has written. Queue, mark and reading place stay, and what was changed here alone. */
  readonly follow: (record: TabRecord) => void;
  /** Becomes part of what is written next. */
  readonly setQueue: (queue: readonly QueuedMessage[]) => void;
  readonly setDraft: (text: string) => void;
  /** The draft goes out as a message: the composer is empty, and that is saved with the turn. Another draft stays. */
  readonly takeDraft: (sent: string) => void;
  /** A message that did not go out is back in the composer, before what was typed since. */
  readonly giveBack: (text: string) => void;
  /** Saves now what is not saved yet. */
  readonly flush: () => Promise<void>;
  /** Saves nothing any more. @returns the draft, when it is not saved. */
  readonly abandon: () => UnsavedDraft | undefined;
  /** Puts a draft back that another opening of this tab could not save. What is in the log stays too, if it is another one. */
  readonly restore: (draft: UnsavedDraft) => void;
};

export type UnsavedDraft = {
  readonly text: string;
  /** What stood in the box before: the text was made from it. */
  readonly from: string;
};

export function createTabSelf(opened: TabRecord, store: Store, warn: (message: string) => void): TabSelf {
  let record = opened;
  let followed = opened;
  /** What the box held of the log's when the person began to type. */
  let from = opened.draft;
  let isTouched = false;
  const write = (): Promise<void> => store.write([{ op: "tab", tab: record }]);
  const draft = createSaver("the draft", write, warn);
  const seen = createSaver("what was read of a chat", write, warn);
  const saveSeen = (): void => {
    if (store.state.kind === "writer") seen.save();
  };
  const setDraft = (text: string): void => {
    if (text === record.draft) return;
    record = { ...record, draft: text };
    isTouched = true;
    draft.save();
  };
  const giveBack = (text: string): void =>
    setDraft(record.draft === "" || record.draft === text ? text : `${text}\n\n${record.draft}`);
  return {
    record: () => record,
    change(next) {
      const { draft: text, position, queue, unread, place, models, mode, toldMode } = record;
      const { unread: _, models: __, mode: ___, toldMode: ____, ...rest } = next;
      const kept = {
        ...{ ...rest, draft: text, position },
        ...(unread === undefined ? {} : { unread }),
        ...(models === undefined ? {} : { models }),
        ...(mode === undefined ? {} : { mode }),
        ...(toldMode === undefined ? {} : { toldMode }),
      };
      record = withPlace(withQueue(kept, queue), place);
    },
    set(change) {
      record = { ...record, ...change };
    },
    setRead() {
      record = { ...record, unread: false };
      saveSeen();
    },
    setPlace(place) {
      record = withPlace(record, place);
      saveSeen();
    },
    follow(next) {
      const { title, position } = next;
      if (!isTouched) from = next.draft;
      record = {
        ...record,
        ...(isTouched ? {} : { draft: next.draft }),
        ...(title === followed.title ? {} : { title }),
        ...(position === followed.position ? {} : { position }),
        ...(next.promptHash === undefined ? {} : { promptHash: next.promptHash }),
        ...(next.models === undefined ? {} : { models: next.models }),
        ...(next.mode === undefined ? {} : { mode: next.mode }),
        ...(next.toldMode === undefined ? {} : { toldMode: next.toldMode }),
      };
      followed = next;
    },
    setQueue(queue) {
      record = withQueue(record, queue);
    },
    setDraft,
    takeDraft(sent) {
      if (record.draft !== sent) return;
      draft.drop();
      record = { ...record, draft: "" };
    },
    giveBack,
    restore: ({ text, from }) => (record.draft === from ? setDraft(text) : giveBack(text)),
    async flush() {
      await Promise.all([draft.flush(), seen.flush()]);
    },
    abandon() {
      // A write that is under way may yet be refused.
      const isOwn = draft.isUnsaved() || (isTouched && record.draft !== "" && record.draft !== from);
      const unsaved = isOwn ? { text: record.draft, from } : undefined;
      draft.drop();
      seen.drop();
      return unsaved;
    },
  };
}

function withQueue(record: TabRecord, queue: readonly QueuedMessage[] | undefined): TabRecord {
  const { queue: _, ...rest } = record;
  return queue === undefined ? rest : { ...rest, queue };
}

function withPlace(record: TabRecord, place: ReadingPlace | undefined): TabRecord {
  const { place: _, ...rest } = record;
  return place === undefined ? rest : { ...rest, place };
}
