/** Runs the turns of one tab, one at a time, each to an end that is in the log before the tab is called idle. */

import { setMaxListeners } from "node:events";
import type { Activity, TurnEnd } from "../chunks/protocol";
import type { Draft, ToolCall } from "../chunks/rows";
import type { TurnRecord } from "../store/types";
import { closing, superseding } from "./closing";
import { stackOf } from "./error-text";
import { crashed, runTurn, type TurnOutcome } from "./turn";
import type { Turn } from "./turn-context";

/** Where a turn begins: 1 and no calls for a new one. */
export type TurnStart = { readonly firstStep: number; readonly openCalls: readonly ToolCall[] };

export type TurnRunner = {
  /**
   * Starts a turn that `prepare` makes ready (its first rows durable). When that gives nothing, or rejects, there is no
   * turn: `prepare` has put everything back and said why. Errors thrown later are bugs or a closed store: this is the border where they become an
   * error row and a line in the log.
   */
  readonly start: (turn: TurnRecord, prepare: () => Promise<TurnStart | undefined>) => void;
  /** Ends the stream, the processes and the questions of the running turn. Idempotent. */
  readonly stop: () => void;
  /** The same for the sake of a message that `next` sends then. */
  readonly supersede: () => void;
  /** The same because Dispatch is being closed: the turn is left so that it can be continued, and no other one follows. */
  readonly interrupt: () => void;
  readonly activity: () => Activity;
  readonly setActivity: (activity: Activity) => void;
  readonly isRunning: () => boolean;
  /** Resolves when the running turn, if there is one, has ended and its rows are durable. */
  readonly settled: () => Promise<void>;
};

export function createTurnRunner(tab: {
  readonly context: (turnId: string, start: TurnStart, signal: AbortSignal) => Turn;
  /** Makes the end of the turn durable, then tells the views. */
  readonly finish: (turn: TurnRecord, outcome: TurnOutcome) => Promise<void>;
  /** The results that the turn lacks, after a bug has cut it short. */
  readonly mend: (turn: TurnRecord) => Promise<readonly Draft[]>;
  /**
   * A turn has ended like this, or `undefined` when it did not begin or its end could not be saved. May start another one.
   * @returns whether it has: the tab does not become idle in between then.
   */
  readonly next: (end: TurnEnd | undefined, wasStopped: boolean) => boolean;
  readonly changed: () => void;
  readonly log: (message: string) => void;
}): TurnRunner {
  let activity: Activity = { kind: "idle" };
  let isClosed = false;
  let running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  const setActivity = (next: Activity): void => {
    activity = next;
    tab.changed();
  };

  const runToEnd = async (
    turn: TurnRecord,
    prepare: () => Promise<TurnStart | undefined>,
    signal: AbortSignal,
  ): Promise<TurnEnd | undefined> => {
    try {
      const start = await prepare();
      if (start === undefined) return undefined;
      const outcome = await runTurn(tab.context(turn.id, start, signal)).catch(async (error: unknown) => {
        tab.log(`a turn failed: ${stackOf(error)}`);
        return crashed(start.firstStep, error, await tab.mend(turn).catch(() => []));
      });
      await tab.finish(turn, outcome);
      return outcome.reason;
    } catch (error) {
      // When even the end can't be written, the store is closed: the turn is found as interrupted at the next start.
      tab.log(`the beginning or the end of a turn was not saved: ${stackOf(error)}`);
      return undefined;
    }
  };

  const abort = (why: DOMException | undefined): void => {
    if (running === undefined || running.abort.signal.aborted) return;
    running.abort.abort(why);
    setActivity({ kind: "stopping" });
  };

  return {
    start(turn, prepare) {
      const abort = new AbortController();
      setMaxListeners(0, abort.signal); // a step may have any number of calls, and each listens
      const done = runToEnd(turn, prepare, abort.signal).then((end) => {
        running = undefined;
        if (isClosed || !tab.next(end, abort.signal.aborted)) setActivity({ kind: "idle" });
      });
      running = { abort, done };
      setActivity({ kind: "waiting" });
    },
    stop: () => abort(undefined),
    supersede: () => abort(superseding),
    interrupt() {
      isClosed = true;
      abort(closing);
    },
    activity: () => activity,
    setActivity: (next) => {
      if (running?.abort.signal.aborted !== true) setActivity(next);
    },
    isRunning: () => running !== undefined,
    settled: () => running?.done ?? Promise.resolve(),
  };
}
