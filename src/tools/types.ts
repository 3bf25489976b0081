/** What a tool is, and the small world that it may touch. One file per tool beside this one. */
import type { Ask, AskAnswer } from "../chunks/ask";
import type { Effect } from "../chunks/effect";
import type { Subject } from "../chunks/protocol";
import type { ImageType } from "../chunks/rows";
import type { BoundedText } from "./bounded-text";
import type { FileKind } from "./file-kinds";
import type { ImageSize } from "./image-size";
import type { Web } from "./web/types";

/** What a call would do, established before it is decided. */
export type { Effect };

/** A JSON Schema as the Messages API takes it. Key order matters: it is part of the cached prefix. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Either the plan of a call (what it would do, and the exact act), or the error that the model gets instead. */
export type Prepared =
  | {
      readonly ok: true;
      readonly effect: Effect;
      /** What the card shows: exactly what `run` will do. */
      readonly subject: Subject;
      /** The whole old and new text of an edit, for the editor's own diff view and for taking it back. */
      readonly texts?: EditTexts;
      /** While it runs, the person may move it to the background. */
      readonly movable?: boolean;
      readonly run: (context: RunContext) => Promise<ToolOutput>;
    }
  | {
      readonly ok: false;
      readonly error: string;
      /** The error says something of what is in a file: it is told only if no rule withholds one of these, real and absolute. */
      readonly tells?: readonly string[];
    };

export type EditTexts = {
  readonly before: string;
  readonly after: string;
  /** There was no file before. */
  readonly created?: true;
  /** Of the file; absent: UTF-8. */
  readonly encoding?: Encoding;
};

export type RunContext = {
  readonly signal: AbortSignal;
  /** Called with what a running command prints, as it comes. */
  readonly onOutput: (text: string) => void;
  readonly callId: string;
  /** The commands of this tab. */
  readonly jobs: Jobs;
  /** How long a command may run whose call names no limit: what the person has set. */
  readonly commandSeconds: number;
  /** The whole of an output of this chat that was cut, by the id in its notice. */
  readonly wholeOutput: (id: string) => Promise<string | undefined>;
  /** @returns why the model can't be given an image of so many bytes, as a sentence. */
  readonly noImage: (bytes: number) => string | undefined;
  /**
   * Whether what is in a file may come in beside what the call is about (finds of a search, problems of other files): not
   * when a rule withholds it. Real and absolute.
   */
  readonly mayRead: (path: string) => boolean;
  /** A command is to run in the sandbox of the system. */
  readonly sandboxed: boolean;
  /** What rules withhold from a command in the sandbox; absent where none does. */
  readonly withheld?: Withheld;
  /** Whether the model knows this tool: a tab keeps the tools that it began with. */
  readonly offers: (tool: string) => boolean;
  /** Asks the person. Resolves with the answer, or with `stopped` when the turn ends before one came. */
  readonly ask: (ask: Omit<Ask, "id" | "callId">) => Promise<AskAnswer | { readonly kind: "stopped" }>;
};

export type ToolOutput = {
  /** The whole output; the loop truncates it for the model (see truncate.ts). */
  readonly text: string;
  readonly isError: boolean;
  /** A few words for the card: `exit 0`, `+12 −3`, `120 lines`. */
  readonly summary: string;
  /** For tools that page by themselves and may give the model more than the default of truncate.ts. */
  readonly limits?: OutputLimits;
  /** The command goes on in the background: a stop of the turn that comes now does not concern it. */
  readonly goesOn?: boolean;
  /** For the model beside the text. Not larger than `noImage` was asked about. */
  readonly image?: ToolImage;
  /** What an edit has left: the text, which may not be the planned one, and the lines that it counts. */
  readonly edit?: { readonly after: string; readonly added: number; readonly removed: number };
  /** The person has not answered, so nothing has happened: when Dispatch is being closed, it is asked anew later. */
  readonly unanswered?: boolean;
};

export type ToolImage = ImageSize & { readonly bytes: Uint8Array; readonly mediaType: ImageType };

/** How much of an output the model gets. `characters` are UTF-16 units. */
export type OutputLimits = { readonly characters: number; readonly lines: number };

/** What the chat itself has to offer to a tool. */
export type Around = {
  /** Absent: none of the servers of this chat can search. */
  readonly search?: SearchService | undefined;
};

export type SearchService = {
  /** Where the words go. */
  readonly url: string;
  readonly host: string;
  /** Whose server it is, in words. */
  readonly label: string;
  /** Ends with the turn. @param onText is told what is written of what was found, as it comes. */
  readonly search: (query: string, onText: (text: string) => void) => Promise<SearchReply>;
};

export type SearchReply =
  | { readonly kind: "found"; readonly found: readonly SearchFound[]; readonly text: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "stopped" };

export type SearchFound = { readonly title: string; readonly url: string; readonly age?: string };

export type Tool = {
  readonly name: string;
  /** Written for the model: what it does, when to use it, its limits. */
  readonly description: string;
  readonly schema: JsonSchema;
  /** Calls of these tools may run together. */
  readonly readOnly: boolean;
  /** Does nothing but ask: a call without a result was not answered, and can be asked again. */
  readonly asksPerson?: boolean;
  /** What the call is about, for its card, from arguments that may still be incomplete: a path, a command. */
  readonly about: (args: Readonly<Record<string, unknown>>) => string;
  /**
   * Looks, but changes nothing. `args` fits `schema`. Reads what it needs to show the person what would happen.
   * @throws only on a bug; what the model can mend is `{ok: false}`.
   */
  readonly prepare: (
    args: Readonly<Record<string, unknown>>,
    workspace: Workspace,
    around?: Around,
  ) => Promise<Prepared>;
};

export type Entry = {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly size: number;
};

/** What can be written back as it was. */
export type Encoding = "utf8" | "utf8-bom" | "utf16le";

export type FileRead =
  | {
      readonly kind: "text";
      readonly text: string;
      readonly encoding: Encoding;
      readonly stamp: string;
      /** It is open in the editor with changes that are not on disk: `text` is the editor's. */
      readonly unsaved?: true;
    }
  | {
      readonly kind: "binary";
      readonly size: number;
      /** What its first bytes say that it is. */
      readonly is?: FileKind;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "folder" }
  | { readonly kind: "too-large"; readonly size: number; readonly limit: number }
  | { readonly kind: "error"; readonly message: string };

export type FileWrite =
  | {
      readonly kind: "written";
      /** What is there now, where saving has changed it further: the person's formatter. */
      readonly text?: string;
      /** The change stands in the editor and not on disk. */
      readonly unsaved?: true;
    }
  /** The file is not what `expected` says any more; nothing was written. */
  | { readonly kind: "changed" }
  /** It is open in the editor with unsaved changes; nothing was written. */
  | { readonly kind: "unsaved" }
  | { readonly kind: "error"; readonly message: string };

export type Resolved = {
  /** Real, absolute: links of the existing part are followed. */
  readonly path: string;
  /** As it was written, absolute, where links lead elsewhere. */
  readonly given?: string;
  /** As shown to the person: relative to the workspace folder when inside. */
  readonly shown: string;
  readonly inside: boolean;
  readonly guarded?: string;
};

export type CommandResult = {
  readonly kind: "exited" | "timeout" | "cancelled" | "failed-to-start";
  readonly exitCode?: number;
  readonly signal?: string;
  readonly output: string;
  /** Bytes dropped from the middle of `output`, to bound memory. */
  readonly droppedBytes: number;
  readonly message?: string;
};

export type RipgrepOptions = {
  /** A real folder; the paths in the arguments are relative to it. */
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What it prints, as it comes. `false`: that was enough, it is ended. */
  readonly onBytes: (bytes: Uint8Array) => boolean;
};

export type RipgrepEnd =
  /** `exitCode` 0: something was found; 1: nothing; 2: `errors` says what went wrong, with or without findings. */
  | { readonly kind: "ended"; readonly exitCode: number; readonly errors: string }
  | { readonly kind: "enough" | "timeout" | "cancelled" }
  /** There is no ripgrep on this machine. */
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly message: string };

/** The shell that runs commands, as far as a decision needs to know it. */
export type ShellInfo = {
  readonly language: "bash" | "sh" | "powershell";
  /**
   * Why it is not certain that the word starts the system's program of that name, or the shell's own; undefined where it
   * is. A clause without a full stop.
   */
  readonly doubt: (name: string, isBuiltin: boolean) => string | undefined;
};

/** Something that a language service has found in a file. `line` and `column` from 1. */
export type Problem = {
  /** As the workspace shows it. */
  readonly path: string;
  /** Absolute, as the editor names the file, and really. Rules count for both. */
  readonly file: string;
  readonly real: string;
  readonly line: number;
  readonly column: number;
  readonly severity: "error" | "warning" | "info" | "hint";
  readonly message: string;
  readonly source?: string;
  readonly code?: string;
};

/** The language services of an editor. Paths are real. */
export type Diagnostics = {
  /** What is known now of a file, or of all files in a folder. */
  list(path: string): readonly Problem[];
  /**
   * Has the services look at a file, if they have not yet. Resolves when they have settled, after two seconds at most.
   * @returns whether they are known to have looked at it: what is listed later is new then.
   */
  look(path: string, signal: AbortSignal): Promise<boolean>;
  /** Listens to what they say of a file; `wait` resolves when they have settled since, after two seconds at most, with whether they spoke of it. */
  watch(path: string): { wait(signal: AbortSignal): Promise<boolean>; dispose(): void };
};

/** The workspace as the tools see it: a folder on disk, or the same through an editor. */
export interface Workspace {
  /** Real path of the workspace folder. */
  readonly root: string;
  /** @returns a sentence for the model when the path can't be used at all (NUL byte, reserved name). */
  resolve(path: string): Promise<Resolved | { readonly error: string }>;
  read(path: string): Promise<FileRead>;
  /**
   * On disk atomic (temp file and rename); in an editor through its document, so that it can be undone there.
   * @param expected the stamp of the text that the person was shown; `null`: the file must not exist.
   */
  write(path: string, text: string, encoding: Encoding, expected: string | null): Promise<FileWrite>;
  /** Absent where there is no editor. */
  readonly diagnostics?: Diagnostics;
  /** Deletes a file that is what `expected` says, to the trash where there is one. */
  remove(path: string, expected: string): Promise<FileWrite>;
  /** The bytes of a file as it is on disk, if it has no more than `limit`. */
  readBytes(path: string, limit: number): Promise<Uint8Array | { readonly error: string }>;
  list(path: string): Promise<readonly Entry[] | { readonly error: string }>;
  /** What is there, links not followed. */
  look(path: string): Promise<Entry["kind"] | "missing">;
  /** When each was changed last, in ms since 1970; 0 where that can't be told. Links are not followed. */
  changedAt(paths: readonly string[]): Promise<readonly number[]>;
  /** Runs ripgrep with these arguments, behind which there is no shell. It follows no links. */
  ripgrep(args: readonly string[], options: RipgrepOptions): Promise<RipgrepEnd>;
  readonly web: Web;
  /** Asked at each command: the environment may have changed. */
  shell(): ShellInfo;
  /** Runs in its own process group; the whole group is killed on abort and on timeout. */
  run(command: string, options: RunOptions): Promise<CommandResult>;
}

export type RunOptions = {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Once aborted, the time limit does not count any more. */
  readonly untimed?: AbortSignal;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  /** In the sandbox of the system. Where there is none, nothing is run. */
  readonly sandboxed?: boolean;
  /** What can't be read there beside what the sandbox itself withholds. */
  readonly withheld?: Withheld;
};

/** Files and folders that a rule withholds. Paths are real and absolute. */
export type Withheld = {
  /** Whether one within the workspace is among them. */
  readonly has: (path: string) => boolean;
  /** Those outside of it, where the rule names one. */
  readonly outside: readonly string[];
};

/** A sandbox of the operating system: only the workspace folder can be written in it, and there is no network. */
export type Sandbox = {
  /** @returns what runs these words in the sandbox, or why it can't, in one sentence. */
  readonly wrap: (argv: readonly string[], withheld?: Withheld) => Promise<Wrapped | { readonly error: string }>;
};

export type Wrapped = {
  /** For `/bin/sh -c`, in the folder that the command is to run in. */
  readonly script: string;
  /** Variables that it needs beside the usual ones. */
  readonly env: Readonly<Record<string, string>>;
  /** To be called once, when it has ended or was not started. */
  readonly release: () => void;
};

/** A command that goes on in the background. Belongs to its tab, and ends with it at the latest. */
export type Job = {
  readonly id: string;
  readonly command: string;
  /** By the host's clock, in ms. */
  readonly startedAt: number;
  /** What it has printed, in bounded memory. */
  readonly output: BoundedText;
  /** Absent while it runs. */
  readonly end: () => JobEnd | undefined;
  /** The offset in the output at which the last look ended. */
  readonly seen: () => number;
  /** The output since the last look and the line that it begins on; the next look begins where this one ends. */
  readonly look: () => { readonly text: string; readonly firstLine: number };
};

export type JobEnd = {
  readonly result: CommandResult;
  readonly endedAt: number;
  readonly stoppedBy?: JobStopper;
};

export type JobStopper = "agent" | "person";

/** Why a command goes on in the background: the agent wanted it, the person did, or a message of the person waited behind it. */
export type Mover = "agent" | "person" | "message";

/** What a command that was started has come to. */
export type Outcome =
  | { readonly kind: "ended"; readonly result: CommandResult }
  | { readonly kind: "background"; readonly job: Job; readonly by: Mover };

export type CommandStart = {
  readonly command: string;
  readonly cwd: string;
  /** Absent: the command goes to the background by itself when it has not ended after `frontMs`. */
  readonly timeoutMs?: number;
  /** Absent: a second. */
  readonly frontMs?: number;
  /** Ends the command while it is in front. */
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  readonly callId: string;
  readonly sandboxed: boolean;
  readonly withheld?: Withheld;
};

/** The commands of one tab, as its tools see them. */
export type Jobs = {
  /** Resolves when the command has ended or was moved to the background. */
  readonly run: (workspace: Pick<Workspace, "run">, start: CommandStart) => Promise<Outcome>;
  readonly find: (id: string) => Job | undefined;
  /** Those that run, then those whose output is still kept. */
  readonly list: () => readonly Job[];
  /** As many run as may without a person's saying so. */
  readonly isFull: () => boolean;
  /** Ends a job with its whole process group. Resolves when it has ended. */
  readonly stop: (job: Job, by: JobStopper) => Promise<void>;
  /** The model knows how this job has ended. */
  readonly told: (job: Job) => void;
  /** Waits until the job has ended or `isEnough`; not longer than `ms`, and not while a person waits for the step to end. */
  readonly wait: (job: Job, ms: number, signal: AbortSignal, isEnough: () => boolean) => Promise<void>;
};
