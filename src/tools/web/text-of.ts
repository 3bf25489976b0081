/** What of an answer of the web is text, and the text of it. */
import type { Web, WebReply } from "./types";

export type PageText =
  | { readonly kind: "text"; readonly title: string; readonly text: string }
  /** Nothing that can be read as text: what it is, in a few words. */
  | { readonly kind: "other"; readonly what: string }
  | { readonly kind: "unreadable"; readonly why: string };

const HTML = /^(?:text\/html|application\/xhtml\+xml)$/;
const TEXT =
  /^(?:text\/|application\/(?:json|xml|javascript|ecmascript|yaml|x-yaml|toml|graphql|sql|x-sh|x-ndjson|rtf)$)|\+(?:json|xml|yaml)$/;
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^application\/pdf$/, "a PDF document"],
  [/^image\//, "an image"],
  [/^audio\//, "a sound file"],
  [/^video\//, "a video file"],
  [/zip|tar|compressed|gzip|7z|rar/, "an archive"],
];
/** How many bytes are looked at to tell text from other things, where the server does not say. */
const SNIFF = 4_096;

/** @param whole of HTML: with menus and lists, not only the main text. */
export async function textOf(
  page: Extract<WebReply, { kind: "page" }>,
  web: Pick<Web, "readable">,
  whole: boolean,
  signal: AbortSignal,
): Promise<PageText> {
  const type = mediaType(page);
  if (!HTML.test(type) && !TEXT.test(type)) return { kind: "other", what: describe(type) };
  const text = decode(page.body, page.type, HTML.test(type));
  if (!HTML.test(type)) return { kind: "text", title: "", text };
  const readable = await web.readable(text, page.url, whole, signal);
  if ("error" in readable) return { kind: "unreadable", why: readable.error };
  return { kind: "text", title: readable.title, text: readable.markdown };
}

/** As the server names it; where it says nothing, what the first bytes look like. */
function mediaType({ type, body }: { readonly type: string; readonly body: Uint8Array }): string {
  const named = (type.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (named !== "" && named !== "application/octet-stream" && named !== "binary/octet-stream") return named;
  const head = Buffer.from(body.subarray(0, SNIFF)).toString("latin1");
  if (head.startsWith("%PDF-")) return "application/pdf";
  if (/^\s*<(?:!doctype html|html)\b/i.test(head)) return "text/html";
  return isBinary(head) ? named || "unknown" : "text/plain";
}

/** Control characters that no text has; tab, line ends, form feed and escape are in texts. */
function isBinary(head: string): boolean {
  return [...head].some((character) => character < "\t" || (character > "\r" && character < "\u001b"));
}

function describe(type: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(type))?.[1];
  return known === undefined ? `of the type ${type.slice(0, 100)}` : `${known} (${type.slice(0, 100)})`;
}

/** By the server's word, else by the page's own, else UTF-8. What does not fit becomes U+FFFD. */
function decode(body: Uint8Array, type: string, isHtml: boolean): string {
  const head = isHtml ? Buffer.from(body.subarray(0, SNIFF)).toString("latin1") : "";
  const own = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})/i.exec(head)?.[1];
  const label = /charset\s*=\s*["']?([\w-]{1,40})/i.exec(type)?.[1] ?? own ?? "utf-8";
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    return new TextDecoder().decode(body); // no such encoding
  }
}
