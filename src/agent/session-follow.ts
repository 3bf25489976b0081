/** What a session does when the log changes under it: another window writes, or this one becomes the writer. */
import { assertNever } from "../chunks/rows";
import type { Change, Op, Store } from "../store/types";
import type { SessionParts } from "./inbox";
import type { SessionTabs } from "./session-tabs";
import type { Surroundings } from "./types";

/** Changes wait from the beginning, so that none falls between reading the tabs and following them. */
export type Following = {
  readonly start: (parts: SessionParts) => void;
  readonly dispose: () => void;
};

export function createFollowing({ store }: Surroundings): Following {
  const wasWriter = store.state.kind === "writer";
  const early: Change[] = [];
  let take = (change: Change): void => void early.push(change);
  const offChange = store.onChange((change) => take(change));
  let offState = (): void => undefined;
  let before: Promise<void> = Promise.resolve();

  /** One after the other, each on what the one before has left. */
  const enqueue = (parts: SessionParts, work: () => Promise<void>): void => {
    const done = before.then(work);
    before = done.catch(() => undefined);
    parts.background.run(done, "the chats could not be read again");
  };

  return {
    start(parts) {
      take = (change) => enqueue(parts, () => takeOver(parts, change));
      for (const change of early.splice(0)) take(change);
      const follow = followState(parts, store, wasWriter, (work) => enqueue(parts, work));
      if (!wasWriter) follow();
      offState = store.onState(follow);
    },
    dispose() {
      offChange();
      offState();
    },
  };
}

/**
 * Tells the views what becomes of the store. When it can be written for the first time, the tabs are read again: as a
 * writer reads them, mended and with their true ends.
 */
function followState(
  { setup, tabs, views }: SessionParts,
  store: Store,
  wasWriter: boolean,
  enqueue: (work: () => Promise<void>) => void,
): () => void {
  let isMended = wasWriter;
  return () => {
    const { kind } = store.state;
    const mustLoad = kind === "writer" && !isMended;
    isMended = kind === "writer" || (isMended && kind === "blocked");
    enqueue(async () => {
      if (mustLoad) await tabs.loadAgain();
      await setup.refresh();
      if (mustLoad) await views.snapshotAll();
    });
  };
}

async function takeOver(parts: SessionParts, change: Change): Promise<void> {
  if (parts.hasEnded() || parts.surroundings.store.state.kind === "writer") return; // then all is read again anyway
  switch (change.kind) {
    case "ops":
      return takeOps(parts, change.ops);
    case "tabs":
      return reconcile(parts, false);
    case "all":
      return reconcile(parts, true);
    default:
      return assertNever(change);
  }
}

async function takeOps(parts: SessionParts, ops: readonly Op[]): Promise<void> {
  const { tabs, views, summaries } = parts;
  const byTab = new Map<string, readonly Op[]>();
  for (const op of ops) {
    const id = tabOf(op);
    if (id !== undefined) byTab.set(id, [...(byTab.get(id) ?? []), op]);
  }
  const places = orderOf(tabs);
  let hasNew = false;
  for (const [id, own] of byTab) {
    const tab = tabs.byId(id);
    if (tab === undefined) hasNew = true;
    else await tab.follow(own);
  }
  tabs.sort();
  if (hasNew) await reconcile(parts, false);
  else if (orderOf(tabs) !== places) views.tabs();
  summaries.tell();
}

async function reconcile({ tabs, views, summaries }: SessionParts, anew: boolean): Promise<void> {
  const gone = await tabs.reconcile(anew);
  for (const { tab } of gone) {
    const neighbour = tabs.neighbour(tab.id) ?? (await tabs.create()).id;
    tabs.remove(tab.id, Promise.resolve());
    await views.leave(tab.id, neighbour);
  }
  for (const { draft } of gone) if (draft !== undefined) tabs.byId(tabs.active())?.giveBack(draft.text);
  if (anew) await views.snapshotAll();
  else views.tabs();
  summaries.tell();
}

/** What concerns no tab has none. */
function tabOf(op: Op): string | undefined {
  switch (op.op) {
    case "rows":
      return op.rows[0]?.tabId;
    case "tab":
      return op.tab.id;
    case "turn":
      return op.turn.tabId;
    case "request":
      return op.request.tabId;
    case "approval":
      return op.approval.tabId;
    case "prompt":
    case "setting":
      return undefined;
    default:
      return assertNever(op);
  }
}

function orderOf(tabs: SessionTabs): string {
  return tabs
    .states()
    .map(({ id }) => id)
    .join(" ");
}
