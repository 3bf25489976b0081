import type { Arguments } from "./arguments";
import { createFoundFiles } from "./found-files";
import { createGlobs } from "./globs";
import { suggestFor } from "./near-names";
import { prepareSearch } from "./prepare-search";
import { splitRecords } from "./records";
import { NO_RIPGREP } from "./search";
import { createFilter, SEARCH_MS } from "./search-run";
import { pathOf } from "./search-words";
import { failure, flag, optionalNumber, ROOT, ROOT_IS_GONE, textList } from "./tool-helpers";
import { count } from "./truncate";
import type { OutputLimits, Resolved, RipgrepEnd, RunContext, Tool, ToolOutput, Workspace } from "./types";
import { whichFiles } from "./which-files";

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 2_000;
const MAX_OFFSET = 100_000;
const MAX_CHARACTERS = 40_000;
const LIMITS: OutputLimits = { characters: MAX_CHARACTERS + 8_000, lines: MAX_LIMIT + 10 };
const MAX_PATH_BYTES = 100_000;

/** Finds files by name in a whole tree. */
export const findFiles: Tool = {
  name: "find_files",
  description: `Finds files by name in a folder and everything below it, and returns their paths. Use it instead of find, ls -R or git ls-files.

Hidden files are found too. Left out are what .gitignore, .ignore and the like leave out (include_ignored brings it back), .git, and what is behind links. To find files by what is in them use search; to see one folder use list_files.

The first ${DEFAULT_LIMIT} by path come unless told, or with newest_first those that were changed last, each with the time of that (UTC). The header says how many there are and how to get the rest.`,
  schema: {
    type: "object",
    properties: {
      globs: {
        type: "array",
        minItems: 1,
        maxItems: 20,
        items: { type: "string", minLength: 1, maxLength: 500 },
        description:
          'Patterns of which one must match, in any case of letters: a name in any folder (["*.test.ts", "README*"]) or a path (["src/**/*.css"]). With ! before it a pattern excludes: ["*.ts", "!**/test/**"].',
      },
      path: {
        type: "string",
        description:
          "The folder to look through, relative to the workspace folder, or an absolute path. Default: the workspace folder.",
      },
      newest_first: { type: "boolean", description: "Those that were changed last come first. Default: by path." },
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `How many to show. Default ${DEFAULT_LIMIT}, at most ${count(MAX_LIMIT)}.`,
      },
      offset: {
        type: "integer",
        minimum: 1,
        maximum: MAX_OFFSET,
        description: "The first one to show, counted from 1, to go on where the last call ended. Default 1.",
      },
      include_ignored: { type: "boolean", description: "Find ignored files too, such as node_modules. Default false." },
    },
    required: ["globs"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => textList(args, "globs").join(" "),
  prepare: (args, workspace) => prepareSearch(args, workspace, find),
};

async function find(
  workspace: Workspace,
  resolved: Resolved,
  args: Arguments,
  { signal }: RunContext,
): Promise<ToolOutput> {
  const kind = await workspace.look(resolved.path);
  if (kind !== "folder") return noFolder(workspace, resolved, kind);
  const offset = optionalNumber(args, "offset") ?? 1;
  const limit = optionalNumber(args, "limit") ?? DEFAULT_LIMIT;
  const isNewest = flag(args, "newest_first");
  const { end, paths, total } = await list(workspace, resolved, args, {
    signal,
    wanted: isNewest ? MOST_BY_TIME : offset + limit - 1,
  });
  const failed = explain(end);
  if (failed !== undefined) return failed;
  if (isNewest && total > MOST_BY_TIME) {
    return failure(
      `There are ${count(total)} such files, too many to order by time (at most ${count(MOST_BY_TIME)}). Narrow it by path or globs, or leave newest_first out.`,
      "too many",
    );
  }
  const lines = isNewest
    ? await newestFirst(workspace, resolved, paths)
    : paths.map((one) => pathOf(resolved.shown, one));
  const part = fitting(lines.slice(offset - 1, offset - 1 + limit));
  const last = offset + part.length - 1;
  const isCut = end.kind === "timeout";
  return {
    text: [headerOf(resolved.shown, { total, offset, last, isCut }), ...part, ...notesOf(end, total, args)].join("\n"),
    isError: false,
    summary: `${count(total)}${isCut ? "+" : ""} ${total === 1 ? "file" : "files"}`,
    limits: LIMITS,
  };
}

async function list(
  workspace: Workspace,
  where: Resolved,
  args: Arguments,
  { signal, wanted }: { readonly signal: AbortSignal; readonly wanted: number },
): Promise<{ readonly end: RipgrepEnd; readonly paths: readonly string[]; readonly total: number }> {
  const globs = createGlobs(textList(args, "globs"), true);
  const fits = createFilter(globs, workspace, where, "folder");
  const found = createFoundFiles(wanted, () => 1);
  const { push } = splitRecords(0, MAX_PATH_BYTES, (record = "") => {
    const path = record.replace(/^\.\//, "");
    if (fits(path)) found.add({ path, matches: 1, lines: [] });
    return true;
  });
  const which = await whichFiles(workspace, where, flag(args, "include_ignored"));
  const end = await workspace.ripgrep(["--files", "--null", ...which, "--", "./"], {
    cwd: where.path,
    timeoutMs: SEARCH_MS,
    signal,
    onBytes: push,
  });
  return { end, paths: found.first().map((file) => file.path), total: found.files() };
}

/** Each costs a look at the disk. */
const MOST_BY_TIME = 50_000;

async function newestFirst(
  workspace: Workspace,
  { path, shown }: Resolved,
  paths: readonly string[],
): Promise<readonly string[]> {
  const times = await workspace.changedAt(paths.map((one) => `${path}/${one}`));
  return paths
    .map((one, index) => ({ name: pathOf(shown, one), at: times[index] ?? 0 }))
    .sort((a, b) => b.at - a.at)
    .map(({ name, at }) => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}  ${name}`);
}

function fitting(lines: readonly string[]): readonly string[] {
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > MAX_CHARACTERS;
  });
  return end === -1 ? lines : lines.slice(0, Math.max(1, end));
}

function headerOf(
  shown: string,
  place: { readonly total: number; readonly offset: number; readonly last: number; readonly isCut: boolean },
): string {
  const { total, offset, last, isCut } = place;
  const all = `${isCut ? "at least " : ""}${count(total)} ${total === 1 ? "file" : "files"}`;
  if (total === 0) return `[${shown}: no file matches]`;
  if (last < offset) return `[${shown}: ${all}; offset ${offset} is past the end]`;
  if (offset === 1 && last >= total) return `[${shown}: ${all}]`;
  const go = last < total ? `; go on with offset ${last + 1}, or narrow it by path or globs` : "";
  return `[${shown}: ${all}; ${offset}-${last}${go}]`;
}

function notesOf(end: RipgrepEnd, total: number, args: Arguments): readonly string[] {
  const notes: string[] = [];
  if (end.kind === "timeout") notes.push(`Ended after ${SEARCH_MS / 1_000} s: narrow it by path.`);
  if (total === 0 && !flag(args, "include_ignored")) {
    notes.push("Ignored files were left out; include_ignored finds them too.");
  }
  if (end.kind === "ended" && end.exitCode === 2 && end.errors !== "") {
    notes.push(`Not all could be read: ${end.errors.trim().split("\n").slice(0, 3).join(" ")}`);
  }
  return notes.map((note) => `[${note}]`);
}

function explain(end: RipgrepEnd): ToolOutput | undefined {
  switch (end.kind) {
    case "missing":
      return failure(NO_RIPGREP, "no ripgrep");
    case "cancelled":
      return failure("Stopped before all files were found.", "stopped");
    case "failed":
      return failure(`The files could not be listed: ${end.message}`);
    case "ended":
    case "enough":
    case "timeout":
      return undefined;
  }
}

async function noFolder(workspace: Workspace, { path, shown }: Resolved, kind: string): Promise<ToolOutput> {
  if (kind === "other")
    return failure(`${shown} is neither a file nor a folder, or there is no permission for it.`, "not a folder");
  if (kind !== "missing") return failure(`${shown} is not a folder. Use read_file to read it.`, "not a folder");
  if (shown === ROOT) return failure(ROOT_IS_GONE, "not found");
  return failure(`There is no folder ${shown}. ${await suggestFor(workspace, path)}`, "not found");
}
