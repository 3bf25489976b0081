/** A request as the cache sees it: its blocks in render order, as bytes, with markers set aside. */
import { createHash } from "node:crypto";
import { itemsOf, type JsonNode, memberOf, type Range, rangesOf, scan, without } from "./json";
import { type Fields, isFields, listOf, textOf } from "./types";

export type Marker = { readonly ttl: "5m" | "1h"; readonly path: string };

export type Segment = {
  readonly section: "tools" | "system" | "messages";
  /** `tools.0`, `system.1`, `messages.3.content.0`. */
  readonly path: string;
  readonly type: string;
  readonly role: string;
  readonly message: number;
  /** Where the block stands in the body as sent. */
  readonly range: Range;
  /** The block as sent, without cache_control; a plain string in the form of its text block. */
  readonly bytes: Buffer;
  readonly tokens: number;
  readonly images: number;
  readonly marker: Marker | undefined;
  /** Digest of everything up to here, blocks only: no model, no parameters. */
  readonly digest: string;
};

export type Layout = {
  readonly segments: readonly Segment[];
  /** The body without markers, and where the last message ends in it. */
  readonly stripped: Buffer;
  readonly messagesEnd: number;
  readonly automatic: Marker | undefined;
};

/** Deterministic stand-ins for the tokenizer: bytes / 4 and a fixed overhead per block; an image by its pixels. */
export function blockTokens(bytes: Buffer, value: unknown): number {
  const images = imagesIn(value);
  const data = images.reduce((sum, image) => sum + image.length, 0);
  const pixels = images.reduce((sum, image) => sum + imageTokens(image), 0);
  return Math.ceil((bytes.length - data) / 4) + pixels + overheadTokens;
}

const overheadTokens = 4;

/** Takes a body that passed validation apart. */
export function layOut(body: Buffer, value: Fields): Layout {
  const root = scan(body);
  const blocks = [...toolBlocks(root, value), ...systemBlocks(root, value), ...messageBlocks(root, value)];
  const cuts = [...rangesOf(root, "cache_control"), ...blocks.flatMap((block) => markerRanges(block.node))].sort(
    (a, b) => a.start - b.start,
  );
  let digest = "";
  const segments = blocks.map((block): Segment => {
    const raw = without(body, block.node, cuts);
    const bytes = typeof block.value === "string" ? Buffer.concat([textHead, raw, textTail]) : raw;
    digest = sha256(digest, block.section, String(block.message), block.role, bytes);
    return {
      section: block.section,
      path: block.path,
      type: isFields(block.value) ? textOf(block.value.type) : "text",
      role: block.role,
      message: block.message,
      range: { start: block.node.start, end: block.node.end },
      bytes,
      tokens: blockTokens(bytes, block.value),
      images: imagesIn(block.value).length,
      marker: markerOf(block.value, block.path),
      digest,
    };
  });
  const end = itemsOf(memberOf(root, "messages")).at(-1)?.end ?? root.end;
  const stripped = without(body, { start: 0, end: body.length }, cuts);
  const messagesEnd = without(
    body,
    { start: 0, end },
    cuts.filter((cut) => cut.end <= end),
  ).length;
  return { segments, stripped, messagesEnd, automatic: ownMarker(value, "cache_control") };
}

/** PNG width and height from base64; undefined for anything else. */
export function imageSize(base64: string): { readonly width: number; readonly height: number } | undefined {
  const head = Buffer.from(base64.slice(0, 64), "base64");
  if (head.length < 24 || head.readUInt32BE(0) !== 0x89504e47) return undefined;
  return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
}

export function sha256(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Base64 data of the images of a block, also of those inside a tool result. */
export function imagesIn(value: unknown): readonly string[] {
  if (!isFields(value)) return [];
  if (value.type === "image") {
    const source = value.source;
    return [isFields(source) ? textOf(source.data) : ""];
  }
  return value.type === "tool_result" ? listOf(value.content).flatMap(imagesIn) : [];
}

type Block = {
  readonly section: Segment["section"];
  readonly path: string;
  readonly role: string;
  readonly message: number;
  readonly node: JsonNode;
  readonly value: unknown;
};

const textHead = Buffer.from('{"type":"text","text":');
const textTail = Buffer.from("}");

function toolBlocks(root: JsonNode, value: Fields): Block[] {
  const nodes = itemsOf(memberOf(root, "tools"));
  return nodes.map((node, index) => ({
    section: "tools",
    path: `tools.${index}`,
    role: "",
    message: -1,
    node,
    value: listOf(value.tools)[index],
  }));
}

function systemBlocks(root: JsonNode, value: Fields): Block[] {
  return contentBlocks(memberOf(root, "system"), value.system).map((block, index) => ({
    ...block,
    section: "system",
    path: `system.${index}`,
    role: "",
    message: -1,
  }));
}

function messageBlocks(root: JsonNode, value: Fields): Block[] {
  const messages = listOf(value.messages);
  return itemsOf(memberOf(root, "messages")).flatMap((node, message) => {
    const fields = messages[message];
    if (!isFields(fields)) return [];
    return contentBlocks(memberOf(node, "content"), fields.content).map(
      (block, index): Block => ({
        ...block,
        section: "messages",
        path: `messages.${message}.content.${index}`,
        role: textOf(fields.role),
        message,
      }),
    );
  });
}

function contentBlocks(node: JsonNode | undefined, value: unknown): { node: JsonNode; value: unknown }[] {
  if (node === undefined) return [];
  if (typeof value === "string") return [{ node, value }];
  return itemsOf(node).map((item, index) => ({ node: item, value: listOf(value)[index] }));
}

/** cache_control of a block and of the blocks inside a tool result; never inside an input or a schema. */
function markerRanges(node: JsonNode): readonly Range[] {
  return [
    ...rangesOf(node, "cache_control"),
    ...itemsOf(memberOf(node, "content")).flatMap((inner) => rangesOf(inner, "cache_control")),
  ];
}

function markerOf(value: unknown, path: string): Marker | undefined {
  if (!isFields(value)) return undefined;
  const own = ownMarker(value, `${path}.cache_control`);
  if (own !== undefined || value.type !== "tool_result") return own;
  return listOf(value.content)
    .map((inner, index) => (isFields(inner) ? ownMarker(inner, `${path}.content.${index}.cache_control`) : undefined))
    .findLast((marker) => marker !== undefined);
}

function ownMarker(value: Fields, path: string): Marker | undefined {
  const control = value.cache_control;
  if (!isFields(control)) return undefined;
  return { ttl: control.ttl === "1h" ? "1h" : "5m", path };
}

function imageTokens(base64: string): number {
  const size = imageSize(base64);
  return size === undefined ? 1600 : Math.ceil((size.width * size.height) / 750);
}
