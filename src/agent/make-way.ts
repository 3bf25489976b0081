/**
 * A command that runs in front holds up the messages that are queued behind it. After a grace it makes way: it goes on in
 * the background, so that its step can end and the agent reads them. A person can move it at once, or wait for it.
 */
import type { Behind } from "../chunks/protocol";
import type { TabJobs } from "../tools/jobs";

export type MakeWay = {
  /** What views are told: what the queue waits behind, when that is a command. */
  readonly shown: () => Behind | undefined;
  /** To be called when anything that it depends on has changed. @returns whether views are to be told something else than at the last look. */
  readonly look: () => boolean;
  /** The person waits for this command, as long as it runs. @returns false when it does not run in front. */
  readonly waitFor: (callId: string) => boolean;
};

/** The countdown belongs to one command: it begins when a message waits and the command runs, and ends with either. */
type Clock = { readonly callId: string; readonly movesAt: number; readonly cancel: () => void };

export function createMakeWay(tab: {
  readonly jobs: Pick<TabJobs, "inFront" | "move" | "isFull">;
  /** Whether a message waits in the queue. */
  readonly hasMessage: () => boolean;
  /** Whether the step waits for an answer of the person: it would not end without the command either. */
  readonly hasQuestion: () => boolean;
  /** 0: no command is moved by itself. */
  readonly graceMs: () => number;
  readonly now: () => number;
  /** Acts once after so many ms. @returns what cancels it. */
  readonly after: (ms: number, act: () => void) => () => void;
  /** What views are told is not what it was, and nothing else that they are told of has changed. */
  readonly changed: () => void;
}): MakeWay {
  const { jobs } = tab;
  let clock: Clock | undefined;
  /** The call whose command the person waits for. */
  let awaited: string | undefined;
  let told: Behind | undefined;

  const blocking = (): string | undefined => (tab.hasMessage() ? jobs.inFront() : undefined);

  /** The command that is to be moved by itself, if there is one. */
  const leaving = (): string | undefined => {
    const callId = blocking();
    const stays = callId === awaited || tab.hasQuestion() || jobs.isFull();
    return callId === undefined || stays || tab.graceMs() === 0 ? undefined : callId;
  };

  const fire = (callId: string): void => {
    clock = undefined;
    const isMoved = leaving() === callId && jobs.move(callId, "message");
    if (!isMoved && look()) tab.changed();
  };

  const start = (callId: string): Clock => {
    const ms = tab.graceMs();
    return { callId, movesAt: tab.now() + ms, cancel: tab.after(ms, () => fire(callId)) };
  };

  const shown = (): Behind | undefined => {
    const callId = blocking();
    if (callId === undefined) return undefined;
    return clock?.callId === callId ? { callId, movesAt: clock.movesAt } : { callId };
  };

  const look = (): boolean => {
    const callId = leaving();
    if (callId !== clock?.callId) {
      clock?.cancel();
      clock = callId === undefined ? undefined : start(callId);
    }
    const before = told;
    told = shown();
    return before?.callId !== told?.callId || before?.movesAt !== told?.movesAt;
  };

  return {
    shown,
    look,
    waitFor(callId) {
      if (jobs.inFront() !== callId) return false;
      awaited = callId;
      if (look()) tab.changed();
      return true;
    },
  };
}
