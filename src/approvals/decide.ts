/**
 * May a call run, and who says so. First form: reading inside the workspace is allowed, everything that writes, runs
 * or reaches outside is asked. Pure: no I/O, paths come in real and absolute.
 */
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import { riskOf } from "./risk";

/** What *Allow in this tab* stores. Each is as narrow as it can be; `words` completes "allowed in this tab: …". */
export type Grant =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly cwd: string;
      readonly background: boolean;
      readonly words: string;
    }
  | { readonly kind: "edit"; readonly path: string; readonly words: string }
  | { readonly kind: "read"; readonly path: string; readonly words: string }
  | { readonly kind: "host"; readonly tool: string; readonly host: string; readonly words: string };

export type Verdict =
  | { readonly kind: "allow"; readonly rule: string }
  | {
      readonly kind: "ask";
      /** One plain line for the card. */
      readonly risk: string;
      /** What *Allow in this tab* would allow, in words, and what it then stores. Both or neither. */
      readonly tabScope?: string;
      readonly grant?: Grant;
    }
  | { readonly kind: "deny"; readonly rule: string };

export type Question = {
  readonly effect: Effect;
  readonly tool: string;
  /** The grants of this tab only. */
  readonly grants: readonly Grant[];
};

/** Decides one call. Never throws: what can't be judged is asked. */
export function decide(question: Question): Verdict {
  try {
    return judge(question);
  } catch {
    return { kind: "ask", risk: `Dispatch could not work out what ${question.tool} would do here.` };
  }
}

function judge({ effect, tool, grants }: Question): Verdict {
  if (effect.kind === "read" && effect.inside) return { kind: "allow", rule: "read-inside-workspace" };
  if (effect.kind === "job") return { kind: "allow", rule: "own-background-command" };
  if (effect.kind === "none") return { kind: "allow", rule: "no-effect" };
  const offered = offer(effect, tool);
  const given = offered && grants.find((grant) => covers(grant, effect, tool));
  if (given) return { kind: "allow", rule: `allowed in this tab: ${given.words}` };
  const risk = riskOf(effect);
  return offered ? { kind: "ask", risk, ...offered } : { kind: "ask", risk };
}

function offer(effect: Effect, tool: string): { readonly tabScope: string; readonly grant: Grant } | undefined {
  switch (effect.kind) {
    case "run": {
      const { command, cwd, background = false } = effect;
      const words = `this exact command in ${cwd}${background ? ", in the background" : ""}`;
      const tabScope = `Exactly this command, in this folder${background ? ", in the background" : ""}`;
      return { tabScope, grant: { kind: "command", command, cwd, background, words } };
    }
    case "write": {
      if (!effect.inside || effect.guarded !== undefined) return undefined;
      const words = `edits to ${effect.path}`;
      return { tabScope: "All further edits to this file", grant: { kind: "edit", path: effect.path, words } };
    }
    case "read": {
      const words = `reading ${effect.path}`;
      return { tabScope: "Reading exactly this path", grant: { kind: "read", path: effect.path, words } };
    }
    case "net": {
      if (effect.private) return undefined;
      const { host } = effect;
      const words = `${tool} at ${host}`;
      return { tabScope: `All further calls of ${tool} to ${host}`, grant: { kind: "host", tool, host, words } };
    }
    case "job":
    case "none":
      return undefined;
    default:
      return assertNever(effect);
  }
}

function covers(grant: Grant, effect: Effect, tool: string): boolean {
  switch (grant.kind) {
    case "command":
      return (
        effect.kind === "run" &&
        effect.command === grant.command &&
        effect.cwd === grant.cwd &&
        (effect.background ?? false) === grant.background
      );
    case "edit":
      return effect.kind === "write" && effect.path === grant.path;
    case "read":
      return effect.kind === "read" && effect.path === grant.path;
    case "host":
      return effect.kind === "net" && !effect.private && effect.host === grant.host && tool === grant.tool;
    default:
      return assertNever(grant);
  }
}
