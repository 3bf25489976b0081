import type { Arguments } from "./arguments";
import { isCrlf } from "./diff";
import { suggestFor } from "./near-names";
import { aboutText, failure, optionalNumber, textArgument } from "./tool-helpers";
import { count } from "./truncate";
import type { FileRead, OutputLimits, Resolved, Tool, ToolOutput, Workspace } from "./types";

const DEFAULT_LINES = 500;
const MAX_LINES = 5_000;
const MAX_LINE = 2_000;
/** About 15,000 tokens; where a range is longer, the output ends earlier, at a line, and says how to go on. */
const MAX_CHARACTERS = 60_000;
const LIMITS: OutputLimits = { characters: MAX_CHARACTERS + 4_000, lines: MAX_LINES + 10 };

/** Reads a range of lines, numbered. */
export const readFile: Tool = {
  name: "read_file",
  description: `Reads a text file and returns its lines with their numbers. Use it before you edit a file, and instead of cat, head or tail.

The output starts with a header such as [src/app.ts: lines 1-500 of 1,234; ...], then each line as its number, a tab and its text. The number and the tab are not part of the file: leave them out of old_text in edit_file.

Without offset and limit you get the first ${DEFAULT_LINES} lines. At most ${count(MAX_LINES)} lines and about ${count(MAX_CHARACTERS)} characters come at once; the header then says which offset to go on with. Lines longer than ${count(MAX_LINE)} characters are cut with a mark that says how much is missing. Files over 20 MB and binary files are refused. To find something in a large file use search on it first, then read that range. Several files can be read by several calls in one answer.`,
  schema: {
    type: "object",
    properties: {
      path: { type: "string", description: "The file, relative to the workspace folder, or an absolute path." },
      offset: { type: "integer", minimum: 1, description: "The first line to read, counted from 1. Default 1." },
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MAX_LINES,
        description: `How many lines to read. Default ${DEFAULT_LINES}, at most ${MAX_LINES}.`,
      },
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
      effect: { kind: "read", path: resolved.path, inside: resolved.inside },
      subject: { kind: "path", path: resolved.shown, verb: "read" },
      run: () => read(workspace, resolved, args),
    };
  },
};

async function read(workspace: Workspace, resolved: Resolved, args: Arguments): Promise<ToolOutput> {
  const file = await workspace.read(resolved.path);
  if (file.kind !== "text") return failure(await explain(workspace, resolved, file), summaryOf(file));
  const { shown } = resolved;
  if (file.text === "") return { text: `[${shown}: the file is empty]`, isError: false, summary: "empty" };
  const lines = linesOf(file.text);
  const offset = optionalNumber(args, "offset") ?? 1;
  if (offset > lines.length) {
    return failure(
      `${shown} has only ${count(lines.length)} ${lines.length === 1 ? "line" : "lines"}; offset ${count(offset)} is past its end. Read again with a smaller offset.`,
      "past the end",
    );
  }
  const part = numbered(lines, offset, optionalNumber(args, "limit") ?? DEFAULT_LINES);
  const header = headerOf(shown, file, lines.length, offset, part.last);
  return {
    text: `${header}\n${part.text}`,
    isError: false,
    summary: `${count(part.last - offset + 1)} ${part.last === offset ? "line" : "lines"}`,
    limits: LIMITS,
  };
}

function linesOf(text: string): readonly string[] {
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function numbered(
  lines: readonly string[],
  offset: number,
  limit: number,
): { readonly text: string; readonly last: number } {
  const out: string[] = [];
  let length = 0;
  for (let number = offset; number < offset + limit && number <= lines.length; number++) {
    const line = `${number}\t${cut((lines[number - 1] ?? "").replace(/\r$/, ""))}`;
    length += line.length + 1;
    if (length > MAX_CHARACTERS && out.length > 0) break;
    out.push(line);
  }
  return { text: out.join("\n"), last: offset + out.length - 1 };
}

function cut(line: string): string {
  if (line.length <= MAX_LINE) return line;
  const splitsPair = (line.charCodeAt(MAX_LINE - 1) & 0xfc00) === 0xd800;
  const end = splitsPair ? MAX_LINE - 1 : MAX_LINE;
  return `${line.slice(0, end)}[... ${count(line.length - end)} more characters on this line ...]`;
}

function headerOf(
  shown: string,
  file: FileRead & { kind: "text" },
  total: number,
  first: number,
  last: number,
): string {
  const notes: string[] = [];
  if (last < total) notes.push(`go on with offset ${last + 1}`);
  if (isCrlf(file.text)) notes.push("CRLF line ends");
  if (file.encoding === "utf16le") notes.push("UTF-16");
  if (file.unsaved) notes.push("as it is in the editor, with changes that are not saved");
  const range =
    first === 1 && last === total
      ? `${count(total)} ${total === 1 ? "line" : "lines"}`
      : `lines ${first}-${last} of ${count(total)}`;
  return `[${[`${shown}: ${range}`, ...notes].join("; ")}]`;
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
      return `${shown} is not UTF-8 or UTF-16 text (${count(file.size)} bytes): a binary file or another encoding. Use run_shell with a program that understands it, such as file or xxd, if you need something from it.`;
    case "too-large":
      return `${shown} is too large to read: ${count(file.size)} bytes, at most ${count(file.limit)}. Use search to find something in it, or run_shell to get a part (sed -n '100,200p', tail).`;
    case "error":
      return file.message;
  }
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
