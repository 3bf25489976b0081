/** What a call that reads many files must leave out, although it is allowed as a whole. Pure. */
import { tighteningRule } from "./match-rule";
import type { Policy } from "./policy";

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
