/** What a link in the transcript may do. Everything that is not listed here is shown as plain text. */
import { decodeEntities } from "./entities";

export type LinkTarget =
  | { readonly kind: "web"; readonly href: string }
  | { readonly kind: "file"; readonly path: string; readonly line?: number };

/**
 * Judges the address of a markdown link.
 * @param address as written; character references in it are decoded before it is judged.
 * @returns a web target (http, https, mailto; without credentials; normalised, so that a look-alike host shows as
 *   punycode), a file target (a path with an optional line), or undefined: no link.
 */
export function linkTarget(address: string): LinkTarget | undefined {
  const href = decodeEntities(address).trim();
  if (href === "" || href.startsWith("#") || hasOddCharacters(href)) {
    return undefined;
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(href)?.[1]?.toLowerCase();
  if (scheme === "http" || scheme === "https" || scheme === "mailto") {
    return webTarget(href, scheme);
  }
  if (scheme !== undefined && !/^[a-z]:[\\/]/i.test(href) && !/^[\w.+-]+\.\w+:\d/.test(href)) {
    return undefined;
  }
  return fileTarget(href);
}

/** Code spans such as `src/app.ts:12` become links to the file; anything less clear stays code. */
export function fileMention(code: string): LinkTarget | undefined {
  const looksLikeFile = /^(?:[\w@.+-]+\/)+[\w@+-][\w@.+-]*\.\w{1,8}(?::\d+(?:[:-]\d+)*)?$/.test(code);
  const hasLine = /^[\w@+-][\w@.+-]*\.[a-z]\w{0,7}:\d+(?:[:-]\d+)*$/i.test(code);
  return looksLikeFile || hasLine ? fileTarget(code) : undefined;
}

function webTarget(href: string, scheme: string): LinkTarget | undefined {
  if (!URL.canParse(href)) {
    return undefined;
  }
  const url = new URL(href);
  if (scheme === "mailto") {
    return { kind: "web", href: url.href };
  }
  const wellFormed = /^https?:\/\/[^/\\]/i.test(href);
  return wellFormed && url.username === "" && url.password === "" ? { kind: "web", href: url.href } : undefined;
}

function fileTarget(href: string): LinkTarget | undefined {
  // Two slashes of either kind would name another machine.
  if (/^[\\/]{2}/.test(href)) {
    return undefined;
  }
  const found = /^(.*?)(?:#L(\d+)(?:[-:,].*)?|:(\d+)(?:[:-]\d+)*)?$/.exec(href);
  const path = decodePath(found?.[1] ?? href);
  if (path === undefined || path === "" || hasOddCharacters(path) || /^[\\/]{2}/.test(path)) {
    return undefined;
  }
  const line = Number(found?.[2] ?? found?.[3] ?? 0);
  return line > 0 && line < 1e7 ? { kind: "file", path, line } : { kind: "file", path };
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Controls, zero-width and direction marks have no business in an address. */
function hasOddCharacters(text: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
}
