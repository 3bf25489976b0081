/**
 * VS Code's own language models (Copilot's, and those that other extensions bring) behind the same seam as a server: a
 * body goes in, the events of an answer come out. Nothing goes over a wire of ours, and no key is needed: VS Code asks the
 * person for consent at the first request, which always follows an act of theirs.
 */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { aborted, stalled } from "../models/errors";
import { failureOf, streamFailure } from "../models/stream";
import type { Failure, ModelChoice, ModelInfo, SendRequest, WireEvent } from "../models/types";
import { createDisposableList } from "./dispose";
import { createBlocks } from "./lm-answer";
import { createCounter } from "./lm-count";
import { lmFailure } from "./lm-errors";
import { toLmRequest } from "./lm-messages";

/** Milliseconds without any part of an answer: a model that thinks gives no sign of life. */
const longestSilenceMs = 600_000;

/** Every model that the extensions offer now, as `vendor/id`. Never rejects. */
export async function listLanguageModels(): Promise<readonly ModelInfo[] | Failure> {
  try {
    const models = await vscode.lm.selectChatModels();
    return models.map(({ vendor, id, name, maxInputTokens }) => ({
      id: `${vendor}/${id}`,
      label: name,
      ...(maxInputTokens > 0 ? { contextTokens: maxInputTokens } : {}),
    }));
  } catch (error) {
    return lmFailure(error, "any model");
  }
}

/** Sends to the model of the choice. Usage is what the model's own counter says; it has no cache that is known of. */
export function createLanguageModelSender(): SendRequest {
  const counter = createCounter();
  return async (body, choice, signal) => {
    const request = toLmRequest(body);
    const cancel = cancelOn(signal);
    try {
      const model = await raced(findModel(choice.model), choice, signal);
      const options = { tools: [...request.tools], justification };
      const asked = model.sendRequest([...request.messages], options, cancel.token);
      const response = await raced(asked, choice, signal);
      const input = counter.count(model, request, cancel.token);
      return { ok: true, events: readAnswer({ response, model, input, choice, signal, cancel }) };
    } catch (error) {
      cancel.dispose();
      return { ok: false, failure: failureOf(error) };
    }
  };
}

const justification = "Dispatch sends your messages, and the files and outputs that its agent reads, to this model.";

async function findModel(name: string): Promise<vscode.LanguageModelChat> {
  const slash = name.indexOf("/");
  const selector = slash < 0 ? { id: name } : { vendor: name.slice(0, slash), id: name.slice(slash + 1) };
  const [model] = await vscode.lm.selectChatModels(selector);
  if (model === undefined) throw vscode.LanguageModelError.NotFound();
  return model;
}

type Cancel = { readonly token: vscode.CancellationToken; readonly dispose: () => void };

function cancelOn(signal: AbortSignal): Cancel {
  const owned = createDisposableList();
  const source = owned.push(new vscode.CancellationTokenSource());
  const cancel = () => source.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  owned.push({ dispose: () => signal.removeEventListener("abort", cancel) });
  owned.push({ dispose: cancel }); // whoever leaves the answer half read needs no more of it
  return { token: source.token, dispose: owned.dispose };
}

type Answer = {
  readonly response: vscode.LanguageModelChatResponse;
  readonly model: vscode.LanguageModelChat;
  /** Tokens of the request. */
  readonly input: Promise<number>;
  readonly choice: ModelChoice;
  readonly signal: AbortSignal;
  readonly cancel: Cancel;
};

/** @throws what `failureOf` understands, when the answer ends before its end. */
async function* readAnswer(answer: Answer): AsyncGenerator<WireEvent, void, undefined> {
  const { response, model, input, choice, signal, cancel } = answer;
  const blocks = createBlocks();
  try {
    const usage = { input_tokens: await raced(input, choice, signal) };
    yield { type: "message_start", message: { id: `vscode-${randomUUID()}`, role: "assistant", usage } };
    const parts = response.stream[Symbol.asyncIterator]();
    for (;;) {
      const part = await raced(parts.next(), choice, signal);
      if (part.done === true) break;
      yield* blocks.add(part.value);
    }
    yield* blocks.close();
    const counted = model.countTokens(blocks.text(), cancel.token).then(
      (count) => count,
      () => 0,
    );
    yield {
      type: "message_delta",
      delta: { stop_reason: blocks.hasCalls() ? "tool_use" : "end_turn" },
      usage: { output_tokens: await raced(counted, choice, signal) },
    };
    yield { type: "message_stop" };
  } finally {
    cancel.dispose();
  }
}

/**
 * What the work gives, unless the request is stopped or nothing has come for too long.
 * @throws what `failureOf` understands.
 */
async function raced<T>(work: PromiseLike<T>, choice: ModelChoice, signal: AbortSignal): Promise<T> {
  const over = new AbortController();
  const cut = new Promise<never>((_, reject) => {
    const stop = () => reject(streamFailure(aborted()));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true, signal: over.signal });
    const timer = setTimeout(() => reject(streamFailure(stalled(choice))), longestSilenceMs);
    over.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const done = Promise.resolve(work).catch((error: unknown) => {
    throw streamFailure(signal.aborted ? aborted() : lmFailure(error, choice.model));
  });
  try {
    return await Promise.race([done, cut]);
  } finally {
    over.abort();
  }
}
