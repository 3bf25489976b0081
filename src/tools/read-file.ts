import type { Arguments } from "./arguments";
import { isCrlf } from "./diff";
import { suggestFor } from "./near-names";
import { readImage } from "./read-image";
import { DEFAULT_LINES, MAX_CHARACTERS, MAX_LINE, MAX_LINES, PAGE_PROPERTIES, pageRange, readPage } from "./text-pages";
import { aboutText, asWritten, failure, textArgument } from "./tool-helpers";
import { count } from "./truncate";
import type { FileRead, Resolved, RunContext, Tool, ToolOutput, Workspace } from "./types";

/** Reads a range of lines, numbered. */
export const readFile: Tool = {
  name: "read_file",
  description: `Reads a text file and returns its lines with their numbers; an image file is shown to you as it is. Use it before you edit a file, and instead of cat, head or tail.

The output starts with a header such as [src/app.ts: lines 1-500 of 1,234; ...], then each line as its number, a tab and its text. The number and the tab are not part of the file: leave them out of old_text in edit_file.

Without offset and limit you get the first ${DEFAULT_LINES} lines. At most ${count(MAX_LINES)} lines and about ${count(MAX_CHARACTERS)} characters come at once; the header then says which offset to go on with. Lines longer than ${count(MAX_LINE)} characters are cut with a mark that says how to go on: by offset and column, which read a slice of one line, without a number before it. Images are PNG, JPEG, GIF or WebP. Files over 20 MB and other binary files are refused, with what they are. To find something in a large file use search on it first, then read that range. Several files can be read by several calls in one answer.`,
  schema: {
    type: "object",
    properties: {
      path: { type: "string", description: "The file, relative to the workspace folder, or an absolute path." },
      ...PAGE_PROPERTIES,
    },
    required: ["path"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "path"),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(textArgument(args, "path"));
    if ("error" in resolved) return { ok: false, error: resolved.error };
    return {
      ok: true,
      effect: { kind: "read", path: resolved.path, inside: resolved.inside, ...asWritten(resolved) },
      subject: { kind: "path", path: resolved.shown, verb: "read" },
      run: (context) => read(workspace, resolved, args, context),
    };
  },
};

async function read(
  workspace: Workspace,
  resolved: Resolved,
  args: Arguments,
  context: RunContext,
): Promise<ToolOutput> {
  const file = await workspace.read(resolved.path);
  if (file.kind === "binary" && file.is?.image !== undefined) {
    const { size, is } = file;
    return readImage(workspace, resolved, { words: is.words, type: file.is.image, size }, context);
  }
  if (file.kind !== "text") return failure(await explain(workspace, resolved, file), summaryOf(file));
  const notes = [
    ...(isCrlf(file.text) ? ["CRLF line ends"] : []),
    ...(file.encoding === "utf16le" ? ["UTF-16"] : []),
    ...(file.unsaved === true ? ["as it is in the editor, with changes that are not saved"] : []),
  ];
  return readPage(file.text, pageRange(args), resolved.shown, notes);
}

async function explain(
  workspace: Workspace,
  { shown, path }: Resolved,
  file: Exclude<FileRead, { kind: "text" }>,
): Promise<string> {
  switch (file.kind) {
    case "missing":
      return `There is no file ${shown}. ${await suggestFor(workspace, path)}`;
    case "folder":
      return `${shown} is a folder. Use list_files to see what is in it.`;
    case "binary":
      return `${binaryWords(shown, file)} ${file.is?.way ?? "Use run_shell with a program that understands it, such as file or xxd, if you need something from it."}`;
    case "too-large":
      return `${shown} is too large to read: ${count(file.size)} bytes, at most ${count(file.limit)}. Use search to find something in it, or run_shell to get a part (sed -n '100,200p', tail).`;
    case "error":
      return file.message;
  }
}

function binaryWords(shown: string, { size, is }: FileRead & { readonly kind: "binary" }): string {
  if (is !== undefined) return `${shown} is ${is.words} (${count(size)} bytes), not text.`;
  return `${shown} is not UTF-8 or UTF-16 text (${count(size)} bytes): a binary file or another encoding.`;
}

function summaryOf(file: Exclude<FileRead, { kind: "text" }>): string {
  const words = {
    missing: "not found",
    folder: "a folder",
    binary: "binary",
    "too-large": "too large",
    error: "error",
  };
  return words[file.kind];
}
