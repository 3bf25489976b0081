/**
 * The web search of a model's server, as a request beside the conversation: its own record in the log, counted in the
 * bill, and no part of what the conversation's requests are made of.
 */
import { accountOfKey } from "../models/base-url";
import { aborted, cutOff } from "../models/errors";
import { profileOf } from "../models/profiles";
import { failureOf } from "../models/send";
import type { Failure, ModelChoice } from "../models/types";
import type { RequestRecord } from "../store/types";
import type { SearchReply, SearchService } from "../tools/types";
import { nothingFound, readFound, searchBody, searchHead } from "../wire/search";
import { endOfStream, readEvent, startOfStream } from "../wire/stream";
import { sha256 } from "./hash";
import { requestRecord, type Sent } from "./send-once";
import type { BuiltRequest } from "./tab-wire";
import type { Turn } from "./turn-context";

/** Where the turn's searches go: to the server that it asks now, else to the first of its list that can search. Nothing: nowhere. */
export function searchService(turn: Turn, step: number): SearchService | undefined {
  const { models } = turn.settings();
  const current = turn.route.current(models) ?? models[0];
  const choice = [current, ...models].find(({ key }) => profileOf(key).webSearch);
  if (choice === undefined) return undefined;
  const { label } = profileOf(choice.key);
  const { host } = new URL(choice.key.baseUrl);
  return {
    url: choice.key.baseUrl,
    host,
    label,
    search: (query, onText) => search(turn, step, { choice, query, onText }),
  };
}

type Asked = { readonly choice: ModelChoice; readonly query: string; readonly onText: (text: string) => void };

async function search(turn: Turn, step: number, asked: Asked): Promise<SearchReply> {
  const { choice, query } = asked;
  const pass = await turn.surroundings.keys.enter(choice, turn.signal);
  if (pass === undefined)
    return turn.signal.aborted ? { kind: "stopped" } : { kind: "failed", message: "The key can't be used now." };
  try {
    const head = searchHead(choice.model);
    const body = searchBody(head, query);
    const { sent, fold } = await send(turn, asked, body, pass.accepted);
    const { searches } = fold;
    const request: BuiltRequest = {
      ...{ head, body, bodySha256: sha256(body), promptHash: "", firstSeq: 0, lastSeq: 0 },
      options: { side: { kind: "search", query, ...(searches === 0 ? {} : { searches }) } },
    };
    const isStopped = turn.signal.aborted;
    const failure = isStopped ? aborted() : sent.result?.ok === true ? undefined : (sent.failure ?? cutOff(choice));
    if (failure !== undefined && !isStopped) pass.failed(failure);
    const outcome: RequestRecord["outcome"] = isStopped ? "aborted" : failure === undefined ? "ok" : "error";
    const record = requestRecord(turn, {
      ...{ step, attempt: 1, choice, request, sent, outcome },
      ...(failure === undefined ? {} : { failure }),
    });
    await turn.append([], [{ op: "request", request: record }]);
    if (isStopped) return { kind: "stopped" };
    if (failure !== undefined) return { kind: "failed", message: wordsOf(failure) };
    const blocks = sent.result?.blocks ?? [];
    const text = blocks.map((block) => (block.kind === "text" ? block.text : "")).join("");
    if (fold.error !== undefined && fold.found.length === 0)
      return { kind: "failed", message: `The server's search has failed: ${fold.error}.` };
    return { kind: "found", found: fold.found, text: text.trim() };
  } finally {
    pass.done();
  }
}

async function send(
  turn: Turn,
  { choice, onText }: Asked,
  body: string,
  accepted: (reply: { readonly account?: string; readonly limitedUntil?: number }) => void,
): Promise<{ readonly sent: Sent; readonly fold: typeof nothingFound }> {
  const { now, send: sendRequest } = turn.surroundings;
  const startedAt = now();
  const reply = await sendRequest(body, choice, turn.signal);
  let [state, fold] = [startOfStream, nothingFound];
  if (!reply.ok) return { sent: { startedAt, endedAt: now(), state, failure: reply.failure }, fold };
  accepted(reply);
  const known = {
    account: reply.account ?? accountOfKey(choice.key),
    ...(reply.requestId === undefined ? {} : { requestId: reply.requestId }),
  };
  let failure: Failure | undefined;
  try {
    for await (const event of reply.events) {
      const next = readEvent(state, event);
      state = next.state;
      if (next.live?.kind === "delta") onText(next.live.text);
      fold = readFound(fold, event);
      if (state.phase === "failed") break;
    }
  } catch (error) {
    failure = failureOf(error);
  }
  const ended = { startedAt, endedAt: now(), ...known, state };
  if (failure !== undefined) return { sent: { ...ended, failure }, fold };
  return { sent: { ...ended, result: endOfStream(state) }, fold };
}

function wordsOf({ message, advice }: Failure): string {
  return advice === undefined ? message : `${message} ${advice}`;
}
