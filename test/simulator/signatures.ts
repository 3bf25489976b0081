/**
 * Thinking signatures. A block is bound to what came before it: system text, tools, every earlier message, the thinking
 * block before it. What may change without harm (markers, key order, tool order, outer white space) is left out.
 */
import { createHmac } from "node:crypto";
import type { Model } from "./models";
import { sha256 } from "./segments";
import { type Fields, isFields, listOf, textOf } from "./types";

export type Signer = {
  /** @param before signature of the thinking block before this one, in the whole conversation; "" for the first. */
  readonly sign: (prefix: Prefix, thinking: string, before: string, model: Model, account: string) => string;
  readonly check: (body: Fields, model: Model, account: string) => SignatureCheck;
};

/** Digests of what a thinking block is bound to. */
export type Prefix = { readonly system: string; readonly tools: string; readonly messages: string };

export type SignatureCheck = {
  readonly problem?: { readonly message: string; readonly pattern?: string };
  /** Blocks that were left out instead of refused, as `input_transformations` names them. */
  readonly dropped: readonly { readonly type: "thinking_dropped"; readonly path: string }[];
};

type Seal = Prefix & {
  readonly family: string;
  readonly account: string;
  readonly before: string;
  readonly text: string;
};

export function createSigner(secret: string): Signer {
  return { sign, check };

  function sign(prefix: Prefix, thinking: string, before: string, model: Model, account: string): string {
    const seal: Seal = {
      family: model.family,
      account: model.accountBound ? account : "",
      ...prefix,
      before: short(before),
      text: short(thinking),
    };
    return Buffer.from(JSON.stringify({ ...seal, mac: mac(seal) })).toString("base64");
  }

  function check(body: Fields, model: Model, account: string): SignatureCheck {
    const messages = listOf(body.messages);
    const prefixes = prefixesOf(body);
    const latest = messages.findLastIndex((message) => isFields(message) && message.role === "assistant");
    const dropped: { type: "thinking_dropped"; path: string }[] = [];
    const mayDrop = dropsBlocks(body);
    let before: string | undefined;
    for (const { message, index, block } of thinkingBlocks(messages)) {
      const path = `messages.${message}.content.${index}`;
      const signature = textOf(block.signature);
      const seal = open(signature);
      if (seal === undefined)
        return { problem: { message: `${path}: Invalid \`signature\` in \`thinking\` block` }, dropped };
      if (seal.family !== model.family) continue;
      if (seal.text !== short(textOf(block.thinking))) {
        return { problem: { message: message === latest ? untouchable : tampered(path) }, dropped };
      }
      const pattern = model.boundThinking ? mismatch(seal, prefixes[message], before, model, account) : undefined;
      if (pattern !== undefined && !mayDrop) return { problem: { message: bound(path), pattern }, dropped };
      if (pattern !== undefined) dropped.push({ type: "thinking_dropped", path });
      else before = signature;
    }
    return { dropped };
  }

  function mac(seal: Seal): string {
    const { family, account, system, tools, messages, before, text } = seal;
    return createHmac("sha256", secret)
      .update(JSON.stringify([family, account, system, tools, messages, before, text]))
      .digest("base64");
  }

  function open(signature: string): Seal | undefined {
    const fields = parse(Buffer.from(signature, "base64").toString("utf8"));
    if (fields === undefined || Buffer.from(signature, "base64").toString("base64") !== signature) return undefined;
    const seal: Seal = {
      family: textOf(fields.family),
      account: textOf(fields.account),
      system: textOf(fields.system),
      tools: textOf(fields.tools),
      messages: textOf(fields.messages),
      before: textOf(fields.before),
      text: textOf(fields.text),
    };
    return mac(seal) === fields.mac ? seal : undefined;
  }
}

/** The prefix that a block in the message after the last one would be bound to. */
export function prefixOf(body: Fields): Prefix {
  return prefixesOf(body).at(-1) ?? { system: "", tools: "", messages: "" };
}

/** Signature of the last thinking block of the conversation, "" when there is none. */
export function lastSignature(body: Fields): string {
  return textOf(thinkingBlocks(listOf(body.messages)).at(-1)?.block.signature);
}

/** One text for all ways to write the same blocks; what may differ is left out. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function mismatch(
  seal: Seal,
  prefix: Prefix | undefined,
  before: string | undefined,
  model: Model,
  account: string,
): string | undefined {
  if (model.accountBound && seal.account !== account) return "account";
  if (seal.system !== prefix?.system) return "system";
  if (seal.tools !== prefix.tools) return "tools";
  if (seal.messages !== prefix.messages) return "messages";
  return before !== undefined && seal.before !== short(before) ? "thinking" : undefined;
}

/** For each message the digests of what is before it; one more at the end. */
function prefixesOf(body: Fields): readonly Prefix[] {
  const messages = listOf(body.messages);
  const system = short(canonicalContent(body.system));
  const used = new Set(messages.flatMap(toolNames));
  const tools = listOf(body.tools)
    .filter(isFields)
    .filter((tool) => tool.defer_loading !== true || used.has(textOf(tool.name)))
    .map(canonical)
    .sort();
  let digest = "";
  const before = messages.map((message) => {
    const current = digest;
    if (isFields(message)) digest = short(digest, textOf(message.role), canonicalContent(message.content));
    return current;
  });
  return [...before, digest].map((part) => ({ system, tools: short(...tools), messages: part }));
}

function canonicalContent(content: unknown): string {
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);
  return canonical(
    blocks.filter(isFields).flatMap((block) => {
      if (block.type === "thinking" || block.type === "redacted_thinking") return [];
      if (block.type === "tool_result") return [{ ...block, content: canonicalResult(block.content) }];
      if (block.type !== "text") return [block];
      const text = textOf(block.text).trim();
      return text === "" ? [] : [{ type: "text", text }];
    }),
  );
}

function canonicalResult(content: unknown): unknown {
  return typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  const keys = Object.keys(value).filter((key) => key !== "cache_control");
  // Pairs, not an object: an object would put integer-like keys first whatever the order.
  return keys.sort().map((key) => [key, sorted(value[key])]);
}

function toolNames(message: unknown): readonly string[] {
  const content = isFields(message) ? listOf(message.content) : [];
  return content.filter(isFields).flatMap((block) => (block.type === "tool_use" ? [textOf(block.name)] : []));
}

function thinkingBlocks(messages: readonly unknown[]) {
  return messages.flatMap((fields, message) =>
    (isFields(fields) ? listOf(fields.content) : []).flatMap((block, index) =>
      isFields(block) && block.type === "thinking" ? [{ message, index, block }] : [],
    ),
  );
}

function dropsBlocks(body: Fields): boolean {
  const thinking = isFields(body.thinking) ? body.thinking : {};
  const binding = isFields(thinking.block_binding) ? thinking.block_binding : {};
  return binding.prefix_mismatch_behavior === "drop_block";
}

function bound(path: string): string {
  return `${path}: Invalid \`signature\` in \`thinking\` block. The block is bound to a different conversation. Remove the block, or set \`thinking.block_binding.prefix_mismatch_behavior\` to "drop_block".`;
}

function tampered(path: string): string {
  return `${path}: Invalid \`signature\` in \`thinking\` block`;
}

const untouchable =
  "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.";

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function short(...parts: readonly string[]): string {
  return sha256(...parts).slice(0, 24);
}
