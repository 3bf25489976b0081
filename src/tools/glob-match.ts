/** One pattern against one path, in a time that grows with their lengths and no faster: the patterns come from a model. Pure. */

type Token =
  | { readonly kind: "character"; readonly value: string }
  /** `?` */
  | { readonly kind: "any" }
  /** `[a-z]`: pairs of first and last. */
  | { readonly kind: "set"; readonly isNot: boolean; readonly ranges: readonly (readonly [string, string])[] }
  /** `*`, within a name. */
  | { readonly kind: "star" }
  /** `**` at the end: everything below. */
  | { readonly kind: "rest" }
  /** Any number of whole folders, with the `/` behind each. */
  | { readonly kind: "folders" };

/** A pattern with more alternatives than this matches by the first of them only. */
const MAX_ALTERNATIVES = 200;

/**
 * `*` and `?` stand for anything but `/`, `**` for whole folders, `[a-z]` and `{a,b}` for one of several, a backslash
 * takes what follows as it is. A pattern without `/` is a name in any folder.
 */
export function compileGlob(pattern: string, ignoreCase: boolean): (path: string) => boolean {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const isName = !pattern.includes("/");
  const all = alternatives(fold(pattern.replace(/^\.?\//, ""))).map((one) => matcher(tokensOf(one)));
  return (path) => {
    const subject = fold(isName ? path.slice(path.lastIndexOf("/") + 1) : path);
    return all.some((matches) => matches(subject));
  };
}

/** `a{b,c}d` → `abd`, `acd`, however they are nested. */
function alternatives(pattern: string): readonly string[] {
  let done: string[] = [];
  let open = [pattern];
  while (open.length > 0) {
    const next: string[] = [];
    for (const one of open) {
      const brace = firstBrace(one);
      if (brace === undefined) done.push(one);
      else next.push(...brace.parts.map((part) => one.slice(0, brace.from) + part + one.slice(brace.to)));
      if (done.length + next.length > MAX_ALTERNATIVES) break;
    }
    done = done.slice(0, MAX_ALTERNATIVES);
    open = next.slice(0, MAX_ALTERNATIVES - done.length);
  }
  return done;
}

function firstBrace(
  text: string,
): { readonly from: number; readonly to: number; readonly parts: readonly string[] } | undefined {
  for (let from = 0; from < text.length; from++) {
    if (text[from] === "\\") from += 1;
    else if (text[from] === "{") {
      const found = closeOf(text, from);
      if (found !== undefined) return { from, ...found };
    }
  }
  return undefined;
}

function closeOf(text: string, open: number): { readonly to: number; readonly parts: readonly string[] } | undefined {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "," && depth === 1) {
      parts.push(text.slice(start, at));
      start = at + 1;
    } else if (character === "}") {
      depth -= 1;
      if (depth === 0) return { to: at + 1, parts: [...parts, text.slice(start, at)] };
    }
  }
  return undefined;
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; ) {
    const [token, length] = tokenAt(pattern.slice(at), at === 0 || pattern[at - 1] === "/");
    tokens.push(token);
    at += length;
  }
  return tokens;
}

/** The first token, and how long it is as it is written. */
function tokenAt(rest: string, startsName: boolean): readonly [Token, number] {
  const folders = startsName ? /^(?:\*\*\/)+/.exec(rest)?.[0] : undefined;
  if (folders !== undefined) return [{ kind: "folders" }, folders.length];
  const stars = /^\*+/.exec(rest)?.[0];
  if (stars !== undefined) {
    const isRest = startsName && stars.length > 1 && stars === rest;
    return [{ kind: isRest ? "rest" : "star" }, stars.length];
  }
  if (rest.startsWith("?")) return [{ kind: "any" }, 1];
  const set = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
  if (set !== null) return [{ kind: "set", isNot: set[1] !== "", ranges: rangesOf(set[2] ?? "") }, set[0].length];
  const escaped = rest.startsWith("\\") && rest.length > 1;
  return [{ kind: "character", value: rest.charAt(escaped ? 1 : 0) }, escaped ? 2 : 1];
}

function rangesOf(written: string): readonly (readonly [string, string])[] {
  return [...written.matchAll(/(.)-(.)|(.)/gs)].map(([, from, to, one = ""]) => [from ?? one, to ?? one] as const);
}

/** Follows all ways through the tokens at once: at each character, the set of places that can be reached. */
function matcher(tokens: readonly Token[]): (path: string) => boolean {
  const end = tokens.length;
  const suffix = suffixOf(tokens); // most paths are told from their end
  return (path) => {
    if (!path.endsWith(suffix)) return false;
    let places = new Set<number>();
    reach(tokens, places, 0);
    for (let at = 0; at < path.length && places.size > 0; at++) {
      const next = new Set<number>();
      for (const place of places) advance(tokens, place, path.charAt(at), next);
      places = next;
    }
    return places.has(end);
  };
}

/** The characters that every match ends with. */
function suffixOf(tokens: readonly Token[]): string {
  const last = tokens.findLastIndex((token) => token.kind !== "character");
  return tokens
    .slice(last + 1)
    .map((token) => (token.kind === "character" ? token.value : ""))
    .join("");
}

/** Within a folder that `folders` takes, the place is the token's own, as a negative number. */
const within = (place: number): number => -place - 1;

/** What can be left out is passed at once. */
function reach(tokens: readonly Token[], places: Set<number>, place: number): void {
  places.add(place);
  const kind = tokens[place]?.kind;
  if (kind === "star" || kind === "rest" || kind === "folders") reach(tokens, places, place + 1);
}

function advance(tokens: readonly Token[], place: number, character: string, next: Set<number>): void {
  const index = place < 0 ? within(place) : place;
  const token = tokens[index];
  switch (token?.kind) {
    case undefined:
      return;
    case "folders":
      if (character === "/") reach(tokens, next, index);
      else next.add(within(index));
      return;
    case "rest":
      reach(tokens, next, index);
      return;
    case "star":
      if (character !== "/") reach(tokens, next, index);
      return;
    case "any":
    case "set":
    case "character":
      if (fits(token, character)) reach(tokens, next, index + 1);
      return;
  }
}

function fits(token: Extract<Token, { kind: "any" | "set" | "character" }>, character: string): boolean {
  switch (token.kind) {
    case "any":
      return character !== "/";
    case "character":
      return character === token.value;
    case "set":
      return (
        character !== "/" && token.ranges.some(([from, to]) => from <= character && character <= to) !== token.isNot
      );
  }
}
