import { type Applied, applyEdits, type Edit } from "./apply-edits";
import type { Arguments } from "./arguments";
import { suggestFor } from "./near-names";
import { aboutText, refusal, textArgument } from "./tool-helpers";
import { count } from "./truncate";
import type { FileRead, Resolved, Tool, Workspace } from "./types";
import { planChange } from "./write-change";
import { brokenText } from "./write-file";

const MAX_EDITS = 100;

/** Replaces parts of a file. */
export const editFile: Tool = {
  name: "edit_file",
  description: `Changes parts of an existing text file by exact replacement. Read the file first.

Each edit replaces old_text by new_text. old_text must be copied exactly from the file, with its indentation and line breaks but without the line numbers of read_file, and must occur exactly once: add neighbouring lines until it does. An empty new_text deletes. Put all changes of one file into one call: the edits are applied in order, each to the result of the one before, and either all of them are written or none.

The file keeps its encoding, byte order mark, permissions and CRLF line ends. When the person has unsaved changes in it, the edit is made on their text in the editor and stays unsaved; the result says so, and also when their formatter has changed the file further while saving. The person sees the change as a diff and may deny it. When an edit does not fit you are told which one and why, and nothing is written. For a new file or a complete rewrite use write_file.`,
  schema: {
    type: "object",
    properties: {
      path: { type: "string", description: "The file, relative to the workspace folder, or an absolute path." },
      edits: {
        type: "array",
        minItems: 1,
        maxItems: MAX_EDITS,
        description: "The replacements, in the order in which they are applied.",
        items: {
          type: "object",
          properties: {
            old_text: {
              type: "string",
              minLength: 1,
              description: "The text to replace, exactly as it is in the file.",
            },
            new_text: { type: "string", description: "The text to put in its place." },
          },
          required: ["old_text", "new_text"],
          additionalProperties: false,
        },
      },
    },
    required: ["path", "edits"],
    additionalProperties: false,
  },
  readOnly: false,
  about: (args) => aboutText(args, "path"),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(textArgument(args, "path"));
    if ("error" in resolved) return { ok: false, error: resolved.error };
    const file = await workspace.read(resolved.path);
    if (file.kind !== "text") return refusal(resolved, await explain(workspace, resolved, file));
    const applied = apply(file.text, editsOf(args));
    if (!applied.ok) return refusal(resolved, `Nothing was changed in ${resolved.shown}. ${applied.error}`);
    const { text: before, encoding, stamp, unsaved } = file;
    const change = { resolved, before, after: applied.text, encoding, stamp };
    return planChange(workspace, unsaved ? { ...change, unsaved } : change);
  },
};

function apply(text: string, edits: readonly Edit[]): Applied {
  const broken = edits.map(({ newText }) => brokenText(newText)).find((problem) => problem !== undefined);
  return broken === undefined ? applyEdits(text, edits) : { ok: false, error: `A new_text ${broken}` };
}

function editsOf(args: Arguments): readonly Edit[] {
  const edits: readonly unknown[] = Array.isArray(args.edits) ? args.edits : [];
  return edits.map((edit) => {
    const fields: Arguments = typeof edit === "object" && edit !== null ? { ...edit } : {};
    return { oldText: textArgument(fields, "old_text"), newText: textArgument(fields, "new_text") };
  });
}

async function explain(
  workspace: Workspace,
  { shown, path, inside }: Resolved,
  file: Exclude<FileRead, { kind: "text" }>,
): Promise<string> {
  switch (file.kind) {
    case "missing":
      return `There is no file ${shown}. ${inside ? await suggestFor(workspace, path) : ""} To create it use write_file.`;
    case "folder":
      return `${shown} is a folder, not a file.`;
    case "binary":
      return `${shown} is not UTF-8 or UTF-16 text, so it can't be edited. Use run_shell with a program that understands it.`;
    case "too-large":
      return `${shown} is too large to edit here: ${count(file.size)} bytes, at most ${count(file.limit)}. Use run_shell to change it.`;
    case "error":
      return file.message;
  }
}
