/** Which mode a tab is in, as a person sees and chooses it. */
import { type Mode, type ModeOffer, modeNames, modes } from "../chunks/modes";
import { messageOf } from "./error-text";
import type { SessionParts } from "./inbox";
import type { Surroundings, View } from "./types";

const NO_SANDBOX = "There is no sandbox here.";

/** What a person needs to know to choose a mode for a tab. */
export type TabModes = { readonly tab: string; readonly mode: Mode; readonly offers: readonly ModeOffer[] };

export async function readModes({ surroundings, tabs }: SessionParts, id: string): Promise<TabModes> {
  return { tab: id, mode: tabs.byId(id)?.mode() ?? "ask", offers: await readOffers(surroundings) };
}

/** Answers a view that wants to know what it can offer. */
export async function tellModes({ surroundings, views }: SessionParts, view: View): Promise<void> {
  views.tell(view, { type: "modes", modes: await readOffers(surroundings) });
}

/** The tab is in this mode from its next call on, over restarts too. What can't be done is told to the views. */
export async function selectMode({ surroundings, tabs, setup }: SessionParts, id: string, mode: Mode): Promise<void> {
  const why = await whyNot(surroundings, mode);
  if (why !== undefined) return setup.warn(`The mode was not changed. ${why}`);
  try {
    await tabs.byId(id)?.setMode(mode);
  } catch (error) {
    setup.warn(`The mode is ${modeNames[mode]}, but that was not saved. ${messageOf(error)}`);
  }
}

/** Tabs whose mode may not be any more are in Ask again, for good: what is allowed later is chosen anew. */
export async function dropModes({ surroundings, tabs, setup }: SessionParts): Promise<void> {
  const { store, settings, blocked } = surroundings;
  if (store.state.kind !== "writer" || !settings().ok || blocked?.() !== undefined) return;
  for (const { id, title } of tabs.states()) {
    const tab = tabs.byId(id);
    const problem = tab === undefined ? undefined : await problemOf(surroundings, tab.keptMode());
    if (problem === undefined) continue;
    await tab?.setMode("ask");
    setup.warn(`The chat "${title}" is in the mode Ask now. ${problem}`);
  }
}

/** Unrestricted is not even named where the person has not allowed it. */
async function readOffers(surroundings: Surroundings): Promise<readonly ModeOffer[]> {
  const problems = await Promise.all(modes.map((mode) => problemOf(surroundings, mode)));
  return modes.flatMap((mode, at): readonly ModeOffer[] => {
    const problem = problems[at];
    if (problem === undefined) return [{ mode }];
    return mode === "unrestricted" || problem === NO_SANDBOX ? [] : [{ mode, problem }];
  });
}

async function problemOf({ settings, sandboxProblem }: Surroundings, mode: Mode): Promise<string | undefined> {
  if (mode === "sandbox") return sandboxProblem === undefined ? NO_SANDBOX : sandboxProblem();
  if (mode !== "unrestricted") return undefined;
  const state = settings();
  const isAllowed = state.ok && state.settings.allowUnrestricted;
  return isAllowed ? undefined : "dispatch.allowUnrestricted is not set in your settings.";
}

async function whyNot(surroundings: Surroundings, mode: Mode): Promise<string | undefined> {
  const { store, blocked } = surroundings;
  const why = blocked?.() ?? (await problemOf(surroundings, mode));
  if (why !== undefined) return why;
  if (store.state.kind === "reader") return `This window only reads: ${store.state.owner}`;
  return store.state.kind === "newer" ? "A newer version of Dispatch wrote these chats." : undefined;
}
