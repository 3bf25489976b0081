/** What the views of a session show around their chats (key, folder, banners), and what it means for new turns. */
import type { Setup } from "../chunks/protocol";
import type { TabRecord } from "../store/types";
import { messageOf } from "./error-text";
import { readKey, readSetup, whyNoTurn } from "./setup";
import type { MayStart, Refused } from "./tab-parts";
import type { Surroundings } from "./types";

export type SessionSetup = {
  /** As it was read last. */
  readonly current: () => Setup;
  /** Reads it anew and tells the views. */
  readonly refresh: () => Promise<void>;
  /** Puts a banner away, for this session. */
  readonly dismiss: (banner: string) => void;
  /** What a turn may start with now in a tab that keeps these models, or why none may, in one sentence. */
  readonly mayStart: (own: Pick<TabRecord, "models">) => Promise<MayStart>;
  /** Tells the views in one sentence that something could not be done. */
  readonly warn: (message: string) => void;
  /** Tells the views what was not done. */
  readonly refuse: (what: Refused, why: string) => void;
};

const refusals: { readonly [W in Refused]: string } = {
  send: "Your message was not sent and is kept in the box.",
  resume: "The turn was not continued.",
  queue: "The queued messages were not sent and wait above the box.",
};

export async function openSessionSetup(
  surroundings: Surroundings,
  tell: (setup: Setup) => void,
): Promise<SessionSetup> {
  const dismissed = new Set<string>();
  let setup = await readSetup(surroundings, dismissed);
  const warn = (id: string, message: string): void => {
    surroundings.log("info", message);
    tell({ ...setup, banners: [...setup.banners, { id, severity: "warning", message, dismissible: true }] });
  };
  return {
    current: () => setup,
    async refresh() {
      setup = await readSetup(surroundings, dismissed);
      tell(setup);
    },
    dismiss(banner) {
      dismissed.add(banner);
      surroundings.dismissed?.(banner);
    },
    async mayStart(own) {
      let key: Setup["key"];
      try {
        setup = await readSetup(surroundings, dismissed);
        key = own.models === undefined ? setup.key : await readKey(surroundings, own);
      } catch (error) {
        return { why: `It could not be found out whether a turn can start: ${messageOf(error)}` };
      }
      const why = whyNoTurn(surroundings, key);
      const state = surroundings.settings();
      if (why !== undefined) return { why };
      return state.ok ? { settings: state.settings } : { why: state.message };
    },
    refuse(what, why) {
      warn("refused", `${refusals[what]} ${why}`);
    },
    warn: (message) => warn("warned", message),
  };
}
