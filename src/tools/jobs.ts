/** The commands of one tab: one runs in front, as a call of the agent; any number go on in the background as jobs. */
import { createBoundedText } from "./bounded-text";
import type { CommandResult, CommandStart, Job, JobEnd, JobStopper, Jobs, Mover, Outcome, Workspace } from "./types";

/** As node-run.ts keeps of a command's output. */
const HEAD_CHARACTERS = 256 * 1_024;
const TAIL_CHARACTERS = 768 * 1_024;

/** How long a command that is to run in the background stays in front: one that fails at once says so at once. */
const START_MS = 1_000;

/** Commands that may run in the background without a person's saying so: more are a mistake, and each keeps up to 2 MiB. */
export const MAX_JOBS = 10;

/** Jobs that have ended and whose output is kept: the newest. */
const KEPT = 20;

/** The longest that `setTimeout` takes: no limit, for the second until the command is a job. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** What the tab that owns the commands does with them. */
export type TabJobs = Jobs & {
  /** The call whose command runs in front and could be moved. One that is being stopped, or was started to go on in the background, is none. */
  readonly inFront: () => string | undefined;
  /** Moves the command of a running call to the background. @returns false when it does not run or is being stopped. */
  readonly move: (callId: string, by?: Exclude<Mover, "agent">) => boolean;
  /** Those that run, and those that have ended without the model knowing. */
  readonly shown: () => readonly Job[];
  /** Those that have ended without the model knowing. */
  readonly untold: () => readonly Job[];
  /** A person waits for the step to end: nothing waits for a job any more. */
  readonly hurry: () => void;
  /** Ends all of them, and starts none any more. Resolves when all have ended. */
  readonly dispose: () => Promise<void>;
};

type OwnJob = Job & { readonly stop: (by: JobStopper | undefined) => void; readonly done: Promise<unknown> };

export function createJobs(tab: {
  readonly now: () => number;
  /** Given to no other job of this tab, also before a restart. */
  readonly newId: () => string;
  /** What views are shown of the jobs is not what it was. */
  readonly changed: () => void;
  /** `inFront` is not what it was. */
  readonly frontChanged: () => void;
  /** Whether a person waits for the step to end. */
  readonly isHurried: () => boolean;
}): TabJobs {
  /** Commands that run as calls. Some servers give several calls one id. */
  const front = new Set<{
    readonly callId: string;
    readonly canMove: () => boolean;
    readonly move: (by: Mover) => boolean;
  }>();
  const watchers = new Set<() => void>();
  const known = new Set<Job>();
  let jobs: readonly OwnJob[] = [];
  let isClosed = false;

  const wake = (): void => {
    for (const watcher of [...watchers]) watcher();
  };

  const changed = (): void => {
    wake();
    if (!isClosed) tab.changed();
  };

  const forgetOld = (): void => {
    const ended = jobs.filter((job) => job.end() !== undefined);
    const old = new Set(ended.slice(0, Math.max(0, ended.length - KEPT)));
    for (const job of old) known.delete(job);
    jobs = jobs.filter((job) => !old.has(job));
  };

  const run = (workspace: Pick<Workspace, "run">, start: CommandStart): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const command = startCommand(workspace, start, tab.now, wake);
      let isInFront = true;
      const leave = (): void => {
        isInFront = false;
        front.delete(here);
        clearTimeout(timer);
        start.signal.removeEventListener("abort", onAbort);
      };
      const isFree = (): boolean => isInFront && !isClosed && !start.signal.aborted;
      const move = (by: Mover): boolean => {
        if (!isFree()) return false;
        leave();
        const job = command.toJob(tab.newId(), () => {
          forgetOld();
          changed();
        });
        jobs = [...jobs, job];
        changed();
        resolve({ kind: "background", job, by });
        return true;
      };
      const goesByItself = start.timeoutMs === undefined;
      const here = { callId: start.callId, move, canMove: () => !goesByItself && isFree() };
      const onAbort = (): void => {
        command.stop();
        tab.frontChanged();
      };
      const timer = goesByItself ? setTimeout(move, start.frontMs ?? START_MS, "agent") : undefined;
      start.signal.addEventListener("abort", onAbort, { once: true });
      front.add(here);
      tab.frontChanged();
      command.done.then(
        (result) => {
          if (!isInFront) return;
          leave();
          tab.frontChanged();
          resolve({ kind: "ended", result });
        },
        (error: unknown) => {
          leave();
          tab.frontChanged();
          reject(error);
        },
      );
    });

  const untold = (): readonly OwnJob[] => jobs.filter((job) => job.end() !== undefined && !known.has(job));

  return {
    run,
    find: (id) => jobs.find((job) => job.id === id),
    list: () => [...jobs.filter((job) => job.end() === undefined), ...jobs.filter((job) => job.end() !== undefined)],
    async stop(job, by) {
      const own = jobs.find((one) => one === job);
      own?.stop(by);
      await own?.done;
    },
    told(job) {
      if (job.end() === undefined || known.has(job)) return;
      known.add(job);
      changed();
    },
    wait: (job, ms, signal, isEnough) =>
      new Promise((resolve) => {
        const isOver = (): boolean =>
          job.end() !== undefined || isEnough() || signal.aborted || isClosed || tab.isHurried();
        const end = (): void => {
          clearTimeout(timer);
          watchers.delete(look);
          signal.removeEventListener("abort", end);
          resolve();
        };
        const look = (): void => {
          if (isOver()) end();
        };
        const timer = setTimeout(end, ms);
        watchers.add(look);
        signal.addEventListener("abort", end, { once: true });
        look();
      }),
    inFront: () => [...front].find((one) => one.canMove())?.callId,
    move: (callId, by = "person") => [...front].some((one) => one.callId === callId && one.move(by)),
    isFull: () => jobs.filter((job) => job.end() === undefined).length >= MAX_JOBS,
    shown: () => jobs.filter((job) => !known.has(job) && job.end()?.stoppedBy !== "person"),
    untold,
    hurry: wake,
    async dispose() {
      isClosed = true;
      wake();
      tab.frontChanged();
      for (const job of jobs) job.stop(undefined);
      await Promise.all(jobs.map((job) => job.done));
    },
  };
}

type Command = {
  readonly done: Promise<CommandResult>;
  readonly stop: () => void;
  /** From now on there is no time limit, and what it prints is no longer the call's. */
  readonly toJob: (id: string, ended: () => void) => OwnJob;
};

function startCommand(
  workspace: Pick<Workspace, "run">,
  start: CommandStart,
  now: () => number,
  printed: () => void,
): Command {
  const { command, cwd, timeoutMs = NO_LIMIT_MS, sandboxed, withheld } = start;
  const startedAt = now();
  const output = createBoundedText(HEAD_CHARACTERS, TAIL_CHARACTERS);
  const [stop, untimed] = [new AbortController(), new AbortController()];
  if (start.signal.aborted) stop.abort();
  const onOutput = (text: string): void => {
    output.push(text);
    if (untimed.signal.aborted) printed();
    else start.onOutput(text);
  };
  const done = workspace.run(command, {
    cwd,
    timeoutMs,
    untimed: untimed.signal,
    signal: stop.signal,
    onOutput,
    sandboxed,
    ...(withheld === undefined ? {} : { withheld }),
  });
  return {
    done,
    stop: () => stop.abort(),
    toJob(id, ended) {
      untimed.abort();
      let end: JobEnd | undefined;
      let stoppedBy: JobStopper | undefined;
      let seen = 0;
      const settle = (result: CommandResult): void => {
        end = { result, endedAt: now(), ...(stoppedBy === undefined ? {} : { stoppedBy }) };
        ended();
      };
      return {
        id,
        command,
        startedAt,
        output,
        end: () => end,
        seen: () => seen,
        look() {
          const from = seen;
          seen = output.length();
          return { text: output.since(from), firstLine: output.lineAt(from) };
        },
        stop(by) {
          if (end !== undefined || stop.signal.aborted) return;
          stoppedBy = by;
          stop.abort();
        },
        done: done.then(settle, (error: unknown) =>
          settle({ kind: "failed-to-start", output: "", droppedBytes: 0, message: String(error) }),
        ),
      };
    },
  };
}
