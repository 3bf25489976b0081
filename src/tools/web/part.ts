/** A long text in parts: what one call gives of it, and how to go on. */

import { count } from "../truncate";
import type { ToolOutput } from "../types";
import { asMaterial } from "./untrusted";

/** Characters that one call gives: about 5,000 tokens. */
export const PART = 20_000;
/** Beside the part: the lines round it. */
const LIMITS = { characters: PART + 2_000, lines: PART };

/**
 * @param before lines above the first part: material too.
 * @param after lines below each part.
 * @param again how the next call must look, behind `offset: N`.
 */
export function partOf(
  text: string,
  from: number,
  of: {
    readonly source: string;
    readonly before?: readonly string[];
    readonly after?: readonly string[];
    readonly again: string;
  },
): ToolOutput {
  if (from >= text.length) {
    const end = `The text of ${of.source} has ${count(text.length)} characters: there is nothing at offset ${from}.`;
    return { text: end, isError: true, summary: "error" };
  }
  const part = text.slice(from, endOf(text, from));
  const to = from + part.length;
  const lines = [
    asMaterial(of.source, [...(from > 0 ? [] : (of.before ?? [])), part].join("\n")),
    ...(to < text.length
      ? [`[characters ${from}-${to} of ${text.length}; it goes on with offset: ${to}, ${of.again}]`]
      : []),
    ...(of.after ?? []),
  ];
  return { text: lines.join("\n"), isError: false, summary: `${count(part.length)} characters`, limits: LIMITS };
}

/** At a line's end where one is near, and not within a character. */
function endOf(text: string, from: number): number {
  const most = Math.min(text.length, from + PART);
  if (most === text.length) return most;
  const line = text.lastIndexOf("\n", most) + 1;
  if (line > from + PART / 2) return line;
  const last = text.charCodeAt(most - 1);
  return last >= 0xd800 && last < 0xdc00 ? most - 1 : most;
}
