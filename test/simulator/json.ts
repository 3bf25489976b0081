/**
 * Where everything stands in a JSON text, in bytes. The cache works on the bytes as they were sent, so parsing and
 * writing again is no option: it would hide exactly the differences that a real cache sees.
 */

export type JsonNode =
  | { readonly kind: "object"; readonly start: number; readonly end: number; readonly members: readonly Member[] }
  | { readonly kind: "array"; readonly start: number; readonly end: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "scalar"; readonly start: number; readonly end: number };

export type Member = { readonly key: string; readonly start: number; readonly end: number; readonly value: JsonNode };

/** Bytes from `start` up to `end`. */
export type Range = { readonly start: number; readonly end: number };

/** Scans JSON that is known to be valid (JSON.parse took it). */
export function scan(bytes: Uint8Array): JsonNode {
  let at = 0;
  return value();

  function space(): void {
    while (isSpace(bytes[at])) at++;
  }

  function value(): JsonNode {
    space();
    const start = at;
    switch (bytes[at]) {
      case 0x7b:
        return object(start);
      case 0x5b:
        return array(start);
      case 0x22:
        string();
        break;
      default:
        while (at < bytes.length && !isDelimiter(bytes[at])) at++;
    }
    return { kind: "scalar", start, end: at };
  }

  function string(): void {
    at++;
    while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
    at++;
  }

  function object(start: number): JsonNode {
    const members: Member[] = [];
    at++;
    space();
    while (at < bytes.length && bytes[at] !== 0x7d) {
      const keyStart = at;
      string();
      const key = String(JSON.parse(Buffer.from(bytes.subarray(keyStart, at)).toString("utf8")));
      space();
      at++; // colon
      const child = value();
      members.push({ key, start: keyStart, end: child.end, value: child });
      comma();
    }
    at++;
    return { kind: "object", start, end: at, members };
  }

  function array(start: number): JsonNode {
    const items: JsonNode[] = [];
    at++;
    space();
    while (at < bytes.length && bytes[at] !== 0x5d) {
      items.push(value());
      comma();
    }
    at++;
    return { kind: "array", start, end: at, items };
  }

  function comma(): void {
    space();
    if (bytes[at] === 0x2c) at++;
    space();
  }
}

/** The value of a member; the last one where a key is doubled, as JSON.parse has it. */
export function memberOf(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.kind === "object" ? node.members.findLast((member) => member.key === key)?.value : undefined;
}

export function itemsOf(node: JsonNode | undefined): readonly JsonNode[] {
  return node?.kind === "array" ? node.items : [];
}

/** What to cut so that an object loses the members of this name, and the comma that goes with each. */
export function rangesOf(node: JsonNode | undefined, key: string): readonly Range[] {
  if (node?.kind !== "object") return [];
  return node.members.flatMap((member, index) => {
    if (member.key !== key) return [];
    const before = node.members[index - 1];
    const after = node.members[index + 1];
    if (before !== undefined) return [{ start: before.end, end: member.end }];
    return [{ start: member.start, end: after?.start ?? member.end }];
  });
}

/** The bytes of `range` without those of `cuts` (sorted, not overlapping). */
export function without(bytes: Buffer, range: Range, cuts: readonly Range[]): Buffer {
  const parts: Buffer[] = [];
  let at = range.start;
  for (const cut of cuts) {
    if (cut.start < range.start || cut.end > range.end) continue;
    parts.push(bytes.subarray(at, cut.start));
    at = cut.end;
  }
  parts.push(bytes.subarray(at, range.end));
  return Buffer.concat(parts);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDelimiter(byte: number | undefined): boolean {
  return isSpace(byte) || byte === 0x2c || byte === 0x5d || byte === 0x7d;
}
