/** The request side of a tab: its rows as body text, built once and then only added to. */
import type { Row } from "../chunks/rows";
import type { ModelChoice } from "../models/types";
import type { RequestOptions, RequestRecord, Store } from "../store/types";
import { type BodyOptions, type Conversation, createConversation, type SeqRange } from "../wire/assemble";
import { toolNames } from "../wire/prompt";
import { allThinking, cachedBefore, unreadableThinking } from "./earlier-requests";
import { createBodyHasher } from "./hash";
import { ownRequests } from "./side";
import { createTabImages } from "./tab-images";

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

/** Whom a request asks. */
export type Asked = {
  readonly choice: ModelChoice;
  readonly head: string;
  /** Whose thinking the choice can read, where it is known. */
  readonly account: string | undefined;
  /** Whether the choice takes images. */
  readonly images: boolean;
};

/** The model of a request, as far as the server sees it. */
export type AskedModel = { readonly keyId: string; readonly model: string; readonly effort?: string };

export type TabWire = {
  /** Takes the prompt of this hash from the log, once. @returns false when the log does not have it. */
  readonly load: (hash: string) => Promise<boolean>;
  /** Whether the prompt tells the model of this tool: a tab keeps the tools that it began with. */
  readonly offers: (tool: string) => boolean;
  /** Takes a prompt that is not in the log yet. */
  readonly use: (prompt: Prompt) => void;
  /** Takes rows as they become durable. Before the first request it needs none: they are read then. */
  readonly append: (rows: readonly Row[]) => void;
  /** Whom the last request of the tab has asked, also before a restart. */
  readonly lastAsked: () => Promise<AskedModel | undefined>;
  /**
   * The request for what is in the log now. Costs what is new since the last one, or all rows when another model, key or
   * head is asked or the marks have changed.
   */
  readonly request: (asked: Asked, options: BodyOptions) => Promise<BuiltRequest>;
  /** The server has refused thinking that it should be able to read: from the next request on, none of it is sent. */
  readonly dropThinking: () => void;
  /** The server has refused an image: from the next request on, none is sent. */
  readonly dropImages: () => void;
  /** Takes the bytes of an image whose row is about to be appended. */
  readonly holdImage: (blob: string, bytes: Uint8Array) => void;
  /** @returns why the model can't be given an image of this size, as a sentence. */
  readonly noImage: (bytes: number) => string | undefined;
  /** For the calls of the answer to that request, in their order: ids that no call of the tab has. */
  readonly newCallIds: () => (id: string) => string;
};

export function createTabWire(tabId: string, store: Store): TabWire {
  type Loaded = {
    readonly place: string;
    readonly head: string;
    readonly marks: boolean;
    readonly withoutThinking: readonly SeqRange[];
    readonly images: boolean;
    readonly conversation: Conversation;
    readonly hash: ReturnType<typeof createBodyHasher>;
  };
  let prompt: Prompt | undefined;
  let loaded: Loaded | undefined;
  /** Of the tools in the prompt; read when they are asked for. */
  let names: ReadonlySet<string> | undefined;
  let lastSeq = 0;
  let asked: AskedModel | undefined;
  let drops = false;
  const images = createTabImages(store);
  let refusesImages = false;

  const use = (next: Prompt): void => {
    if (prompt?.hash !== next.hash) {
      loaded = undefined;
      names = undefined;
    }
    prompt = next;
  };

  const rebuild = async (wanted: Asked, marks: boolean, text: string): Promise<Loaded> => {
    const place = placeOf(wanted.choice);
    lastSeq = await store.lastSeq(tabId);
    const rows = await store.rows(tabId, 1, lastSeq);
    const isOther = loaded?.place !== place;
    const requests = isOther ? await ownRequests(store, tabId) : [];
    const reader = { keyId: wanted.choice.key.id, model: wanted.choice.model, account: wanted.account };
    const withoutThinking = drops
      ? allThinking(rows)
      : isOther
        ? unreadableThinking(rows, requests, reader)
        : (loaded?.withoutThinking ?? []);
    const cachedTo = isOther && marks ? cachedBefore(requests, reader, wanted.head) : undefined;
    const takesImages = wanted.images && !refusesImages;
    if (takesImages) await images.load(rows);
    const conversation = createConversation(wanted.head, text, {
      withoutThinking,
      ...(takesImages ? { imageOf: images.of } : {}),
      ...(cachedTo === undefined ? {} : { cachedTo }),
    });
    drops = false;
    conversation.append(rows);
    images.appended(rows);
    const hash = createBodyHasher();
    return { place, head: wanted.head, marks, withoutThinking, images: takesImages, conversation, hash };
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
      images.appended(rows);
      lastSeq = rows.at(-1)?.seq ?? lastSeq;
    },
    newCallIds() {
      if (loaded === undefined) throw new Error("There is no answer before a request.");
      return loaded.conversation.newCallIds();
    },
    async lastAsked() {
      const last = asked === undefined ? (await ownRequests(store, tabId)).at(-1) : undefined;
      asked ??= last === undefined ? undefined : askedBy(last);
      return asked;
    },
    async request(wanted, options) {
      const { marks = true } = options;
      if (prompt === undefined) throw new Error("A request was asked for before the tab had a prompt.");
      const isSame =
        loaded?.head === wanted.head &&
        loaded.marks === marks &&
        loaded.place === placeOf(wanted.choice) &&
        loaded.images === (wanted.images && !refusesImages);
      if (loaded === undefined || !isSame) loaded = await rebuild(wanted, marks, prompt.text);
      asked = askedBy({ keyId: wanted.choice.key.id, model: wanted.choice.model, head: wanted.head });
      const { text, stable, rest } = loaded.conversation.body(options);
      const kept = unusual(options, loaded.withoutThinking, {
        cachedTo: loaded.conversation.cachedTo(),
        images: loaded.images && images.any(),
      });
      return {
        head: wanted.head,
        body: text,
        bodySha256: loaded.hash(stable, rest),
        promptHash: prompt.hash,
        firstSeq: 1,
        lastSeq,
        ...(kept === undefined ? {} : { options: kept }),
      };
    },
    dropImages() {
      refusesImages = true;
    },
    holdImage: images.hold,
    noImage(bytes) {
      if (loaded?.images !== true) return "The model of this chat is not given images.";
      return images.full(bytes);
    },
    dropThinking() {
      drops = true;
      loaded = undefined;
    },
  };
}

export function askedBy({ keyId, model, head }: Pick<RequestRecord, "keyId" | "model" | "head">): AskedModel {
  const effort = /"output_config":\{"effort":"(\w+)"/.exec(head)?.[1];
  return { keyId, model, ...(effort === undefined ? {} : { effort }) };
}

function placeOf({ key, model }: ModelChoice): string {
  return `${key.id} ${key.baseUrl} ${model}`;
}

/** The options that are not as they are by default. */
function unusual(
  { paused, marks, previousMessageId }: BodyOptions,
  withoutThinking: readonly SeqRange[],
  { cachedTo, images }: { readonly cachedTo: number | undefined; readonly images: boolean },
): RequestOptions | undefined {
  const options: RequestOptions = {
    ...(paused === true ? { paused } : {}),
    ...(marks === false ? { marks } : {}),
    ...(previousMessageId === undefined ? {} : { previousMessageId }),
    ...(withoutThinking.length === 0 ? {} : { withoutThinking }),
    ...(cachedTo === undefined ? {} : { cachedTo }),
    ...(images ? { images } : {}),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}
