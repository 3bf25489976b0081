import { isCrlf } from "./diff";
import { aboutText, refusal, textArgument } from "./tool-helpers";
import { count } from "./truncate";
import type { Prepared, Resolved, Tool, Workspace } from "./types";
import { planChange } from "./write-change";

/** Writes a whole file. */
export const writeFile: Tool = {
  name: "write_file",
  description: `Creates a file, or replaces the whole content of an existing one. Missing folders are made. Use it for new files and for complete rewrites; to change a part of a file use edit_file, which is shorter and safer.

The content is written exactly as given: include everything, with a line break at the end; nothing may be left out or abbreviated. An existing file keeps its encoding, its permissions and its CRLF line ends. The person sees the change as a diff and may deny it. If the file changes between your call and their answer, nothing is written and you are told.`,
  schema: {
    type: "object",
    properties: {
      path: { type: "string", description: "The file, relative to the workspace folder, or an absolute path." },
      content: { type: "string", description: "The whole new content of the file." },
    },
    required: ["path", "content"],
    additionalProperties: false,
  },
  readOnly: false,
  about: (args) => aboutText(args, "path"),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(textArgument(args, "path"));
    if ("error" in resolved) return { ok: false, error: resolved.error };
    const content = textArgument(args, "content");
    const problem = brokenText(content);
    return problem === undefined ? plan(workspace, resolved, content) : { ok: false, error: `The content ${problem}` };
  },
};

/** What can't be stored as text. @returns the end of a sentence, or undefined when all is well. */
export function brokenText(text: string): string | undefined {
  if (text.includes("\0")) return "contains a NUL character, which text files do not have. Leave it out.";
  if (/\p{Surrogate}/u.test(text))
    return "contains half of a surrogate pair (a broken \\u escape). Write the whole character.";
  return undefined;
}

async function plan(workspace: Workspace, resolved: Resolved, content: string): Promise<Prepared> {
  const { shown } = resolved;
  const file = await workspace.read(resolved.path);
  switch (file.kind) {
    case "missing":
      return planChange(workspace, { resolved, before: "", after: content, encoding: "utf8", stamp: null });
    case "text": {
      if (file.unsaved)
        return refusal(
          resolved,
          `${shown} is open in the editor with unsaved changes of the person's, which a whole new text would overwrite. Nothing was written. Change the parts that matter with edit_file, which keeps theirs, or ask the person to save or discard them first.`,
        );
      const keepsCrlf = isCrlf(file.text) && !content.includes("\r");
      const after = keepsCrlf ? content.replaceAll("\n", "\r\n") : content;
      if (after === file.text)
        return refusal(resolved, `${shown} already has exactly this content. Nothing was written.`);
      const { text: before, encoding, stamp } = file;
      return planChange(workspace, { resolved, before, after, encoding, stamp });
    }
    case "folder":
      return refusal(resolved, `${shown} is a folder. Nothing was written. Add a file name to the path.`);
    case "binary":
      return refusal(
        resolved,
        `${shown} is not text, so it is not overwritten. If it has to be replaced, remove it with run_shell first.`,
      );
    case "too-large":
      return refusal(
        resolved,
        `${shown} has ${count(file.size)} bytes, too many to show what would change. Use run_shell to change it.`,
      );
    case "error":
      return refusal(resolved, `Nothing was written. ${file.message}`);
  }
}
