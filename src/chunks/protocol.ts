/**
 * The panel's protocol: what a view gets and what a view may send. One transport is postMessage to the webview,
 * another is JSON lines over stdio (src/headless.ts). Commands get no replies: their effects come back as events.
 * Described message by message in docs/PROTOCOL.md.
 */
import type { ApprovalAnswer, ApprovalCard } from "./approval-card";
import type { Ask, AskAnswer } from "./ask";
import type { Behind, JobState } from "./job-state";
import type { Mode, ModeOffer } from "./modes";
import type { ErrorAction, Row } from "./rows";
import type { TodoItem } from "./todo";

export type { ApprovalAnswer, ApprovalCard, DiffLine, Subject } from "./approval-card";
export type { Behind, JobState } from "./job-state";

// ---- state that the view shows ---------------------------------------------------------------------------------

export type TabStatus = "idle" | "running" | "needs-approval" | "error";

/** A model by the names of the settings: the id of a key, what its server calls the model, how hard it is to think. */
export type ModelName = { readonly key: string; readonly model: string; readonly effort?: string };

/** A message that waits for its turn. Changed and taken back by its id until it is delivered. */
export type QueuedMessage = { readonly id: string; readonly text: string; readonly createdAt: number };

/** One conversation in the history list, open or closed. Everything but the title is derived from its rows. */
export type HistoryEntry = {
  readonly id: string;
  readonly title: string;
  /** How the person's first message begins, on one line. */
  readonly firstWords: string;
  readonly createdAt: number;
  /** When its newest row was written; without rows, when it was created. */
  readonly lastAt: number;
  /** Absent while the tab is open. */
  readonly closedAt?: number;
  readonly steps: number;
  readonly usage: Usage;
  /** US dollars, when each of its models has a price. */
  readonly cost?: number;
};

/** A conversation that an empty tab offers to go on with. */
export type RecentChat = Pick<HistoryEntry, "id" | "title" | "lastAt" | "cost">;

/** The row at the upper edge of what is read, and how many pixels below that edge it begins (above: negative). */
export type ReadingPlace = { readonly seq: number; readonly offset: number };

/** What the agent of a tab is doing right now, for the status line. */
export type Activity =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting" } // the request is out, nothing has come back
  | { readonly kind: "streaming" }
  | { readonly kind: "tools" }
  | { readonly kind: "approval" }
  | { readonly kind: "retrying"; readonly until: number; readonly attempt: number; readonly reason: string }
  | { readonly kind: "stopping" };

export type TabState = {
  readonly id: string;
  readonly title: string;
  readonly status: TabStatus;
  readonly activity: Activity;
  /** The text in the composer, kept over reloads and restarts. */
  readonly draft: string;
  /** Messages that wait for the next step, in order. When nothing runs they wait for the person. Each is durable. */
  readonly queue: readonly QueuedMessage[];
  /** The model that the next step asks, with its effort where one is chosen. */
  readonly modelLabel: string;
  /** What may happen without a question from the next call on. */
  readonly mode: Mode;
  /** Tokens of the last request and its answer, and the model's window where it is known. */
  readonly context?: { readonly tokens: number; readonly window?: number };
  /** Another window runs the turn: it can't be stopped from here. */
  readonly elsewhere?: boolean;
  /** Commands in the background: those that run, and those that have ended without the agent knowing yet. */
  readonly jobs?: readonly JobState[];
  /** The command that the queue waits behind, when it is one. */
  readonly behind?: Behind;
  /** What the agent asks, in order. `answer` answers one; a message that is sent meanwhile answers the first. */
  readonly asks?: readonly Ask[];
  /** The agent's task list, as long as it says something. */
  readonly todo?: readonly TodoItem[];
  /** A turn has ended while no view showed this tab. */
  readonly unread?: boolean;
  /** Where a view has read the tab last, for views that don't know better. Absent: at the end. */
  readonly place?: ReadingPlace;
  /** Whether `resume` would continue the last turn (it failed, reached a limit or was interrupted). */
  readonly resumable?: boolean;
  /** The last turn was cut by a crash or a restart: the sentence that says so. */
  readonly unfinished?: { readonly turnId: string; readonly message: string };
};

/** One line under a finished turn. Tokens: `read` from the cache, `written` to it, `fresh` neither. */
export type TurnSummary = {
  readonly turnId: string;
  readonly steps: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly endReason: TurnEnd;
  readonly usage: Usage;
  /** US dollars, when each of its models has a price. */
  readonly cost?: number;
  /** How many of its requests did not find in the cache what they should have. Absent: none. */
  readonly missed?: number;
  /** Absent: none. */
  readonly files?: readonly ChangedFile[];
};

/** A file that the edits of a turn have changed. */
export type ChangedFile = {
  readonly path: string;
  /** There was none before. */
  readonly created?: true;
  /** Lines, of all edits together. */
  readonly added: number;
  readonly removed: number;
  /** The calls that have edited it, in order, and those of them that were undone. */
  readonly calls: readonly string[];
  readonly undone: readonly string[];
};

/** One request of a turn: what it read, wrote and cost. */
export type StepUsage = {
  readonly turnId: string;
  readonly step: number;
  /** From 1; above 1 when the requests before it failed. */
  readonly attempt: number;
  readonly startedAt: number;
  /** Its id in the settings. */
  readonly key: string;
  readonly model: string;
  readonly outcome: "ok" | "error" | "aborted";
  /** It was made beside the conversation: a web search. */
  readonly side?: "search";
  /** Absent when the server had not begun to answer. */
  readonly usage?: Usage;
  /** US dollars, when the model has a price. */
  readonly cost?: number;
  /** Tokens that it should have read from the cache; absent when there was nothing to read. */
  readonly expectedRead?: number;
  /** Why it has read less: one short sentence. */
  readonly missed?: string;
};

export type TurnEnd =
  | "done"
  | "cancelled"
  | "error"
  | "refusal"
  | "max_tokens"
  | "max_steps"
  | "max_cost"
  | "interrupted";

export type Usage = {
  readonly fresh: number;
  readonly read: number;
  readonly written: number;
  readonly output: number;
};

/** A block that is still streaming. Not a row: it vanishes when its step is sealed or its attempt is discarded. */
export type LiveBlock =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thinking"; readonly text: string }
  | { readonly kind: "tool"; readonly callId: string; readonly name: string; readonly argumentsText: string };

export type LiveTool = {
  readonly callId: string;
  readonly state: "pending" | "running";
  readonly startedAt: number;
  /** The last part of what a running command has printed, bounded. */
  readonly output: string;
  /** `background` moves it to the background. */
  readonly movable?: boolean;
};

/** The live tail of a tab: the step that streams, and the calls that wait or run. */
export type Live = {
  readonly turnId: string;
  readonly step: number;
  readonly startedAt: number;
  readonly blocks: readonly LiveBlock[];
  readonly tools: readonly LiveTool[];
};

export type LiveEvent =
  | { readonly kind: "begin"; readonly turnId: string; readonly step: number; readonly startedAt: number }
  | { readonly kind: "block"; readonly index: number; readonly block: LiveBlock }
  | { readonly kind: "delta"; readonly index: number; readonly text: string }
  /** The attempt failed: its blocks leave nothing behind. */
  | { readonly kind: "discard" }
  | { readonly kind: "tool"; readonly tool: LiveTool }
  | { readonly kind: "output"; readonly callId: string; readonly text: string }
  | { readonly kind: "end" };

// ---- the surroundings ------------------------------------------------------------------------------------------

/** A line above the composer that stays until its cause is gone. */
export type Banner = {
  readonly id: string;
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** The person may put it away for this session. */
  readonly dismissible?: boolean;
  readonly action?: { readonly label: string; readonly command: BannerCommand };
};

export type BannerCommand =
  | ErrorAction
  | "open-folder"
  | "manage-trust"
  | "search-history"
  | "bring-history"
  | "take-over"
  | "select-model";

/** Something without a key that a first chat can begin with: a model server on this machine, the editor's own models. */
export type Offer = {
  readonly id: string;
  readonly label: string;
  /** Its first model, and how many more there are. */
  readonly detail: string;
};

export type Setup = {
  /** Without a usable key the empty state shows the one step to take. */
  readonly key:
    | { readonly kind: "ready" }
    | { readonly kind: "missing"; readonly keyId: string }
    | { readonly kind: "settings"; readonly message: string };
  readonly demo: boolean;
  readonly folder?: string;
  /** Why no edit can be undone or redone from this window now, in one sentence. */
  readonly noUndo?: string;
  readonly banners: readonly Banner[];
  /** How many rows of a tab a view holds at most. */
  readonly rowsInView: number;
};

// ---- host -> view ----------------------------------------------------------------------------------------------

export type ToView =
  | {
      readonly type: "snapshot";
      readonly setup: Setup;
      readonly tabs: readonly TabState[];
      readonly active: string;
      readonly window: Window;
    }
  | { readonly type: "setup"; readonly setup: Setup }
  | { readonly type: "tabs"; readonly tabs: readonly TabState[]; readonly active: string }
  | ({ readonly type: "window" } & { readonly window: Window })
  | { readonly type: "tab"; readonly tab: TabState }
  | TabEvent
  | {
      readonly type: "older";
      readonly tab: string;
      readonly before: number;
      readonly rows: readonly Row[];
      readonly turns: readonly TurnSummary[];
      readonly hasOlder: boolean;
    }
  | {
      readonly type: "newer";
      readonly tab: string;
      readonly after: number;
      readonly rows: readonly Row[];
      readonly turns: readonly TurnSummary[];
      readonly upTo: number;
    }
  /** What was there to go on with when the view asked. */
  | { readonly type: "recent"; readonly chats: readonly RecentChat[] }
  /** Each request of a turn, in order. Sent when a view asks for it. */
  | {
      readonly type: "turnDetails";
      readonly tab: string;
      readonly turnId: string;
      readonly steps: readonly StepUsage[];
    }
  /** The image of a call's result, as Base64; without `data` it is not there any more. Sent when a view asks for it. */
  | { readonly type: "picture"; readonly tab: string; readonly callId: string; readonly data?: string }
  /** What was there to begin with when the view asked; nothing where a key is set. */
  | { readonly type: "offers"; readonly offers: readonly Offer[] }
  /** What the mode of a tab can be, in the order in which it is offered. Sent when a view asks for it. */
  | { readonly type: "modes"; readonly modes: readonly ModeOffer[] }
  | { readonly type: "focusComposer" }
  /** The tab can't be closed without stopping its turn or its jobs: the person is asked. */
  | { readonly type: "confirmClose"; readonly tab: string };

/** Events of one tab carry a revision that grows by one; a gap makes the view send `sync`. */
export type TabEvent =
  | { readonly type: "rows"; readonly tab: string; readonly rev: number; readonly rows: readonly Row[] }
  | { readonly type: "live"; readonly tab: string; readonly rev: number; readonly event: LiveEvent }
  | { readonly type: "approvals"; readonly tab: string; readonly rev: number; readonly cards: readonly ApprovalCard[] }
  | { readonly type: "turn"; readonly tab: string; readonly rev: number; readonly turn: TurnSummary };

/** Everything that a view needs to draw one tab, at revision `rev`. */
export type Window = {
  readonly tab: string;
  readonly rev: number;
  /** A run of the tab's rows: the newest, or those round the one that was asked for. */
  readonly rows: readonly Row[];
  /** The run reaches up to this seq. */
  readonly upTo: number;
  /** The seq of the tab's newest row; 0 without any. */
  readonly lastSeq: number;
  /** These are the rows after this seq and no others: what the view has up to there stays. */
  readonly after?: number;
  readonly turns: readonly TurnSummary[];
  readonly hasOlder: boolean;
  readonly live?: Live;
  readonly approvals: readonly ApprovalCard[];
};

// ---- view -> host ----------------------------------------------------------------------------------------------

export type FromView =
  | { readonly type: "ready" }
  /** A revision was missed. `after`: the newest row that is known of; without it the newest window is wanted. */
  | { readonly type: "sync"; readonly tab: string; readonly after?: number }
  | { readonly type: "send"; readonly tab: string; readonly text: string }
  | { readonly type: "stop"; readonly tab: string }
  /** These four have no effect on a message that was taken meanwhile. */
  | { readonly type: "queueEdit"; readonly tab: string; readonly id: string; readonly text: string }
  | { readonly type: "queueRemove"; readonly tab: string; readonly id: string }
  /** `to`: the place that it has afterwards, from 0; a place behind the end is the end. */
  | { readonly type: "queueMove"; readonly tab: string; readonly id: string; readonly to: number }
  /** Stops the step that runs and sends this message at once. Without an id: all of them, when nothing runs. */
  | { readonly type: "sendNow"; readonly tab: string; readonly id?: string }
  /** The tab asks this model from its next step on, over restarts too. */
  | { readonly type: "selectModel"; readonly tab: string; readonly model: ModelName }
  /** Which modes can a tab have? */
  | { readonly type: "modes" }
  /** The tab is in this mode from its next call on, over restarts too. */
  | { readonly type: "selectMode"; readonly tab: string; readonly mode: Mode }
  /** Moves the running command of this call to the background: its result is sealed, and the turn goes on. */
  | { readonly type: "background"; readonly tab: string; readonly callId: string }
  /** The queue waits for the command of this call: it is not moved to the background by itself. */
  | { readonly type: "waitForCommand"; readonly tab: string; readonly callId: string }
  /** Ends a background command with its whole process group. */
  | { readonly type: "stopJob"; readonly tab: string; readonly id: string }
  /** Try again at once, whatever the wait before the next try is for. */
  | { readonly type: "retryNow"; readonly tab: string }
  /** Continue the unfinished turn of this tab. */
  | { readonly type: "resume"; readonly tab: string }
  | { readonly type: "decide"; readonly tab: string; readonly id: string; readonly answer: ApprovalAnswer }
  | { readonly type: "answer"; readonly tab: string; readonly id: string; readonly answer: AskAnswer }
  /** Takes edits out of their files again: those of these calls, all or, where that can't be, those of the other files. */
  | { readonly type: "undoEdits"; readonly tab: string; readonly calls: readonly string[] }
  | { readonly type: "redoEdits"; readonly tab: string; readonly calls: readonly string[] }
  | { readonly type: "draft"; readonly tab: string; readonly text: string }
  | { readonly type: "newTab" }
  /** `stop`: also when a turn or a job runs; without it the view is asked to ask. */
  | { readonly type: "closeTab"; readonly tab: string; readonly stop?: boolean }
  /** Brings back the tab that was closed last. */
  | { readonly type: "reopenTab" }
  | { readonly type: "renameTab"; readonly tab: string; readonly title: string }
  /** Moves the tab before that one; without one, to the end. */
  | { readonly type: "moveTab"; readonly tab: string; readonly before?: string }
  | { readonly type: "dismiss"; readonly banner: string }
  | { readonly type: "selectTab"; readonly tab: string }
  /** The reader has come to rest here; without a place, at the end. */
  | { readonly type: "place"; readonly tab: string; readonly place?: ReadingPlace }
  /** An empty tab wants to know the chats before it. */
  | { readonly type: "recent" }
  /** A tab without a key wants to know what it can begin with. */
  | { readonly type: "offers" }
  /** Writes this to the person's settings: it is asked from now on. */
  | { readonly type: "takeOffer"; readonly id: string }
  /** Brings a conversation to the front, open or closed. */
  | { readonly type: "openConversation"; readonly id: string }
  /** What each request of a turn has used. */
  | { readonly type: "turnDetails"; readonly tab: string; readonly turnId: string }
  /** The image of this call's result. */
  | { readonly type: "picture"; readonly tab: string; readonly callId: string }
  | { readonly type: "loadOlder"; readonly tab: string; readonly before: number }
  | { readonly type: "loadNewer"; readonly tab: string; readonly after: number }
  /** A window with this row in its middle. */
  | { readonly type: "loadAround"; readonly tab: string; readonly seq: number }
  /** The rest reach the editor, not the agent; the headless runner answers them with nothing. */
  | { readonly type: "openFile"; readonly path: string; readonly line?: number }
  | { readonly type: "openLink"; readonly href: string }
  | { readonly type: "openDiff"; readonly tab: string; readonly callId: string }
  /** Shows all files that a turn has changed, before and after. */
  | { readonly type: "openChanges"; readonly tab: string; readonly turnId: string }
  | { readonly type: "openOutput"; readonly tab: string; readonly callId: string }
  /** Types the command of this call into a terminal, in its folder, without running it. */
  | { readonly type: "openTerminal"; readonly tab: string; readonly callId: string }
  /** Shows what a background command has printed so far. */
  | { readonly type: "openJob"; readonly tab: string; readonly id: string }
  | { readonly type: "copy"; readonly text: string }
  | { readonly type: "insert"; readonly text: string }
  | { readonly type: "run"; readonly command: BannerCommand };

/** What a page in an editor sends to its panel. `focus` stays there: the session never sees it. */
export type FromPage = FromView | { readonly type: "focus"; readonly focused: boolean };
