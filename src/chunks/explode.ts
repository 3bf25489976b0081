/** From what a step produced to rows without a place. The inverse for display is `group`. */
import { assertNever, type Chunk, type Draft, type ToolResult } from "./rows";

/** One finished content block of a response, in the order of the response. */
export type StepBlock =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "thinking"; readonly text: string; readonly signature: string }
  | { readonly kind: "redacted"; readonly data: string }
  | {
      readonly kind: "tool";
      readonly callId: string;
      readonly name: string;
      /** Exactly as streamed; may be empty, which means no arguments. */
      readonly argumentsText: string;
      /** The response ended inside this call or was refused: it must neither run nor become a row. */
      readonly cut: boolean;
    };

/**
 * The assistant rows of a finished step, in order. Empty text and calls that were cut off leave no row.
 * @param step as the loop counts it; it is stamped on each row, never derived from the content.
 */
export function explode(step: number, blocks: readonly StepBlock[]): readonly Draft[] {
  return blocks.flatMap((block) => {
    const chunk = toChunk(block);
    return chunk === undefined ? [] : [{ ...chunk, step }];
  });
}

/** The row of one result. `step` is the step of its call. */
export function resultDraft(step: number, result: ToolResult): Draft {
  return { role: "tool", type: "tool_result", step, data: result };
}

/** A row of text for the model: what a person wrote, or what Dispatch adds (`context`). */
export function userDraft(step: number, text: string, origin: "person" | "context" = "person"): Draft {
  return { role: "user", type: "text", step, data: origin === "context" ? { text, origin } : { text } };
}

function toChunk(block: StepBlock): Chunk | undefined {
  switch (block.kind) {
    case "text":
      return block.text === "" ? undefined : { role: "assistant", type: "text", data: { text: block.text } };
    case "thinking":
      return { role: "assistant", type: "thinking", data: { text: block.text, signature: block.signature } };
    case "redacted":
      return { role: "assistant", type: "thinking", data: { text: "", signature: "", redacted: block.data } };
    case "tool": {
      const { callId, name, argumentsText } = block;
      return block.cut ? undefined : { role: "assistant", type: "tool_call", data: { callId, name, argumentsText } };
    }
    default:
      return assertNever(block);
  }
}
