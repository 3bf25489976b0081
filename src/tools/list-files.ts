import { suggestFor } from "./near-names";
import { aboutText, failure, optionalText, ROOT, ROOT_IS_GONE, showName } from "./tool-helpers";
import { count } from "./truncate";
import type { Entry, OutputLimits, Resolved, Tool, ToolOutput, Workspace } from "./types";

const MAX_SHOWN = 500;
/** 500 names of the greatest length that file systems allow, in characters of one byte, would be 130,000. */
const LIMITS: OutputLimits = { characters: 60_000, lines: MAX_SHOWN + 10 };

/** Lists one folder. */
export const listFiles: Tool = {
  name: "list_files",
  description: `Lists what is directly in a folder, sorted by name: folders end with /, files are followed by their size in bytes, links are marked. Hidden and ignored files are listed too. Use it to find your way in a project; list a subfolder by another call. It does not look into subfolders: to find files by name in a whole tree use find_files, by their text use search.

At most ${MAX_SHOWN} entries are shown; the last line then says how many more there are.`,
  schema: {
    type: "object",
    properties: {
      path: {
        type: "string",
        description:
          "The folder, relative to the workspace folder, or an absolute path. Default: the workspace folder.",
      },
    },
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "path", ROOT),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(optionalText(args, "path") || ROOT);
    if ("error" in resolved) return { ok: false, error: resolved.error };
    return {
      ok: true,
      effect: { kind: "read", path: resolved.path, inside: resolved.inside },
      subject: { kind: "path", path: resolved.shown, verb: "list" },
      run: () => list(workspace, resolved),
    };
  },
};

async function list(workspace: Workspace, { path, shown }: Resolved): Promise<ToolOutput> {
  const entries = await workspace.list(path);
  if ("error" in entries) return explain(workspace, path, shown, entries.error);
  if (entries.length === 0) return { text: `[${shown}: the folder is empty]`, isError: false, summary: "empty" };
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = [
    `[${shown}: ${count(entries.length)} ${entries.length === 1 ? "entry" : "entries"}]`,
    ...sorted.slice(0, MAX_SHOWN).map(lineOf),
  ];
  const more = entries.length - MAX_SHOWN;
  if (more > 0) {
    lines.push(`[... ${count(more)} more not shown. Use find_files to find some of them by a pattern. ...]`);
  }
  const summary = `${count(entries.length)} ${entries.length === 1 ? "entry" : "entries"}`;
  return { text: lines.join("\n"), isError: false, summary, limits: LIMITS };
}

async function explain(workspace: Workspace, path: string, shown: string, error: string): Promise<ToolOutput> {
  const found = await workspace.read(path);
  if (found.kind === "missing") {
    if (shown === ROOT) return failure(ROOT_IS_GONE, "not found");
    return failure(`There is no folder ${shown}. ${await suggestFor(workspace, path)}`, "not found");
  }
  if (found.kind === "text" || found.kind === "binary" || found.kind === "too-large") {
    return failure(`${shown} is a file. Use read_file to read it.`, "a file");
  }
  return failure(error);
}

function lineOf(entry: Entry): string {
  const name = showName(entry.name);
  switch (entry.kind) {
    case "folder":
      return `${name}/`;
    case "file":
      return `${name}  ${count(entry.size)}`;
    case "link":
      return `${name}  (link)`;
    case "other":
      return `${name}  (not a regular file)`;
  }
}
