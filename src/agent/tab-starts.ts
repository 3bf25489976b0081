/**
 * How the turns of a tab begin: with a message, with what waits in the queue, or where the last one was left. At the end
 * of a turn that went well the queue starts the next one, if a turn may start then; after a stop or a failure it waits
 * for the person.
 */

import type { TurnEnd } from "../chunks/protocol";
import type { Settings } from "../models/settings";
import type { TurnRecord } from "../store/types";
import { messageOf } from "./error-text";
import { isResumable } from "./restore";
import type { Refused, TabParts } from "./tab-parts";
import type { Taken } from "./tab-queue";
import type { TurnRunner } from "./turn-runner";
import { beginTurn, continueTurn } from "./turn-start";

export type TabStarts = {
  /** What waits in the queue goes before it. While a turn runs the message is queued, or answers the agent's question. */
  readonly send: (text: string, settings: Settings) => void;
  /** Answers the question of the agent that waits, if one does. @returns false when no turn is running: nothing has happened then. */
  readonly enqueue: (text: string) => boolean;
  /** Continues the last turn if it can be continued and none is running. */
  readonly resume: (settings: Settings) => void;
  /**
   * Ends the running turn for this message, which starts the next one. Without an id, or when it was taken already,
   * nothing happens. @returns false when no turn is running: nothing has happened then either.
   */
  readonly sendNow: (id: string | undefined) => boolean;
  /** Starts a turn with this message, or with all, when none is running. */
  readonly sendQueued: (id: string | undefined, settings: Settings) => void;
  /** Ends the running turn. The queue waits then, also what `sendNow` had chosen. */
  readonly stop: () => void;
  /** For the runner, at the end of a turn. */
  readonly next: (end: TurnEnd | undefined, wasStopped: boolean) => boolean;
};

export function createTabStarts(parts: TabParts, runnerOf: () => TurnRunner): TabStarts {
  const { self, queue, turns, jobs, surroundings } = parts;
  /** Chosen by *Send now*, until the turn that runs has ended. */
  let chosen: readonly Taken[] = [];

  /** @param mayBegin why the turn must not begin after all, or nothing; asked while the tab counts as running. */
  const begin = (
    queued: readonly Taken[],
    text: string | undefined,
    mayBegin: () => Promise<string | undefined>,
  ): void => {
    const previous = turns.last();
    const turn: TurnRecord = { id: surroundings.newId(), tabId: parts.tabId, startedAt: surroundings.now() };
    turns.begin(turn);
    if (text !== undefined) self.takeDraft(text);
    const undo = (): void => {
      turns.takeBack(turn, previous);
      putBack(queued);
      if (text !== undefined) self.giveBack(text);
    };
    runnerOf().start(turn, async () => {
      const why = await mayBegin();
      if (why !== undefined) {
        undo();
        parts.out.refused("queue", why);
        return undefined;
      }
      return beginTurn(parts, { words: { queued, text }, turn, previous }).catch((error: unknown) => {
        undo();
        return refuse(parts, text === undefined ? "queue" : "send")(error);
      });
    });
  };

  /** For turns that no person starts: key, trust and settings are what they are now, not what the turn before had. */
  const check = async (): Promise<string | undefined> => {
    const may = await parts.out.mayStart();
    if ("why" in may) return may.why;
    parts.settings.use(may.settings);
    return undefined;
  };

  const enqueue = (text: string): boolean => {
    if (!runnerOf().isRunning()) return false;
    const [ask] = parts.asks.waiting();
    if (ask !== undefined) {
      self.setDraft(""); // no other record goes to the disk with the answer
      if (parts.asks.answer(ask.id, { kind: "answer", choices: [], text })) return true;
    }
    self.takeDraft(text);
    queue.add(text);
    jobs.hurry();
    return true;
  };

  const takeChosen = (): readonly Taken[] => {
    const taken = chosen;
    chosen = [];
    return taken;
  };

  return {
    send(text, settings) {
      if (enqueue(text)) return;
      parts.settings.use(settings);
      begin(asList(queue.take()), text, isChecked);
    },
    enqueue,
    resume(settings) {
      const turn = turns.last();
      if (runnerOf().isRunning() || turn === undefined || !isResumable(turn.endReason)) return;
      parts.settings.use(settings);
      runnerOf().start(turn, () => continueTurn(parts, turn).catch(refuse(parts, "resume")));
    },
    sendNow(id) {
      if (!runnerOf().isRunning()) return false;
      const taken = id === undefined ? undefined : queue.take(id);
      if (taken === undefined) return true;
      chosen = [...chosen, taken];
      runnerOf().supersede();
      return true;
    },
    sendQueued(id, settings) {
      if (runnerOf().isRunning()) return;
      const taken = queue.take(id);
      if (taken === undefined) return;
      parts.settings.use(settings);
      begin([taken], undefined, isChecked);
    },
    stop() {
      putBack(takeChosen());
      runnerOf().stop();
    },
    next(end, wasStopped) {
      const now = takeChosen();
      if (end === undefined) {
        putBack(now);
        return false;
      }
      const queued = now.length > 0 || end !== "done" || wasStopped ? now : asList(queue.take());
      if (queued.length > 0) begin(queued, undefined, check);
      return queued.length > 0;
    },
  };
}

/** Whoever calls has checked it and gives the settings. */
const isChecked = async (): Promise<undefined> => undefined;

function putBack(queued: readonly Taken[]): void {
  for (const taken of queued.toReversed()) taken.putBack();
}

function asList(taken: Taken | undefined): readonly Taken[] {
  return taken === undefined ? [] : [taken];
}

function refuse({ out }: TabParts, what: Refused): (error: unknown) => never {
  return (error) => {
    out.refused(what, `Something went wrong inside Dispatch: ${messageOf(error)}`);
    throw error;
  };
}
