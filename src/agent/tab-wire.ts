/** The request side of a tab: its rows as body text, built once and then only added to. */
import type { Row } from "../chunks/rows";
import type { Store, TabRecord } from "../store/types";
import { type Conversation, createConversation } from "../wire/assemble";
import { createBodyHasher } from "./hash";

export type BuiltRequest = {
  readonly body: string;
  readonly bodySha256: string;
  readonly promptHash: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
};

export type TabWire = {
  /** Reads the frozen prompt and all rows of the tab, once. `promptText` is given while it is not stored yet. */
  readonly load: (record: TabRecord, promptText?: string) => Promise<void>;
  /** Takes rows as they become durable. Before `load` it needs none: they are read then. */
  readonly append: (rows: readonly Row[]) => void;
  /**
   * The request for what is in the log now. Costs what is new since the last one, or all rows when `head` has changed.
   * @param paused the last response ended with `pause_turn`.
   */
  readonly request: (head: string, paused: boolean) => Promise<BuiltRequest>;
};

export function createTabWire(tabId: string, store: Store): TabWire {
  type Loaded = {
    readonly head: string;
    readonly conversation: Conversation;
    readonly hash: ReturnType<typeof createBodyHasher>;
  };
  let prompt: { readonly hash: string; readonly text: string } | undefined;
  let loaded: Loaded | undefined;
  let lastSeq = 0;

  const rebuild = async (head: string, text: string): Promise<Loaded> => {
    lastSeq = await store.lastSeq(tabId);
    const conversation = createConversation(head, text);
    conversation.append(await store.rows(tabId, 1, lastSeq));
    return { head, conversation, hash: createBodyHasher() };
  };

  return {
    async load(record, promptText) {
      if (prompt !== undefined || record.promptHash === undefined) return;
      const text = promptText ?? (await store.prompt(record.promptHash));
      if (text === undefined) throw new Error(`The prompt ${record.promptHash} of this chat is not in the log.`);
      prompt = { hash: record.promptHash, text };
    },
    append(rows) {
      if (loaded === undefined) return;
      loaded.conversation.append(rows);
      lastSeq = rows.at(-1)?.seq ?? lastSeq;
    },
    async request(head, paused) {
      if (prompt === undefined) throw new Error("A request was asked for before the tab was loaded.");
      if (loaded?.head !== head) loaded = await rebuild(head, prompt.text);
      const { text, stable, rest } = loaded.conversation.body({ paused });
      return { body: text, bodySha256: loaded.hash(stable, rest), promptHash: prompt.hash, firstSeq: 1, lastSeq };
    },
  };
}
