/** The view's state: a pure fold of the host's messages, shown at most once a frame. */
import { computed, signal } from "@preact/signals";
import type { Ask } from "../src/chunks/ask";
import { isUndo } from "../src/chunks/edits";
import type { ModeOffer } from "../src/chunks/modes";
import type { Offer, RecentChat, StepUsage, TabState, ToView } from "../src/chunks/protocol";
import {
  applyToView,
  boundView,
  chooseTab as choose,
  emptyView,
  goToEnd,
  isAtEnd,
  type Reading,
  type TabView,
  type ViewState,
} from "../src/chunks/view";
import { follow, following } from "./following";
import { type Section, sections } from "./items";
import { post, save } from "./vscode";

/** What is drawn now. Behind `received` by a frame at most. */
export const view = signal<ViewState>(emptyView);
/** Counts the host's wishes to have the cursor in the composer. */
export const focusWishes = signal(0);

/** The chats that an empty tab offers. */
export const recentChats = signal<readonly RecentChat[]>([]);

/** The requests of the turns whose lines were opened, by turn. */
export const turnDetails = signal<ReadonlyMap<string, readonly StepUsage[]>>(new Map());

/** The images of results that were opened, as Base64 by their blob; empty: not there any more. */
export const pictures = signal<ReadonlyMap<string, string>>(new Map());

/** So many are kept; others are asked for again. */
const PICTURES = 12;

/** What a tab without a key can begin with. */
export const offers = signal<readonly Offer[]>([]);

/** The modes that a tab can have here; none: nobody has asked for them yet. */
export const modeOffers = signal<readonly ModeOffer[]>([]);

/** The tab that the person wanted to close while its turn or a background command ran. */
export const closing = signal("");

/** The same for as long as it is to be asked: something still runs. */
export const closingTab = computed<TabState | undefined>(() => {
  const tab = view.value.tabs.find(({ id }) => id === closing.value);
  const isWorking = tab?.status === "running" || tab?.status === "needs-approval";
  return isWorking || tab?.jobs?.some((job) => job.end === undefined) === true ? tab : undefined;
});

export const activeTab = computed<TabState | undefined>(() =>
  view.value.tabs.find((tab) => tab.id === view.value.active),
);

/** What the agent of the tab in front asks. */
export const activeAsks = computed<readonly Ask[]>(() => activeTab.value?.asks ?? []);

/** What is loaded of the active tab; undefined while its window is still on its way. */
export const activeView = computed<TabView | undefined>(() => view.value.views.get(view.value.active));

export const activeSections = computed<readonly Section[]>(() => {
  shown = sections(activeView.value?.rows ?? [], shown);
  return shown;
});

/** The calls of the active tab whose edits were undone. Of turns that have ended the host says it, of others the rows do. */
export const undoneCalls = computed<ReadonlySet<string>>(() => {
  const now = undoneIn(activeView.value);
  const isSame = now.size === undone.size && [...now].every((callId) => undone.has(callId));
  if (!isSame) undone = now;
  return undone;
});

/** Why no edit can be undone or redone from this window now. */
export const noUndo = computed<string | undefined>(() => view.value.setup?.noUndo);

export const isRunning = computed(() => {
  const tab = activeTab.value;
  return tab !== undefined && (tab.status === "running" || tab.status === "needs-approval");
});

/** An agent of this window works in the active tab, so it can be stopped here. */
export const canStop = computed(() => isRunning.value && activeTab.value?.elsewhere !== true);

/** Until the host has said how many rows the page may hold. */
const ROWS_IN_VIEW = 400;

let received: ViewState = emptyView;
let shown: readonly Section[] = [];
let undone: ReadonlySet<string> = new Set();
let frame = 0;
let readReading: () => Reading | undefined = () => undefined;

function undoneIn(loaded: TabView | undefined): ReadonlySet<string> {
  const calls = new Set<string>();
  for (const row of loaded?.rows ?? []) {
    if (row.type !== "system" || !isUndo(row.data)) continue;
    for (const callId of row.data.calls ?? []) {
      if (row.data.kind === "undone") calls.add(callId);
      else calls.delete(callId);
    }
  }
  for (const file of loaded?.turns.flatMap((turn) => turn.files ?? []) ?? []) {
    for (const callId of file.calls) calls.delete(callId);
    for (const callId of file.undone) calls.add(callId);
  }
  return calls;
}

/** The transcript says how to find out which rows are on the screen. */
export function setReader(read: () => Reading | undefined): void {
  readReading = read;
}

function blobOf(tab: string, callId: string): string | undefined {
  const rows = received.views.get(tab)?.rows ?? [];
  const row = rows.find((one) => one.type === "tool_result" && one.data.callId === callId);
  return row?.type === "tool_result" ? row.data.image?.blob : undefined;
}

/** Folds a message in at once and shows the result with the next frame. */
export function receive(message: ToView): void {
  if (message.type === "focusComposer") {
    focusWishes.value++;
    return;
  }
  if (message.type === "confirmClose") {
    closing.value = message.tab;
    return;
  }
  if (message.type === "turnDetails") {
    turnDetails.value = new Map(turnDetails.value).set(message.turnId, message.steps);
    return;
  }
  if (message.type === "picture") {
    const { callId, data = "" } = message;
    const blob = blobOf(message.tab, callId);
    if (blob !== undefined) pictures.value = new Map([...pictures.value].slice(1 - PICTURES)).set(blob, data);
    return;
  }
  if (message.type === "offers") {
    offers.value = message.offers;
    return;
  }
  if (message.type === "modes") {
    modeOffers.value = message.modes;
    return;
  }
  if (message.type === "recent") {
    recentChats.value = message.chats;
    return;
  }
  const { state, ask } = applyToView(received, message);
  const isOther = state.active !== received.active;
  const wasLeaving = received.views.get(state.active)?.leaving;
  received = bound(state, message);
  if (wasLeaving && received.views.get(state.active)?.leaving === undefined) {
    follow();
  }
  if (ask !== undefined) {
    post(ask);
  }
  if (isOther) {
    bringToFront();
  } else {
    schedule();
  }
}

/** Brings a tab to the front: here at once, so that what is typed next is for it, and in the session. */
export function chooseTab(tab: string): void {
  received = choose(received, tab);
  bringToFront();
  post({ type: "selectTab", tab });
}

/** Follows the end: at once, or as soon as the newest rows are here. */
export function toEnd(): void {
  const { state, ask } = goToEnd(received, received.active);
  const loaded = state.views.get(state.active);
  if (loaded === undefined || isAtEnd(loaded)) {
    follow();
  }
  received = state;
  if (ask !== undefined) {
    post(ask);
  }
}

/** Lets go of what is far from the reader, so that what is drawn stays bounded whatever the history. */
function bound(state: ViewState, message: ToView): ViewState {
  const tab =
    message.type === "older" || message.type === "newer" || message.type === "rows" ? message.tab : state.active;
  const most = state.setup?.rowsInView ?? ROWS_IN_VIEW;
  if ((state.views.get(tab)?.rows.length ?? 0) <= most) {
    return state;
  }
  const reading = tab === state.active && !following.value ? readReading() : undefined;
  const side = message.type === "older" ? "newest" : message.type === "newer" ? "oldest" : undefined;
  return boundView(state, tab, most, reading, side);
}

/** Shows another tab without waiting for a frame: the next key may be typed before it. */
function bringToFront(): void {
  save({ tab: received.active }); // a panel in the editor area comes back with it
  view.value = received;
}

function schedule(): void {
  if (frame === 0) {
    frame = requestAnimationFrame(() => {
      frame = 0;
      view.value = received;
    });
  }
}
