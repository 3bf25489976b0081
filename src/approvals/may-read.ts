/** What a call that reads many files must leave out, although it is allowed as a whole. Pure. */
import { isAbsolutePath } from "./match-path";
import { tighteningRule } from "./match-rule";
import type { Policy, Rule } from "./policy";

/**
 * Whether a file may be among those that a search of a folder reads: no rule denies or asks for reading it, be it by
 * this tool or by `read_file`. Asking for each file of a search is no choice, so what would be asked is left out too.
 * @param path real and absolute.
 */
export function mayRead(policy: Policy, tool: string, path: string): boolean {
  if (policy.rules.length === 0) return true;
  const effect = { kind: "read", path, inside: true } as const;
  return [tool, "read_file"].every((name) =>
    (["deny", "ask"] as const).every((action) => {
      return tighteningRule({ effect, tool: name, policy }, action) === undefined;
    }),
  );
}

/** Which files a command reads that looks for them by itself is not known before: any rule on files that concerns reading counts. */
export function withholdsFiles({ action, path, tool: named }: Rule, tool: string): boolean {
  if (action === "allow" || path === undefined) return false;
  return named === undefined || [tool, "read_file", "search"].includes(named);
}

/**
 * What a command that nobody looks through must not see: for the sandbox.
 * @returns `outside`: the paths that a rule names without a wildcard but `**` at the end. Undefined where nothing is withheld.
 */
export function withheldFrom(
  policy: Policy,
  tool: string,
): { readonly has: (path: string) => boolean; readonly outside: readonly string[] } | undefined {
  const rules = policy.rules.filter((rule) => rule.command === undefined && withholdsFiles(rule, tool));
  if (rules.length === 0) return undefined;
  const named = rules.flatMap(({ path = "", realPath }) => (realPath === undefined ? [path] : [path, realPath]));
  const outside = named.flatMap((path) => {
    const place = path.replace(/\/\*\*\/?$/, "");
    return isAbsolutePath(place) && !/[*?]/.test(place) ? [place] : [];
  });
  return { has: (path) => !mayRead(policy, tool, path), outside };
}
