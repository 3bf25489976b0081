import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";

/**
 * Everything that an approval is bound to, as one canonical text; the caller hashes it. Two calls have the same text
 * only if the tool, the call, its exact arguments and what they resolve to are all the same.
 */
export function approvalKey(tool: string, callId: string, argumentsText: string, effect: Effect): string {
  return JSON.stringify(["approval-1", tool, callId, argumentsText, ...fieldsOf(effect)]);
}

function fieldsOf(effect: Effect): readonly unknown[] {
  switch (effect.kind) {
    case "run":
      return [
        ...["run", effect.command, effect.cwd, effect.inside, effect.background ?? false],
        ...(effect.sandbox === undefined ? [] : [effect.sandbox]),
      ];
    case "write":
      return ["write", effect.path, effect.inside, effect.guarded ?? null];
    case "read":
      return ["read", effect.path, effect.inside, effect.deep ?? false];
    case "job":
      return ["job", effect.act, effect.id];
    case "net":
      return ["net", effect.url, effect.host, effect.private, effect.why];
    case "none":
      return ["none"];
    default:
      return assertNever(effect);
  }
}
