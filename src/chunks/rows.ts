/**
 * The rows of the chunk log: one content block is one row, written once, for ever.
 * Everything that the user sees and everything that the model sees is a fold of these rows.
 */

export type Role = "user" | "assistant" | "tool" | "system";

export type UserText = {
  readonly text: string;
  /** `context`: what Dispatch itself adds for the model (date, folders). Sent like every row, folded in the view. */
  readonly origin?: "person" | "context";
  /** It tells the model of all that was undone and redone up to this seq. */
  readonly tells?: number;
};

export type AssistantText = { readonly text: string };

/** `redacted` holds the provider's opaque data verbatim; `text` is then empty. */
export type Thinking = { readonly text: string; readonly signature: string; readonly redacted?: string };

/** `argumentsText` is the exact JSON text that the model streamed, never a re-serialised object. */
export type ToolCall = { readonly callId: string; readonly name: string; readonly argumentsText: string };

/** Whose rule it is: the person's settings, the folder's, one that *Always allow …* made, the tab's own, or Dispatch's. */
export type RuleOrigin = "user" | "workspace" | "always" | "tab" | "mode" | "built-in";

/** Who allowed or refused a call: a rule by its name, a person by the scope that they chose. */
export type Decision =
  /** `from` is absent in rows of older versions. */
  | { readonly by: "rule"; readonly rule: string; readonly effect: "allow" | "deny"; readonly from?: RuleOrigin }
  | {
      readonly by: "person";
      readonly effect: "allow_once" | "allow_tab" | "allow_always" | "deny";
      readonly reason?: string;
      /** The rule that *Always allow …* has made. */
      readonly rule?: string;
      /** The rule that made it a question. */
      readonly askedBy?: { readonly rule: string; readonly from: RuleOrigin };
    };

/** A file that was written: its whole text before and after, as blobs, so that the diff can be seen and undone days later. */
export type EditedFile = {
  /** As the workspace shows it: relative where it is inside. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** There was no file before. */
  readonly created?: true;
  /** Absent: UTF-8. */
  readonly encoding?: "utf8-bom" | "utf16le";
  /** Lines; absent in logs of older versions. */
  readonly added?: number;
  readonly removed?: number;
};

/** An image that the model is given with the text of a result. */
export type ResultImage = {
  /** SHA-256 of its bytes in `blobs/`. */
  readonly blob: string;
  readonly mediaType: ImageType;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
};

/** The images that models take. */
export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

export type ToolResult = {
  readonly callId: string;
  readonly name: string;
  /** What the model gets: already truncated, never shortened later. */
  readonly text: string;
  readonly isError: boolean;
  /** SHA-256 of the full output in `blobs/`, when `text` holds only its head and tail. */
  readonly blob?: string;
  readonly image?: ResultImage;
  readonly decision?: Decision;
  readonly durationMs?: number;
  /** A short outcome for the card: `+12 −3`, `exit 0`, `34 files`. */
  readonly summary?: string;
  /** For a file that was written. */
  readonly edit?: EditedFile;
  /** `denied`, `cancelled` and `unknown` (the process died while it ran) are shown apart from plain errors. */
  readonly outcome?: "done" | "error" | "denied" | "cancelled" | "unknown";
};

export type ErrorData = {
  readonly code: string;
  /** One sentence for the person: what happened. */
  readonly message: string;
  readonly retryable: boolean;
  readonly statusCode?: number;
  readonly requestId?: string;
  /** One sentence: what to do next. */
  readonly advice?: string;
  /** What the button under the error does. */
  readonly action?: ErrorAction;
  /** The server's own words, behind *Details*. Never a secret. */
  readonly details?: string;
};

export type ErrorAction = "resume" | "set-api-key" | "open-settings" | "show-log";

export type SystemKind =
  | "notice"
  | "model-changed"
  | "config-reload"
  | "cancelled"
  | "interrupted"
  | "resumed"
  | "compacted"
  | "undone"
  | "redone";

export type SystemData = {
  readonly kind: SystemKind;
  readonly text: string;
  /** Of what was undone or redone: the calls whose edits those were. */
  readonly calls?: readonly string[];
  /** The same in words for the model, which is told at its next step. */
  readonly tell?: string;
};

/** One content block: its role, its type and the payload that belongs to them. */
export type Chunk =
  | { readonly role: "user"; readonly type: "text"; readonly data: UserText }
  | { readonly role: "assistant"; readonly type: "text"; readonly data: AssistantText }
  | { readonly role: "assistant"; readonly type: "thinking"; readonly data: Thinking }
  | { readonly role: "assistant"; readonly type: "tool_call"; readonly data: ToolCall }
  | { readonly role: "tool"; readonly type: "tool_result"; readonly data: ToolResult }
  | { readonly role: "assistant"; readonly type: "error"; readonly data: ErrorData }
  | { readonly role: "system"; readonly type: "system"; readonly data: SystemData };

/** Where a chunk stands. `seq` starts at 1 in each tab and has no gaps; `step` is stamped by the loop (the user's row: 0). */
export type Place = {
  readonly id: string;
  readonly tabId: string;
  readonly seq: number;
  readonly turnId: string;
  readonly step: number;
  /** Milliseconds since 1970, by the host's clock. For display only: order is by `seq`. */
  readonly createdAt: number;
};

export type Row = Chunk & Place;

/** A row whose place in the tab is not fixed yet. */
export type Draft = Chunk & { readonly step: number };

/** For the `default` of an exhaustive switch: a new member of a union fails to compile here. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
