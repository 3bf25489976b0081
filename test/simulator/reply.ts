/** What a scenario answers with, and how that becomes a message with ids, signatures and token counts. */
import type { Fault } from "./faults";
import type { Model } from "./models";
import { sha256 } from "./segments";
import { lastSignature, prefixOf, type Signer } from "./signatures";
import { type Fields, isFields } from "./types";

export type ReplyBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | {
      readonly type: "tool_use";
      readonly name: string;
      readonly id?: string;
      readonly input?: Fields;
      /** Instead of `input`: the exact JSON text, or the exact partial_json fragments one by one. */
      readonly json?: string | readonly string[];
    }
  | SearchBlock;

/** What the server's own web search does within an answer: it asks, and it finds or fails. */
export type SearchBlock = {
  readonly type: "web_search";
  readonly query: string;
  /** A text is the code of an error. */
  readonly results: readonly SearchResult[] | string;
};

export type SearchResult = { readonly title: string; readonly url: string; readonly page_age?: string };

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/** How an answer is cut up on its way: see the table in docs/SIMULATOR.md. */
export type FragmentMode = "default" | "fine" | "bytes" | "crlf" | "batched";

export type Reply = {
  readonly blocks: readonly ReplyBlock[];
  /** Default: tool_use when there is a call among the blocks, else end_turn. */
  readonly stopReason?: StopReason;
  readonly stopSequence?: string;
  /** Milliseconds between two events. */
  readonly pace?: number;
  readonly fragment?: FragmentMode;
  readonly fault?: Fault;
  /** In tests: each event waits for this. @param sent the answer's text so far */
  readonly hold?: (sent: string) => Promise<unknown>;
};

/** A block as it is sent. `json` is the exact text of a call's input. */
export type SentBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | {
      readonly type: "tool_use";
      readonly id: string;
      readonly name: string;
      readonly json: string;
      readonly fragments?: readonly string[];
    }
  | { readonly type: "server_tool_use"; readonly id: string; readonly name: string; readonly json: string }
  | { readonly type: "web_search_tool_result"; readonly tool_use_id: string; readonly content: unknown };

export type SentMessage = {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly SentBlock[];
  readonly stopReason: StopReason;
  readonly stopSequence: string | null;
  readonly outputTokens: number;
  readonly thinkingTokens: number;
  /** Searches of the server's own, and the tokens of what they found, which the model has read. */
  readonly searches: number;
  readonly foundTokens: number;
};

export function text(value: string): ReplyBlock {
  return { type: "text", text: value };
}

export function thinking(value: string): ReplyBlock {
  return { type: "thinking", thinking: value };
}

export function call(name: string, input: Fields): ReplyBlock {
  return { type: "tool_use", name, input };
}

/** A reply of these blocks; a plain string is a text block. */
export function reply(...blocks: readonly (ReplyBlock | string)[]): Reply {
  return { blocks: blocks.map((block) => (typeof block === "string" ? text(block) : block)) };
}

export type RenderContext = {
  readonly body: Fields;
  readonly model: Model;
  readonly account: string;
  readonly signer: Signer;
  /** Makes ids: the same conversation and number give the same ones. */
  readonly seed: string;
  /** Local servers send thinking without a signature. */
  readonly signed: boolean;
};

/** Gives the blocks their ids and signatures. Thinking is left out or blanked as the request's `thinking` asks. */
export function render(reply: Reply, context: RenderContext): SentMessage {
  const shown = thinkingShown(context.body, context.model);
  const prefix = prefixOf(context.body);
  let before = lastSignature(context.body);
  let thinkingTokens = 0;
  const blocks = reply.blocks.flatMap(send);
  const calls = blocks.some((block) => block.type === "tool_use");
  return {
    id: `msg_${idFrom(context.seed, "message")}`,
    model: context.model.id,
    blocks,
    stopReason: reply.stopReason ?? (calls ? "tool_use" : "end_turn"),
    stopSequence: reply.stopSequence ?? null,
    outputTokens: thinkingTokens + blocks.reduce((sum, block) => sum + tokensOf(block), 0),
    thinkingTokens,
    searches: blocks.filter((block) => block.type === "server_tool_use").length,
    foundTokens: blocks.reduce(
      (sum, block) => sum + (block.type === "web_search_tool_result" ? tokens(JSON.stringify(block.content)) : 0),
      0,
    ),
  };

  function send(block: ReplyBlock, index: number): readonly SentBlock[] {
    switch (block.type) {
      case "text":
        return [block];
      case "redacted_thinking":
        return shown === "none" ? [] : [block];
      case "thinking": {
        if (shown === "none") return [];
        thinkingTokens += tokens(block.thinking);
        const value = shown === "omitted" ? "" : block.thinking;
        if (context.signed) before = context.signer.sign(prefix, value, before, context.model, context.account);
        return [{ type: "thinking", thinking: value, signature: context.signed ? before : "" }];
      }
      case "tool_use":
        return [sentCall(block, `toolu_${idFrom(context.seed, String(index))}`)];
      case "web_search":
        return sentSearch(block, `srvtoolu_${idFrom(context.seed, String(index))}`);
    }
  }
}

/** 24 letters and digits that depend on the parts alone. */
export function idFrom(...parts: readonly string[]): string {
  const digest = Buffer.from(sha256(...parts), "hex").toString("base64");
  return `01${digest.replace(/[^a-zA-Z0-9]/g, "")}`.slice(0, 24);
}

/** The content array as JSON text, inputs as they were written. */
export function contentJson(message: SentMessage): string {
  return `[${message.blocks.map(blockJson).join(",")}]`;
}

function blockJson(block: SentBlock): string {
  if (block.type !== "tool_use" && block.type !== "server_tool_use") return JSON.stringify(block);
  const { type, id, name } = block;
  return `{"type":"${type}","id":${JSON.stringify(id)},"name":${JSON.stringify(name)},"input":${inputJson(block.json)}}`;
}

function sentSearch({ query, results }: SearchBlock, id: string): readonly SentBlock[] {
  const content =
    typeof results === "string"
      ? { type: "web_search_tool_result_error", error_code: results }
      : results.map(({ title, url, page_age = null }) => ({
          ...{ type: "web_search_result", title, url, page_age },
          encrypted_content: Buffer.from(`${title} ${url}`.repeat(4)).toString("base64"),
        }));
  return [
    { type: "server_tool_use", id, name: "web_search", json: JSON.stringify({ query }) },
    { type: "web_search_tool_result", tool_use_id: id, content },
  ];
}

function inputJson(json: string): string {
  try {
    return isFields(JSON.parse(json)) ? json : "{}";
  } catch {
    return "{}";
  }
}

function sentCall(block: Extract<ReplyBlock, { type: "tool_use" }>, id: string): SentBlock {
  const fragments = typeof block.json === "string" || block.json === undefined ? undefined : block.json;
  const json = fragments?.join("") ?? (typeof block.json === "string" ? block.json : JSON.stringify(block.input ?? {}));
  const sent = { type: "tool_use", id: block.id ?? id, name: block.name, json } as const;
  return fragments === undefined ? sent : { ...sent, fragments };
}

function thinkingShown(body: Fields, model: Model): "none" | "omitted" | "summarized" {
  const asked = isFields(body.thinking) ? body.thinking : undefined;
  const type = asked?.type;
  if (type === "disabled" || (type === undefined && !model.alwaysThinks)) return "none";
  const display = asked?.display;
  if (display === "summarized" || display === "omitted") return display;
  return type === "enabled" ? "summarized" : "omitted";
}

function tokensOf(block: SentBlock): number {
  switch (block.type) {
    case "text":
      return tokens(block.text);
    case "tool_use":
    case "server_tool_use":
      return tokens(block.name) + tokens(block.json);
    case "web_search_tool_result":
    case "thinking":
    case "redacted_thinking":
      return 0;
  }
}

function tokens(value: string): number {
  return Math.ceil(Buffer.byteLength(value) / 4);
}
