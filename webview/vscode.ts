/** The one door between the page and the extension host. */
import type { FromPage, ReadingPlace } from "../src/chunks/protocol";

/** What survives a reload of the view; everything else comes back with the snapshot. */
export type Saved = {
  /** The tab in front; the host reads it when it brings back a panel of the editor area. */
  readonly tab?: string;
  readonly drafts?: Readonly<Record<string, SavedDraft>>;
  /** The task list is folded to one line. */
  readonly todoFolded?: boolean;
  /** Where each tab was read last. */
  readonly anchors?: Readonly<Record<string, ReadingPlace | "end">>;
};

/** What was typed and the host may not have heard. */
export type SavedDraft = {
  readonly text: string;
  /** The host's own draft was one of these then. Has it another one now, it knows more than this. */
  readonly known: readonly string[];
};

type Api = {
  readonly postMessage: (message: FromPage) => void;
  readonly getState: () => unknown;
  readonly setState: (state: Saved) => void;
};

declare function acquireVsCodeApi(): Api;

let api: Api | undefined;

export function post(message: FromPage): void {
  door().postMessage(message);
}

export function readSaved(): Saved {
  const state = door().getState();
  return isSaved(state) ? state : {};
}

export function save(change: Saved): void {
  door().setState({ ...readSaved(), ...change });
}

/** The editor hands the API out once. */
function door(): Api {
  api ??= acquireVsCodeApi();
  return api;
}

/** Only this page writes the state, so its outer shape is enough. */
function isSaved(state: unknown): state is Saved {
  return typeof state === "object" && state !== null;
}
