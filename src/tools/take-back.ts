/** What becomes of a file when edits of it are undone or redone, whatever was done to it since. Pure. */
import { merge } from "./line-changes";

/** One edit: the text before and after. `undefined`: there was no file. */
export type Step = { readonly before: string | undefined; readonly after: string };

export type TakenBack =
  /** `text`: what the file becomes; `undefined`: it goes. `merged`: what was done to it since is in the text. */
  | { readonly kind: "text"; readonly text: string | undefined; readonly merged: boolean }
  /** What was done since touches the same lines. */
  | { readonly kind: "meets" }
  /** It was created by the edit and has been changed since. */
  | { readonly kind: "grown" }
  /** It is not there any more. */
  | { readonly kind: "gone" }
  /** There is one again, which the edit has not made. */
  | { readonly kind: "taken" };

/**
 * @param steps edits of one file in the order in which they were made, not necessarily all.
 * @param now its text; `undefined`: it is not there.
 */
export function takeBack(act: "undo" | "redo", steps: readonly Step[], now: string | undefined): TakenBack {
  let text = now;
  let merged = false;
  const moves =
    act === "undo"
      ? steps.toReversed().map(({ before, after }) => ({ from: after, to: before }))
      : steps.map(({ before, after }) => ({ from: before, to: after }));
  for (const { from, to } of moves) {
    if (text === to) continue;
    if (text === from) {
      text = to;
      continue;
    }
    if (text === undefined) return { kind: "gone" };
    if (from === undefined) return { kind: "taken" };
    if (to === undefined) return { kind: "grown" };
    const joined = merge(from, text, to);
    if (joined === undefined) return { kind: "meets" };
    merged = true;
    text = joined;
  }
  return { kind: "text", text, merged };
}
