/** Exact replacements in a text. Pure. */
import { isCrlf } from "./diff";
import { nearestText } from "./nearest-text";
import { count } from "./truncate";

export type Edit = { readonly oldText: string; readonly newText: string };

export type Applied = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly error: string };

/**
 * Applies the edits one after the other, each to what the one before has left; all or none. Each `oldText` must occur
 * exactly once at that time. In a text that uses CRLF throughout the edits may be written with plain line breaks: it
 * keeps CRLF. Elsewhere every character counts.
 * @returns `error`: sentences for the model, with the number of the edit and the lines concerned.
 */
export function applyEdits(text: string, edits: readonly Edit[]): Applied {
  const crlf = isCrlf(text);
  const plain = (part: string): string => (crlf ? part.replaceAll("\r\n", "\n") : part);
  let current = plain(text);
  for (const [index, edit] of edits.entries()) {
    const one = { oldText: plain(edit.oldText), newText: plain(edit.newText) };
    const next = applyOne(current, one);
    if (!next.ok)
      return {
        ok: false,
        error: edits.length === 1 ? next.error : `Edit ${index + 1} of ${edits.length}: ${next.error}`,
      };
    current = next.text;
  }
  const result = crlf ? current.replaceAll("\n", "\r\n") : current;
  return result === text ? { ok: false, error: "The edits leave the text as it was." } : { ok: true, text: result };
}

function applyOne(text: string, { oldText, newText }: Edit): Applied {
  if (oldText === "") {
    return {
      ok: false,
      error:
        "old_text is empty. Give the text to replace; to add text, replace a line next to the place by itself and the new text.",
    };
  }
  if (oldText === newText)
    return { ok: false, error: "old_text and new_text are the same, so there is nothing to change." };
  const places = occurrences(text, oldText);
  const [at] = places;
  if (at === undefined) return { ok: false, error: `old_text was not found. ${hint(text, oldText)}` };
  if (places.length > 1) {
    const times = places.length > MOST_PLACES ? `more than ${count(MOST_PLACES)}` : String(places.length);
    return {
      ok: false,
      error: `old_text occurs ${times} times, at ${linesOf(text, places)}. Add lines before or after it until it is unique.`,
    };
  }
  return { ok: true, text: text.slice(0, at) + newText + text.slice(at + oldText.length) };
}

/** More are not counted. */
const MOST_PLACES = 1_000;

/** Overlapping ones count too: either could be meant. */
function occurrences(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1 && places.length <= MOST_PLACES; at = text.indexOf(part, at + 1)) {
    places.push(at);
  }
  return places;
}

function linesOf(text: string, places: readonly number[]): string {
  const shown = places.slice(0, 8).map((at) => lineAt(text, at));
  const more = places.length > shown.length ? " and more" : "";
  return `${shown.length === 1 ? "line" : "lines"} ${shown.join(", ")}${more}`;
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < at; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

/** The usual reasons, each only said when it is so. */
function hint(text: string, oldText: string): string {
  const withoutNumbers = oldText.replace(/^\d+\t/gm, "");
  if (withoutNumbers !== oldText && text.includes(withoutNumbers)) {
    return "It starts with the line numbers of read_file, which are not part of the file. Leave them and the tab out.";
  }
  const breaks = onlyBreaks(text, oldText);
  if (breaks !== undefined) return breaks;
  if (text.length > MOST_COMPARED) {
    return "The file is too large to look for the place that was meant: find it with search, and copy exactly what read_file shows there.";
  }
  const line = similarLine(text, oldText);
  return line === undefined
    ? nearest(text, oldText)
    : `From line ${line} there is a text that differs only in blanks or indentation. Read that part and copy it exactly.`;
}

/** Characters of a text that is compared line by line: this takes some tenths of a second. */
const MOST_COMPARED = 1_000_000;

/** Where a file mixes line ends, which read_file does not show. */
function onlyBreaks(text: string, oldText: string): string | undefined {
  if (!text.includes("\r\n")) return undefined;
  const at = text.replaceAll("\r\n", "\n").indexOf(oldText.replaceAll("\r\n", "\n"));
  if (at === -1) return undefined;
  const before = text.replaceAll("\r\n", "\n").slice(0, at);
  const first = lineAt(before, before.length);
  const lines = text.split("\n").slice(first - 1, first - 1 + oldText.split("\n").length);
  const marked = lines.flatMap((line, i) => (line.endsWith("\r") ? [first + i] : []));
  return `The file mixes line ends, and only they differ: ${marked.length === 1 ? "line" : "lines"} ${marked.slice(0, 8).join(", ")}${marked.length > 8 ? " and more" : ""} of the file ${marked.length === 1 ? "ends" : "end"} in \\r\\n, the others in \\n. Write old_text and new_text with the same line ends.`;
}

function nearest(text: string, oldText: string): string {
  const found = nearestText(text, oldText);
  if (found === undefined)
    return "Nothing in the file is like it: read the file again, it may have changed, or look in another one.";
  const lines = found.lines.map((line, i) => `${found.line + i}\t${line}`).join("\n");
  return `The file may have changed since you read it. The nearest text is:\n${lines}\nCopy exactly what is there (without the numbers), with its blanks and line breaks.`;
}

function similarLine(text: string, oldText: string): number | undefined {
  const squeeze = (line: string): string => line.replace(/\s+/g, "");
  const wanted = oldText
    .split("\n")
    .map(squeeze)
    .filter((line) => line !== "");
  const lines = text
    .split("\n")
    .map((line, i) => ({ line: squeeze(line), number: i + 1 }))
    .filter(({ line }) => line !== "");
  const [first] = wanted;
  if (first === undefined) return undefined;
  const found = lines.findIndex(
    ({ line }, at) => line === first && wanted.every((part, i) => lines[at + i]?.line === part),
  );
  return lines[found]?.number;
}
