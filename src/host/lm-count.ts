/** How many tokens a request has, by the counter of the model that is asked. */
import { createHash } from "node:crypto";
import type * as vscode from "vscode";
import { type LmRequest, textOfTool } from "./lm-messages";

/** Counts that are remembered at most: the messages of some long chats. */
const mostCounts = 10_000;

export type Counter = {
  /** Tokens of the whole request; 0 when the model can't tell. Never rejects. */
  readonly count: (
    model: vscode.LanguageModelChat,
    request: LmRequest,
    token: vscode.CancellationToken,
  ) => Promise<number>;
};

/** Each message is counted once: a request holds all those of the one before it. */
export function createCounter(): Counter {
  const known = new Map<string, number>();

  const countOne = async (
    model: vscode.LanguageModelChat,
    part: string | vscode.LanguageModelChatMessage,
    token: vscode.CancellationToken,
  ): Promise<number> => {
    const name = createHash("sha256")
      .update(`${model.vendor}/${model.id}\n${typeof part === "string" ? part : JSON.stringify(part)}`)
      .digest("base64");
    const counted = known.get(name) ?? (await model.countTokens(part, token));
    known.set(name, counted);
    const oldest = known.keys().next();
    if (known.size > mostCounts && oldest.done !== true) known.delete(oldest.value);
    return counted;
  };

  return {
    async count(model, { messages, tools }, token) {
      try {
        const parts = [...messages, tools.map(textOfTool).join("\n")];
        const counts = await Promise.all(parts.map((part) => countOne(model, part, token)));
        return counts.reduce((sum, count) => sum + count, 0);
      } catch {
        return 0;
      }
    },
  };
}
