/** What views are told of the commands of a tab. */

/** A command that goes on in the background, beside the turns of its tab. */
export type JobState = {
  readonly id: string;
  /** Shortened, on one line. */
  readonly command: string;
  readonly startedAt: number;
  /** How it has ended, in a few words (`exit 0`). Absent while it runs. */
  readonly end?: string;
};

/** A command that runs in front while messages wait for the end of its step. */
export type Behind = {
  readonly callId: string;
  /** When it moves to the background by itself, in ms by the host's clock. Absent: only the person can move it. */
  readonly movesAt?: number;
};
