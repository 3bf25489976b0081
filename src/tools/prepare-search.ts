/** What a tool that looks through a folder would do: one guard for all of them. */
import type { Arguments } from "./arguments";
import { asWritten, optionalText, ROOT } from "./tool-helpers";
import type { Prepared, Resolved, RunContext, ToolOutput, Workspace } from "./types";

/** @param args `path` is where to look; without it, in the whole workspace. */
export async function prepareSearch(
  args: Arguments,
  workspace: Workspace,
  run: (workspace: Workspace, resolved: Resolved, args: Arguments, context: RunContext) => Promise<ToolOutput>,
): Promise<Prepared> {
  const resolved = await workspace.resolve(optionalText(args, "path") || ROOT);
  if ("error" in resolved) return { ok: false, error: resolved.error };
  return {
    ok: true,
    effect: { kind: "read", path: resolved.path, inside: resolved.inside, ...asWritten(resolved), deep: true },
    subject: { kind: "path", path: resolved.shown, verb: "search" },
    run: (context) => run(workspace, resolved, args, context),
  };
}
