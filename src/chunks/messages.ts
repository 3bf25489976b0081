/** What `group` makes of rows: the messages that the view draws. Derived, never stored. */
import type { Decision, ErrorData, SystemData, ToolResult } from "./rows";

export type Part =
  | { readonly kind: "text"; readonly seq: number; readonly step: number; readonly text: string }
  | {
      readonly kind: "thinking";
      readonly seq: number;
      readonly step: number;
      readonly text: string;
      readonly redacted: boolean;
    }
  | ToolPart
  | { readonly kind: "error"; readonly seq: number; readonly step: number; readonly error: ErrorData }
  | { readonly kind: "notice"; readonly seq: number; readonly step: number; readonly notice: SystemData };

/**
 * A call and its result, joined by callId. Either side may be outside the window:
 * without `argumentsText` the call is in an older page, without `result` it has none yet (or it is in a newer page).
 */
export type ToolPart = {
  readonly kind: "tool";
  /** The seq of the call's row; of the result's row while the call is not in the window. */
  readonly seq: number;
  readonly step: number;
  readonly callId: string;
  readonly name: string;
  readonly argumentsText?: string;
  readonly result?: ToolResult;
  readonly decision?: Decision;
};

export type Message =
  | {
      readonly kind: "user";
      readonly seq: number;
      readonly turnId: string;
      readonly createdAt: number;
      readonly text: string;
      /** Texts that Dispatch added for the model, in order. */
      readonly context: readonly string[];
    }
  | {
      readonly kind: "agent";
      readonly seq: number;
      readonly turnId: string;
      readonly createdAt: number;
      readonly parts: readonly Part[];
    }
  | {
      readonly kind: "system";
      readonly seq: number;
      readonly turnId: string;
      readonly createdAt: number;
      readonly notices: readonly SystemData[];
    };
