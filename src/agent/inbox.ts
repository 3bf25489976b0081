/** What views and commands ask of a session, and what it does then. */

import { plainLine } from "../chunks/plain-line";
import type { FromView } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import type { Settings } from "../models/settings";
import type { Background } from "./background";
import { actInEditor } from "./editor-acts";
import { closeTab, openInstead, reopenLast } from "./session-close";
import { selectModel } from "./session-models";
import { dropModes, selectMode, tellModes } from "./session-modes";
import { takeOffer, tellOffers } from "./session-offers";
import { tellPicture } from "./session-picture";
import { tellRecent } from "./session-recent";
import type { SessionSetup } from "./session-setup";
import type { Summaries } from "./session-summary";
import type { SessionTabs } from "./session-tabs";
import { tellTurnDetails } from "./session-usage";
import type { Tab } from "./tab";
import type { WindowWish } from "./tab-state";
import type { Surroundings, View } from "./types";
import type { Views } from "./views";

export type SessionParts = {
  readonly surroundings: Surroundings;
  readonly setup: SessionSetup;
  readonly tabs: SessionTabs;
  readonly views: Views;
  readonly background: Background;
  readonly summaries: Summaries;
  /** Bringing conversations back and deleting them: one after the other, each on what the one before has left. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** From here on nothing starts any more. */
  readonly end: () => void;
  readonly hasEnded: () => boolean;
};

export function handle(parts: SessionParts, message: FromView, view: View): void {
  const { surroundings, setup, tabs, views, background } = parts;
  const tab = "tab" in message ? tabs.byId(message.tab) : undefined;
  if ("tab" in message && tab === undefined) {
    surroundings.log("warn", `a message came for a tab that is not open: ${message.type} ${message.tab}`);
    return;
  }
  switch (message.type) {
    case "ready":
      background.run(views.snapshot(view), "a window could not be read");
      break;
    case "sync":
      background.run(views.window(view, message.tab, wishOf(message.after)), "a window could not be read");
      break;
    case "send":
      send(parts, tab, message.text);
      break;
    case "resume":
      background.run(start(parts, message.tab, { what: "resume" }), "a turn could not be continued");
      break;
    case "queueEdit":
      if (message.text.trim() !== "") tab?.queue.edit(message.id, message.text);
      break;
    case "queueRemove":
      tab?.queue.remove(message.id);
      break;
    case "queueMove":
      tab?.queue.move(message.id, message.to);
      break;
    case "sendNow":
      if (tab?.sendNow(message.id) === false)
        background.run(start(parts, message.tab, { what: "queue", id: message.id }), "the queue could not be sent");
      break;
    case "stop":
      tab?.stop();
      break;
    case "selectModel":
      background.run(selectModel(parts, message.tab, message.model), "the model could not be changed");
      break;
    case "modes":
      background.run(tellModes(parts, view), "the modes could not be read");
      break;
    case "selectMode":
      background.run(selectMode(parts, message.tab, message.mode), "the mode could not be changed");
      break;
    case "background":
      if (tab?.jobs.move(message.callId) === false)
        surroundings.log("info", "a call was to go on in the background that is not a command or has ended");
      break;
    case "waitForCommand":
      if (tab?.waitFor(message.callId) === false)
        surroundings.log("info", "a message was to wait for a command that does not run in front any more");
      break;
    case "stopJob":
      background.run(stopJob(tab, message.id), "a background command could not be stopped");
      break;
    case "retryNow":
      tab?.retryNow();
      break;
    case "answer":
      tab?.answer(message.id, message.answer);
      break;
    case "decide":
      tab?.decide(message.id, message.answer);
      break;
    case "undoEdits":
    case "redoEdits":
      background.run(undo(parts, message), "edits could not be undone or redone");
      break;
    case "draft":
      tab?.setDraft(message.text);
      break;
    case "place":
      tab?.setPlace(message.place);
      break;
    case "recent":
      background.run(tellRecent(parts, view), "the recent chats could not be read");
      break;
    case "turnDetails":
      background.run(tellTurnDetails(parts, message, view), "the steps of a turn could not be read");
      break;
    case "picture":
      background.run(tellPicture(parts, message, view), "a picture could not be read");
      break;
    case "offers":
      background.run(tellOffers(parts, view), "it could not be found out what a first chat can begin with");
      break;
    case "takeOffer":
      background.run(takeOffer(parts, message.id), "the settings could not be written");
      break;
    case "openConversation":
      background.run(openInstead(parts, view, message.id), "the chat could not be opened");
      break;
    case "newTab":
      newTab(parts, view);
      break;
    case "closeTab":
      background.run(closeTab(parts, view, message.tab, message.stop === true), "the tab could not be closed");
      break;
    case "reopenTab":
      background.run(reopenLast(parts, view), "the tab could not be opened again");
      break;
    case "renameTab":
      background.run(rename(parts, message.tab, message.title), "the title could not be saved");
      break;
    case "moveTab":
      background.run(move(parts, message.tab, message.before), "the order of the tabs could not be saved");
      break;
    case "selectTab":
      // The view has it in front already and waits for an answer.
      if (views.active(view) === message.tab) views.tabs();
      else select(parts, view, message.tab);
      break;
    case "dismiss":
      setup.dismiss(message.banner);
      background.run(refresh(parts), "the banner could not be put away");
      break;
    case "loadOlder":
      background.run(views.older(view, message.tab, message.before), "older rows could not be read");
      break;
    case "loadNewer":
      background.run(views.newer(view, message.tab, message.after), "newer rows could not be read");
      break;
    case "loadAround":
      background.run(views.window(view, message.tab, { around: message.seq }), "a window could not be read");
      break;
    case "openFile":
    case "openLink":
    case "openDiff":
    case "openChanges":
    case "openOutput":
    case "openTerminal":
    case "openJob":
    case "copy":
    case "insert":
    case "run":
      background.run(actInEditor(message, { surroundings, tab: tabs.byId }), "the editor could not do that");
      break;
    default:
      assertNever(message);
  }
}

const wishOf = (after: number | undefined): WindowWish | undefined => (after === undefined ? undefined : { after });

/** Brings a tab to the front of a view; without one, of the chat. */
export function select({ tabs, views, background, summaries }: SessionParts, view: View | undefined, id: string): void {
  if (tabs.byId(id) === undefined || views.active(view) === id) return;
  background.run(views.select(view, id), "the selected tab could not be shown");
  background.run(tabs.saveActive(), "the selected tab could not be saved");
  summaries.tell();
}

export function newTab(parts: SessionParts, view: View | undefined): void {
  const open = async (): Promise<void> => {
    select(parts, view, (await parts.tabs.create()).id);
    parts.views.focusComposer(view);
  };
  parts.background.run(open(), "a new tab could not be opened");
}

async function undo(
  { tabs, setup }: SessionParts,
  { type, tab, calls }: Extract<FromView, { type: "undoEdits" | "redoEdits" }>,
): Promise<void> {
  const left = await tabs.byId(tab)?.undoEdits(type === "undoEdits" ? "undo" : "redo", calls);
  if (left !== undefined) setup.warn(left);
}

async function stopJob(tab: Tab | undefined, id: string): Promise<void> {
  const job = tab?.jobs.find(id);
  if (job !== undefined) await tab?.jobs.stop(job, "person");
}

/** A title is one line; one of nothing but spaces changes nothing. */
async function rename({ tabs }: SessionParts, id: string, title: string): Promise<void> {
  const line = plainLine(title);
  if (line !== "") await tabs.byId(id)?.rename(line);
}

async function move(
  { surroundings, tabs, views }: SessionParts,
  id: string,
  before: string | undefined,
): Promise<void> {
  const ops = tabs.move(id, before);
  if (ops.length === 0) return;
  views.tabs();
  await surroundings.store.write(ops);
}

export async function refresh(parts: SessionParts): Promise<void> {
  const { surroundings, setup, views } = parts;
  surroundings.keys.wake();
  await setup.refresh();
  await dropModes(parts);
  views.tabs();
}

/** While a turn runs the text is queued. Else it is the draft until its turn has begun: whatever comes between, it is in the box. */
function send(parts: SessionParts, tab: Tab | undefined, text: string): void {
  if (tab === undefined) return;
  if (text.trim() === "") {
    parts.surroundings.log("info", "a message without any text was dropped");
    return;
  }
  tab.setDraft(text);
  if (!tab.enqueue(text))
    parts.background.run(start(parts, tab.id, { what: "send", text }), "a message could not be sent");
}

/** What a turn is to begin with. */
type Wish =
  | { readonly what: "send"; readonly text: string }
  | { readonly what: "resume" }
  /** Without an id: all messages that wait. */
  | { readonly what: "queue"; readonly id: string | undefined };

/** Starts a turn, or continues one; or says in one sentence why that can't be. */
async function start({ setup, tabs, views, hasEnded }: SessionParts, id: string, wish: Wish): Promise<void> {
  const may = await setup.mayStart(tabs.byId(id)?.ownModels() ?? {});
  const tab = tabs.byId(id); // the one of now: the tabs may have been read again meanwhile
  if (tab === undefined || hasEnded()) return;
  if ("why" in may) {
    if (wish.what === "send") tab.giveBack(wish.text);
    setup.refuse(wish.what, may.why);
  } else {
    startNow(tab, wish, may.settings);
  }
  views.all({ type: "tab", tab: tab.state() });
}

function startNow(tab: Tab, wish: Wish, settings: Settings): void {
  switch (wish.what) {
    case "send":
      tab.send(wish.text, settings);
      break;
    case "resume":
      tab.resume(settings);
      break;
    case "queue":
      tab.sendQueued(wish.id, settings);
      break;
    default:
      assertNever(wish);
  }
}
