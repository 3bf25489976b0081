/** The mode of a tab as it counts now, and how the model is told of a change: as a row, once, where it happened. */
import { userDraft } from "../chunks/explode";
import type { Mode } from "../chunks/modes";
import type { Draft } from "../chunks/rows";
import type { TabRecord } from "../store/types";
import type { Surroundings } from "./types";

/** What the tab keeps, or Ask where that may not be (any more). */
export function modeOf({ settings }: Pick<Surroundings, "settings">, { mode = "ask" }: Pick<TabRecord, "mode">): Mode {
  const state = settings();
  const isAllowed = mode !== "unrestricted" || (state.ok && state.settings.allowUnrestricted);
  return isAllowed ? mode : "ask";
}

/** What the model does not know yet. `mode`: what it knows once the drafts are rows. */
export type ModeNews = { readonly drafts: readonly Draft[]; readonly mode: Mode };

export function modeNews(step: number, surroundings: Pick<Surroundings, "settings">, record: TabRecord): ModeNews {
  const mode = modeOf(surroundings, record);
  const isKnown = mode === (record.toldMode ?? "ask");
  return { drafts: isKnown ? [] : [userDraft(step, modeForModel[mode], "context")], mode };
}

const modeForModel: Readonly<Record<Mode, string>> = {
  ask: "From here on this chat is in the mode Ask: the person is asked before anything is written or run, unless a rule of theirs allows it.",
  edits:
    "From here on this chat is in the mode Edits allowed: edit_file and write_file change ordinary files of the workspace without a question. Commands are still asked, and so are files that configure the editor, git, builds or agents.",
  plan: "From here on this chat is in the mode Plan: nothing may be changed. Read, search, and run commands that only read; calls that write, and all other commands, are denied. Work out a plan and show it. When it is to be carried out, ask the person to change the mode of the chat (the button Mode below the message box).",
  sandbox:
    "From here on this chat is in the mode Sandboxed auto: commands run without a question in a sandbox of the operating system. There they can write only in the workspace folder and in $TMPDIR, have no network, and can't read credentials, and can't change .git (so commits run outside), .vscode and other files that make programs run by themselves. A command that needs more can be run with outside_sandbox: true; then the person is asked, so try it inside first. Ordinary files of the workspace are changed without a question.",
  unrestricted:
    "From here on this chat is in the mode Unrestricted: calls run without a question unless a rule of the person says otherwise. Do only what was asked, and nothing that can't be undone without the person's word.",
};

/** What a new tab keeps: the mode that the settings name. */
export function firstMode({ settings }: Pick<Surroundings, "settings">): Pick<TabRecord, "mode"> {
  const state = settings();
  return !state.ok || state.settings.mode === "ask" ? {} : { mode: state.settings.mode };
}
