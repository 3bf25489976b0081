/** The request side of a tab: its rows as body text, built once and then only added to. */
import type { Row } from "../chunks/rows";
import type { RequestOptions, Store } from "../store/types";
import { type BodyOptions, type Conversation, createConversation } from "../wire/assemble";
import { toolNames } from "../wire/prompt";
import { createBodyHasher } from "./hash";

export type BuiltRequest = {
  readonly head: string;
  readonly body: string;
  readonly bodySha256: string;
  readonly promptHash: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What the body was made with besides its rows, for the log; absent when nothing is out of the ordinary. */
  readonly options?: RequestOptions;
};

/** The frozen system text and tool list of a tab, as its requests carry them. */
export type Prompt = { readonly hash: string; readonly text: string };

export type TabWire = {
  /** Takes the prompt of this hash from the log, once. @returns false when the log does not have it. */
  readonly load: (hash: string) => Promise<boolean>;
  /** Whether the prompt tells the model of this tool: a tab keeps the tools that it began with. */
  readonly offers: (tool: string) => boolean;
  /** Takes a prompt that is not in the log yet. */
  readonly use: (prompt: Prompt) => void;
  /** Takes rows as they become durable. Before the first request it needs none: they are read then. */
  readonly append: (rows: readonly Row[]) => void;
  /**
   * The request for what is in the log now. Costs what is new since the last one, or all rows when `head` or the marks
   * have changed.
   */
  readonly request: (head: string, options: BodyOptions) => Promise<BuiltRequest>;
  /** For the calls of the answer to that request, in their order: ids that no call of the tab has. */
  readonly newCallIds: () => (id: string) => string;
};

export function createTabWire(tabId: string, store: Store): TabWire {
  type Loaded = {
    readonly head: string;
    readonly marks: boolean;
    readonly conversation: Conversation;
    readonly hash: ReturnType<typeof createBodyHasher>;
  };
  let prompt: Prompt | undefined;
  let loaded: Loaded | undefined;
  /** Of the tools in the prompt; read when they are asked for. */
  let names: ReadonlySet<string> | undefined;
  let lastSeq = 0;

  const use = (next: Prompt): void => {
    if (prompt?.hash !== next.hash) {
      loaded = undefined;
      names = undefined;
    }
    prompt = next;
  };

  const rebuild = async (head: string, marks: boolean, text: string): Promise<Loaded> => {
    lastSeq = await store.lastSeq(tabId);
    const conversation = createConversation(head, text);
    conversation.append(await store.rows(tabId, 1, lastSeq));
    return { head, marks, conversation, hash: createBodyHasher() };
  };

  return {
    async load(hash) {
      if (prompt?.hash === hash) return true;
      const text = await store.prompt(hash);
      if (text !== undefined) use({ hash, text });
      return text !== undefined;
    },
    offers(tool) {
      if (prompt !== undefined) names ??= new Set(toolNames(prompt.text));
      return names?.has(tool) === true;
    },
    use,
    append(rows) {
      if (loaded === undefined) return;
      loaded.conversation.append(rows);
      lastSeq = rows.at(-1)?.seq ?? lastSeq;
    },
    newCallIds() {
      if (loaded === undefined) throw new Error("There is no answer before a request.");
      return loaded.conversation.newCallIds();
    },
    async request(head, options) {
      const { marks = true } = options;
      if (prompt === undefined) throw new Error("A request was asked for before the tab had a prompt.");
      if (loaded?.head !== head || loaded.marks !== marks) loaded = await rebuild(head, marks, prompt.text);
      const { text, stable, rest } = loaded.conversation.body(options);
      const kept = unusual(options);
      return {
        head,
        body: text,
        bodySha256: loaded.hash(stable, rest),
        promptHash: prompt.hash,
        firstSeq: 1,
        lastSeq,
        ...(kept === undefined ? {} : { options: kept }),
      };
    },
  };
}

/** The options that are not as they are by default. */
function unusual({ paused, marks, previousMessageId }: BodyOptions): RequestOptions | undefined {
  const options: RequestOptions = {
    ...(paused === true ? { paused } : {}),
    ...(marks === false ? { marks } : {}),
    ...(previousMessageId === undefined ? {} : { previousMessageId }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}
