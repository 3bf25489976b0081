/** A few lines of what an edit has changed, from the arguments of its call. Pure. */
import { toolArguments } from "./tools";

export type PreviewLine = { readonly kind: "add" | "remove" | "gap"; readonly text: string };

export type Preview = {
  readonly lines: readonly PreviewLine[] /** More than these have changed. */;
  readonly more: number;
};

const LINES = 8;

/**
 * @param created a whole new file: only then all its lines are new.
 * @returns nothing where the arguments don't tell.
 */
export function editPreview(name: string, argumentsText: string, created: boolean): Preview | undefined {
  const args = toolArguments(argumentsText);
  const all =
    name === "edit_file"
      ? replacements(args.edits)
      : created && typeof args.content === "string"
        ? linesOf(args.content).map(added)
        : [];
  const changes = all.filter(({ kind }) => kind !== "gap").length;
  const lines = all.slice(0, LINES);
  const shown = lines.filter(({ kind }) => kind !== "gap").length;
  return shown === 0 ? undefined : { lines, more: changes - shown };
}

function replacements(edits: unknown): readonly PreviewLine[] {
  if (!Array.isArray(edits)) return [];
  return edits.flatMap((edit: unknown, at) => {
    const [before, after] = [textOf(edit, "old_text"), textOf(edit, "new_text")];
    if (before === undefined || after === undefined) return [];
    const gap: readonly PreviewLine[] = at === 0 ? [] : [{ kind: "gap", text: "" }];
    return [...gap, ...changed(linesOf(before), linesOf(after))];
  });
}

/** The lines around the change, which are given only to find its place, are left out. */
function changed(before: readonly string[], after: readonly string[]): readonly PreviewLine[] {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const removed = before.slice(head, before.length - tail).map((text): PreviewLine => ({ kind: "remove", text }));
  return [...removed, ...after.slice(head, after.length - tail).map(added)];
}

const added = (text: string): PreviewLine => ({ kind: "add", text });

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "string" ? found : undefined;
}
