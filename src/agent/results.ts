/** How the end of a call becomes its result row: truncated for the model once, the whole kept as a blob. */

import type { Decision, ToolCall, ToolResult } from "../chunks/rows";
import type { Op } from "../store/types";
import { readOutput } from "../tools/read-output";
import { isTooLong, type ReadOn, truncateForModel } from "../tools/truncate";
import type { EditTexts, OutputLimits, ToolImage } from "../tools/types";
import { outputId } from "./earlier-results";
import { messageOf } from "./error-text";
import type { Turn } from "./turn-context";

export type Finished = {
  /** The whole output. */
  readonly text: string;
  readonly outcome: NonNullable<ToolResult["outcome"]>;
  readonly summary?: string;
  /** For the model beside the text. */
  readonly image?: ToolImage;
  /** The tool's own bound on what the model gets, where it is not the usual one. */
  readonly limits?: OutputLimits;
  readonly decision?: Decision;
  /** The whole text of a file before and after, when the call wrote one. */
  readonly edit?: EditTexts & { readonly path: string; readonly added: number; readonly removed: number };
  /** Absent: nothing has begun. */
  readonly startedAt?: number;
  readonly unanswered?: boolean;
  /** A record that becomes durable together with the result. */
  readonly also?: Op;
};

/** Writes the result row of a call. Resolves when it is durable. */
export async function sealResult(
  turn: Turn,
  step: number,
  call: ToolCall,
  finished: Finished & { readonly durationMs: number },
): Promise<void> {
  const { text, limits } = finished;
  const blob = isTooLong(text, limits) ? await keepWhole(turn, text) : undefined;
  const forModel = truncateForModel(text, limits, blob === undefined ? undefined : howToReadOn(turn, blob));
  const image = finished.image === undefined ? undefined : await keepImage(turn, finished.image);
  const edit = finished.edit === undefined ? undefined : await keepEdit(turn, finished.edit);
  const data: ToolResult = {
    callId: call.callId,
    name: call.name,
    text: forModel,
    isError: finished.outcome !== "done",
    outcome: finished.outcome,
    durationMs: finished.durationMs,
    ...(finished.summary === undefined ? {} : { summary: finished.summary }),
    ...(finished.decision === undefined ? {} : { decision: finished.decision }),
    ...(blob === undefined ? {} : { blob }),
    ...(edit === undefined ? {} : { edit }),
    ...(image === undefined ? {} : { image }),
  };
  await turn.append(
    [{ role: "tool", type: "tool_result", step, data }],
    finished.also === undefined ? [] : [finished.also],
  );
}

/** A tab that does not know the tool is told of none. */
function howToReadOn(turn: Turn, blob: string): ReadOn | undefined {
  if (!turn.wire.offers(readOutput.name)) return undefined;
  return ({ line, column }) =>
    `To read it use ${readOutput.name} with id "${outputId(blob)}" and offset ${line}${column === undefined ? "" : `, column ${column}`}.`;
}

/** The end of a call that a stop came before. */
export function notRun(): Finished {
  return { text: "Not run: the person stopped the turn before this call began.", outcome: "cancelled" };
}

async function keepEdit(turn: Turn, edit: NonNullable<Finished["edit"]>): Promise<ToolResult["edit"]> {
  const [before, after] = await Promise.all([keepWhole(turn, edit.before), keepWhole(turn, edit.after)]);
  if (before === undefined || after === undefined) return undefined;
  const { path, created, encoding, added, removed } = edit;
  return {
    ...{ path, before, after, added, removed },
    ...(created ? { created } : {}),
    ...(encoding === undefined || encoding === "utf8" ? {} : { encoding }),
  };
}

/** Without its blob an image could not be sent again: then it is not sent at all. */
async function keepImage(turn: Turn, image: ToolImage): Promise<ToolResult["image"]> {
  const { bytes, mediaType, width, height } = image;
  const blob = await keepBytes(turn, bytes);
  if (blob === undefined) return undefined;
  turn.wire.holdImage(blob, bytes);
  return { blob, mediaType, width, height, bytes: bytes.length };
}

const keepWhole = (turn: Turn, text: string): Promise<string | undefined> =>
  keepBytes(turn, new TextEncoder().encode(text));

/** A blob that can't be kept costs only the *open all* or *open diff* of its card, so it never fails the call. */
async function keepBytes(turn: Turn, bytes: Uint8Array): Promise<string | undefined> {
  try {
    return await turn.surroundings.store.putBlob(bytes);
  } catch (error) {
    turn.surroundings.log("warn", `the whole output could not be kept: ${messageOf(error)}`);
    return undefined;
  }
}
