import type { Arguments } from "./arguments";
import { suggestFor } from "./near-names";
import { prepareSearch } from "./prepare-search";
import { ranSearch, type Searched } from "./search-run";
import { showFound } from "./search-words";
import { aboutText, failure, flag, optionalNumber, ROOT, ROOT_IS_GONE, textArgument, textList } from "./tool-helpers";
import type { OutputLimits, Resolved, RunContext, Tool, ToolOutput, Workspace } from "./types";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const MAX_OFFSET = 20_000;
const MAX_CHARACTERS = 40_000;
const LIMITS: OutputLimits = { characters: MAX_CHARACTERS + 8_000, lines: 50_000 };

/** Searches the text of files with ripgrep. */
export const search: Tool = {
  name: "search",
  description: `Searches the text of files for a regular expression (ripgrep's syntax, as in Rust) and returns the matching lines with their numbers, by file. Use it instead of grep, rg or find -exec.

Whole folders are searched, hidden files too. Left out are what .gitignore, .ignore and the like leave out (include_ignored brings it back), binary files, .git, and what is behind links; changes that are not saved yet in the editor are not seen. To find files by their names use find_files.

Output: the path of a file, then its lines as number, colon, text; lines around a match, with context, have a - instead of the colon. Lines longer than 400 characters are cut around their first match; read_file with offset and column reads on in them. A line counts as one match, however often the pattern occurs in it. The first ${DEFAULT_LIMIT} matches by path come unless told; the header says how many there are and how to get the rest. To see only where something occurs use output "files" or "counts".`,
  schema: {
    type: "object",
    properties: {
      pattern: {
        type: "string",
        minLength: 1,
        maxLength: 4_000,
        description:
          "The regular expression, such as function\\s+\\w+\\( or warn|error. Escape braces and parentheses that are meant as they are, or use literal. A pattern with \\n may match across lines.",
      },
      literal: { type: "boolean", description: "Search for the pattern as it is written, not as an expression." },
      ignore_case: { type: "boolean", description: "Ignore the case of letters. Default false." },
      path: {
        type: "string",
        description:
          "The folder or file to search, relative to the workspace folder, or an absolute path. Default: the workspace folder.",
      },
      globs: {
        type: "array",
        maxItems: 20,
        items: { type: "string", minLength: 1, maxLength: 500 },
        description:
          'Only files that match one of these, such as ["*.ts", "src/**/*.json"]; with ! before it a pattern excludes: ["!**/test/**"].',
      },
      output: {
        type: "string",
        enum: ["lines", "files", "counts"],
        description:
          "lines (default): the matching lines. files: only the paths of files with a match. counts: these with their numbers of matching lines.",
      },
      context: { type: "integer", minimum: 0, maximum: 20, description: "Lines to show around each match. Default 0." },
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MAX_LIMIT,
        description: `How many matches (or files) to show. Default ${DEFAULT_LIMIT}, at most ${MAX_LIMIT}.`,
      },
      offset: {
        type: "integer",
        minimum: 1,
        maximum: MAX_OFFSET,
        description:
          "The first match (or file) to show, counted from 1, to go on where the last call ended. Default 1.",
      },
      include_ignored: {
        type: "boolean",
        description: "Search ignored files too, such as node_modules. Default false.",
      },
    },
    required: ["pattern"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "pattern"),
  prepare: (args, workspace) => prepareSearch(args, workspace, run),
};

async function run(
  workspace: Workspace,
  resolved: Resolved,
  args: Arguments,
  { signal, mayRead }: RunContext,
): Promise<ToolOutput> {
  const pattern = textArgument(args, "pattern");
  const output = outputOf(args);
  const range = { offset: optionalNumber(args, "offset") ?? 1, limit: optionalNumber(args, "limit") ?? DEFAULT_LIMIT };
  const searched = await ranSearch(workspace, resolved, {
    pattern,
    output,
    literal: flag(args, "literal"),
    ignoreCase: flag(args, "ignore_case"),
    globs: textList(args, "globs"),
    context: output === "lines" ? (optionalNumber(args, "context") ?? 0) : 0,
    ignored: flag(args, "include_ignored"),
    wanted: range.offset + range.limit - 1,
    signal,
    mayRead,
  });
  if (searched.kind !== "found") return explain(workspace, resolved, searched);
  const words = showFound(searched, { ...range, shown: resolved.shown, characters: MAX_CHARACTERS });
  return { ...words, isError: false, limits: LIMITS };
}

const OUTPUTS = ["lines", "files", "counts"] as const;

function outputOf(args: Arguments): (typeof OUTPUTS)[number] {
  return OUTPUTS.find((one) => one === args.output) ?? "lines";
}

async function explain(
  workspace: Workspace,
  { path, shown }: Resolved,
  searched: Exclude<Searched, { kind: "found" }>,
): Promise<ToolOutput> {
  switch (searched.kind) {
    case "nowhere":
      if (shown === ROOT) return failure(ROOT_IS_GONE, "not found");
      return failure(`There is no file or folder ${shown}. ${await suggestFor(workspace, path)}`, "not found");
    case "no-ripgrep":
      return failure(NO_RIPGREP, "no ripgrep");
    case "bad-pattern":
      return failure(
        `The pattern is not a valid regular expression:\n${searched.message}\nNothing was searched. Mend it, or set literal to true to search for it as it is written.`,
        "bad pattern",
      );
    case "cancelled":
      return failure("The search was stopped before it had ended.", "stopped");
    case "failed":
      return failure(`The search of ${shown} failed: ${searched.message}`);
  }
}

/** Also for the other tools that need it. */
export const NO_RIPGREP =
  "ripgrep, which this tool needs, was not found: neither VS Code's own nor rg on PATH. Use run_shell instead, such as grep -rn or find, and tell the person that installing ripgrep helps.";
