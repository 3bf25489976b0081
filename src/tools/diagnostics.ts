import type { Arguments } from "./arguments";
import { inOrder, problemCounts, problemLine, tellable } from "./problems";
import { aboutText, asWritten, failure, optionalNumber, optionalText, ROOT, refusal } from "./tool-helpers";
import { count } from "./truncate";
import type { Problem, Resolved, RunContext, Tool, ToolOutput, Workspace } from "./types";

const DEFAULT_SHOWN = 50;
const MAX_SHOWN = 200;

/** Tells what VS Code's language services have found in a file, or in the workspace. */
export const diagnostics: Tool = {
  name: "diagnostics",
  description: `Lists the problems that VS Code's language services (type checkers, linters) show: for one file, for a folder, or without a path for the whole workspace. Each line is path:line:column, the severity, who says it, and the message; errors come first.

For a file it is waited, at most two seconds, until the services have looked at it. For a folder or the workspace only what is known already is listed: many services look only at files that are open in the editor, so that nothing is listed does not mean that all is well; run the project's own checker with run_shell for that. After each edit you are told by itself which problems are new, so there is no need to ask after it.`,
  schema: {
    type: "object",
    properties: {
      path: {
        type: "string",
        description: "A file or folder, relative to the workspace folder, or an absolute path. Default: the workspace.",
      },
      severity: {
        type: "string",
        enum: ["error", "warning", "all"],
        description: "error: errors only. warning: errors and warnings, the default. all: notes and hints too.",
      },
      limit: {
        type: "integer",
        minimum: 1,
        maximum: MAX_SHOWN,
        description: `How many problems to list at most. Default ${DEFAULT_SHOWN}.`,
      },
    },
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "path"),
  prepare: async (args, workspace) => {
    const resolved = await workspace.resolve(optionalText(args, "path") || ROOT);
    if ("error" in resolved) return { ok: false, error: resolved.error };
    if (workspace.diagnostics === undefined) return refusal(resolved, NO_EDITOR);
    return {
      ok: true,
      effect: { kind: "read", path: resolved.path, inside: resolved.inside, ...asWritten(resolved), deep: true },
      subject: { kind: "path", path: resolved.shown, verb: "read" },
      run: (context) => list(workspace, resolved, args, context),
    };
  },
};

const NO_EDITOR =
  "Dispatch runs without an editor here, so there are no language services to ask. Run the project's own checker (compiler, linter) with run_shell.";

async function list(
  workspace: Workspace,
  { path, given, shown }: Resolved,
  args: Arguments,
  { signal, mayRead }: RunContext,
): Promise<ToolOutput> {
  const { diagnostics: services } = workspace;
  if (services === undefined) return failure(NO_EDITOR, "no editor");
  const isFile = (await workspace.read(path)).kind === "text";
  if (isFile) await services.look(path, signal);
  const wanted = optionalText(args, "severity") ?? "warning";
  // The file that was asked for was decided with the call.
  const { told, note } = tellable(
    services.list(path).filter(({ severity }) => isWanted(severity, wanted)),
    (file) => file === path || file === given || mayRead(file),
  );
  const found = inOrder(told);
  const where = shown === ROOT || shown === "" ? "the workspace" : shown;
  const head = `[${where}: ${problemCounts(found)}]`;
  if (found.length === 0) {
    const known = isFile ? "" : " Only files that the services have looked at are known.";
    return { text: [`${head}${known}`, ...note].join("\n"), isError: false, summary: "no problems" };
  }
  const limit = optionalNumber(args, "limit") ?? DEFAULT_SHOWN;
  const lines = found.slice(0, limit).map(problemLine);
  const more = found.length - lines.length;
  const rest =
    more === 0 ? [] : [`[... ${count(more)} more not shown. Ask for one file or folder, or with a higher limit. ...]`];
  return { text: [head, ...lines, ...rest, ...note].join("\n"), isError: false, summary: problemCounts(found) };
}

function isWanted(severity: Problem["severity"], wanted: string): boolean {
  return wanted === "all" || severity === "error" || (severity === "warning" && wanted === "warning");
}
