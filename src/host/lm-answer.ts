/** The parts of an answer of one of VS Code's language models, as the events that a server would have sent. */
import * as vscode from "vscode";
import type { WireEvent } from "../models/types";

export type Blocks = {
  readonly add: (part: unknown) => readonly WireEvent[];
  readonly close: () => readonly WireEvent[];
  readonly hasCalls: () => boolean;
  /** All that came, for counting. */
  readonly text: () => string;
};

/** Text parts that follow each other are one block. Parts of a kind that is not known are left out. */
export function createBlocks(): Blocks {
  let index = -1;
  let isTextOpen = false;
  let calls = 0;
  let all = "";

  const close = (): readonly WireEvent[] => {
    if (!isTextOpen) return [];
    isTextOpen = false;
    return [{ type: "content_block_stop", index }];
  };

  const addText = (text: string): readonly WireEvent[] => {
    const events: WireEvent[] = [];
    if (!isTextOpen) {
      index++;
      isTextOpen = true;
      events.push({ type: "content_block_start", index, content_block: { type: "text", text: "" } });
    }
    events.push({ type: "content_block_delta", index, delta: { type: "text_delta", text } });
    return events;
  };

  const addCall = ({ callId, name, input }: vscode.LanguageModelToolCallPart): readonly WireEvent[] => {
    const ended = close();
    const json = JSON.stringify(input ?? {});
    index++;
    calls++;
    all += `${name}${json}`;
    return [
      ...ended,
      { type: "content_block_start", index, content_block: { type: "tool_use", id: callId, name, input: {} } },
      { type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json: json } },
      { type: "content_block_stop", index },
    ];
  };

  return {
    add(part) {
      if (part instanceof vscode.LanguageModelToolCallPart) return addCall(part);
      if (!(part instanceof vscode.LanguageModelTextPart) || part.value === "") return [];
      all += part.value;
      return addText(part.value);
    },
    close,
    hasCalls: () => calls > 0,
    text: () => all,
  };
}
