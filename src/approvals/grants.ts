/** What *Allow in this tab* offers, stores and covers. Each grant is as narrow as it can be. */
import type { Effect } from "../chunks/effect";
import { assertNever } from "../chunks/rows";
import { type Binding, type BoundFile, boundFiles, untilChanged } from "./bound-files";

/** `words` completes "allowed in this tab: …". */
export type Grant =
  | {
      readonly kind: "command";
      readonly command: string;
      readonly cwd: string;
      readonly background: boolean;
      readonly words: string;
      /** What says what it runs. Where that can't be told, the command alone counts. */
      readonly files: readonly BoundFile[];
      /** What those were when the person was asked; of a grant that was given. */
      readonly bound?: readonly Binding[];
    }
  | { readonly kind: "edit"; readonly path: string; readonly words: string }
  | { readonly kind: "read"; readonly path: string; readonly deep: boolean; readonly words: string }
  | { readonly kind: "host"; readonly tool: string; readonly host: string; readonly words: string };

export type TabOffer = {
  /** What the grant would allow, in words for the card. */
  readonly tabScope: string;
  readonly grant: Grant;
};

/** @returns nothing where each call is to be asked. */
export function offer(effect: Effect, tool: string): TabOffer | undefined {
  switch (effect.kind) {
    case "run": {
      const { command, cwd, background = false } = effect;
      const files = boundFiles(command) ?? [];
      const words = `this exact command in ${cwd}${background ? ", in the background" : ""}`;
      const until = untilChanged(files);
      const tabScope = `Exactly this command, in this folder${background ? ", in the background" : ""}${until === "" ? "" : `.${until}`}`;
      return { tabScope, grant: { kind: "command", command, cwd, background, words, files } };
    }
    case "write": {
      if (!effect.inside || effect.guarded !== undefined) return undefined;
      const words = `edits to ${effect.path}`;
      return { tabScope: "All further edits to this file", grant: { kind: "edit", path: effect.path, words } };
    }
    case "read": {
      const { path, deep = false } = effect;
      const words = `reading ${path}${deep ? " and all below it" : ""}`;
      const tabScope = deep ? "Looking through this folder and all below it" : "Reading exactly this path";
      return { tabScope, grant: { kind: "read", path, deep, words } };
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

export function covers(grant: Grant, effect: Effect, tool: string): boolean {
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
      return effect.kind === "read" && effect.path === grant.path && (effect.deep ?? false) === grant.deep;
    case "host":
      return effect.kind === "net" && !effect.private && effect.host === grant.host && tool === grant.tool;
    default:
      return assertNever(grant);
  }
}
