/** The modes of a chat: what may happen in it without a question. */

/**
 * - `ask`: what no rule allows is asked.
 * - `edits`: also, unguarded files inside the workspace may be written.
 * - `plan`: nothing is written, and only what is known to read may run.
 * - `sandbox`: commands run unasked inside the system's sandbox, and unguarded files of the workspace may be written.
 * - `unrestricted`: everything that no rule denies or asks, outside any sandbox.
 */
export type Mode = "ask" | "edits" | "plan" | "sandbox" | "unrestricted";

/** In the order in which they are offered. */
export const modes = ["ask", "edits", "plan", "sandbox", "unrestricted"] as const satisfies readonly Mode[];

export const modeNames: Readonly<Record<Mode, string>> = {
  ask: "Ask",
  edits: "Edits allowed",
  plan: "Plan",
  sandbox: "Sandboxed auto",
  unrestricted: "Unrestricted",
};

/** Where there is little room. */
export const shortModeNames: Readonly<Record<Mode, string>> = { ...modeNames, edits: "Edits", sandbox: "Sandboxed" };

/** What each means for the person who chooses it, in one line. */
export const modeWords: Readonly<Record<Mode, string>> = {
  ask: "What writes, runs or leaves the workspace is asked",
  edits: "Ordinary files of the workspace are changed without a question",
  plan: "Nothing is changed: only reading, for a plan",
  sandbox: "Commands run without a question in a sandbox: writes in the workspace only, no network",
  unrestricted: "Everything runs without a question, with your rights, but what your rules ask and guarded files",
};

/** A mode as it can be chosen now. `problem`: why it can't, in one sentence. */
export type ModeOffer = { readonly mode: Mode; readonly problem?: string };

export function isMode(value: unknown): value is Mode {
  return modes.some((mode) => mode === value);
}
