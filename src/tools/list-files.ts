import path from "node:path";
import type { Arguments } from "./arguments";
import { type Visible, visibleNames } from "./ignored-names";
import { suggestFor } from "./near-names";
import {
  aboutText,
  asWritten,
  failure,
  optionalNumber,
  optionalText,
  ROOT,
  ROOT_IS_GONE,
  showName,
} from "./tool-helpers";
import { count } from "./truncate";
import type { Entry, OutputLimits, Resolved, RunContext, Tool, ToolOutput, Workspace } from "./types";

const MAX_SHOWN = 500;
const MAX_DEPTH = 5;
/** 500 names of the greatest length that file systems allow, in characters of one byte, would be 130,000. */
const LIMITS: OutputLimits = { characters: 60_000, lines: MAX_SHOWN + 10 };

/** Lists one folder, or a few levels below it. */
export const listFiles: Tool = {
  name: "list_files",
  description: `Lists what is in a folder, sorted by name: folders end with /, files are followed by their size in bytes, links are marked. Hidden files are listed too; what .gitignore and the like leave out, and so search and find_files too, is listed with (ignored). Use it to find your way in a project: with depth it shows several levels at once, without looking into ignored folders. To find files by name in a whole tree use find_files, by their text use search.

At most ${MAX_SHOWN} entries are shown, upper levels first. What is left out is said where it is.`,
  schema: {
    type: "object",
    properties: {
      path: {
        type: "string",
        description:
          "The folder, relative to the workspace folder, or an absolute path. Default: the workspace folder.",
      },
      depth: {
        type: "integer",
        minimum: 1,
        maximum: MAX_DEPTH,
        description: `How many levels to show. Default 1, at most ${MAX_DEPTH}.`,
      },
    },
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "path", ROOT),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(optionalText(args, "path") || ROOT);
    if ("error" in resolved) return { ok: false, error: resolved.error };
    const deep = depthOf(args) > 1 ? { deep: true } : {};
    return {
      ok: true,
      effect: { kind: "read", path: resolved.path, inside: resolved.inside, ...asWritten(resolved), ...deep },
      subject: { kind: "path", path: resolved.shown, verb: "list" },
      run: (context) => list(workspace, resolved, depthOf(args), context),
    };
  },
};

const depthOf = (args: Arguments): number => optionalNumber(args, "depth") ?? 1;

async function list(workspace: Workspace, where: Resolved, depth: number, { signal }: RunContext): Promise<ToolOutput> {
  const entries = await workspace.list(where.path);
  if ("error" in entries) return explain(workspace, where, entries.error);
  if (entries.length === 0) return { text: `[${where.shown}: the folder is empty]`, isError: false, summary: "empty" };
  const visible = where.inside ? await visibleNames(workspace, where, depth, signal) : undefined;
  const top = await nodesOf(workspace, where.path, entries, "", visible);
  const more = top.length - MAX_SHOWN;
  const shown = top.slice(0, MAX_SHOWN);
  const number =
    top.length + (depth === 1 ? 0 : await expand(workspace, where.path, shown, { depth, visible, signal }));
  const total = `${count(number)} ${number === 1 ? "entry" : "entries"}`;
  const lines = [`[${where.shown}: ${total}]`, ...shown.flatMap(linesOf)];
  if (more > 0)
    lines.push(`[... ${count(more)} more not shown. Use find_files to find some of them by a pattern. ...]`);
  if (visible?.kind === "unknown") lines.push(`[which of these are ignored is not known: ${visible.why}]`);
  return { text: lines.join("\n"), isError: false, summary: total, limits: LIMITS };
}

/** An entry of the tree. `below`: what is in a folder that was looked into, or how much there is that has no room. */
type Node = {
  readonly entry: Entry;
  readonly relative: string;
  readonly ignored: boolean;
  below?: readonly Node[] | number;
};

async function nodesOf(
  workspace: Workspace,
  top: string,
  entries: readonly Entry[],
  folder: string,
  visible: Visible | undefined,
): Promise<readonly Node[]> {
  const sorted = [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    sorted.map(async (entry) => {
      const relative = folder === "" ? entry.name : `${folder}/${entry.name}`;
      const ignored =
        visible?.kind === "known" && !visible.has(relative) && (await hasFiles(workspace, top, entry, relative));
      return { entry, relative, ignored };
    }),
  );
}

/** A folder without a file is as little ignored as there is to ignore in it. */
async function hasFiles(workspace: Workspace, top: string, { kind }: Entry, relative: string): Promise<boolean> {
  if (kind !== "folder") return kind === "file";
  const entries = await workspace.list(path.join(top, relative));
  return !("error" in entries) && entries.some((entry) => entry.kind === "file" || entry.kind === "folder");
}

/** Looks into the folders, level by level, as long as all of one has room. @returns how many entries that adds. */
async function expand(
  workspace: Workspace,
  top: string,
  nodes: readonly Node[],
  how: { readonly depth: number; readonly visible: Visible | undefined; readonly signal: AbortSignal },
): Promise<number> {
  let added = 0;
  let level = nodes;
  for (let depth = 2; depth <= how.depth && !how.signal.aborted; depth++) {
    const next: Node[] = [];
    for (const node of level) {
      if (node.entry.kind !== "folder" || node.ignored || node.entry.name === ".git") continue;
      const entries = await workspace.list(path.join(top, node.relative));
      if ("error" in entries) continue;
      if (nodes.length + added + entries.length > MAX_SHOWN) {
        node.below = entries.length;
        continue;
      }
      const below = await nodesOf(workspace, top, entries, node.relative, how.visible);
      node.below = below;
      added += below.length;
      next.push(...below);
    }
    level = next;
  }
  return added;
}

function linesOf(node: Node): readonly string[] {
  const { below } = node;
  if (typeof below === "number") return [`${lineOf(node)}  (${count(below)} entries not shown)`];
  return [lineOf(node), ...(below ?? []).flatMap(linesOf)];
}

function lineOf({ entry, relative, ignored }: Node): string {
  const name = showName(relative);
  const mark = ignored ? "  (ignored)" : "";
  switch (entry.kind) {
    case "folder":
      return `${name}/${mark}`;
    case "file":
      return `${name}  ${count(entry.size)}${mark}`;
    case "link":
      return `${name}  (link)`;
    case "other":
      return `${name}  (not a regular file)`;
  }
}

async function explain(workspace: Workspace, { path, shown }: Resolved, error: string): Promise<ToolOutput> {
  const kind = await workspace.look(path);
  if (kind === "missing") {
    if (shown === ROOT) return failure(ROOT_IS_GONE, "not found");
    return failure(`There is no folder ${shown}. ${await suggestFor(workspace, path)}`, "not found");
  }
  if (kind === "file") return failure(`${shown} is a file. Use read_file to read it.`, "a file");
  return failure(error);
}
