/**
 * Which reply a request gets. It is worked out from the conversation in the request alone (which turn, which step), never
 * from a counter, so that tabs side by side, retries and restarts of either side all get the right one.
 */
import type { Fault } from "./faults";
import type { FragmentMode, Reply } from "./reply";
import { type Fields, isFields, listOf, textOf } from "./types";
import { offersSearch } from "./validate";

export type Scenario = Script | ScenarioFunction;

export type ScenarioFunction = (request: ScenarioRequest) => Reply | Promise<Reply>;

/** Either `turns`, each begun by a user message, or `steps`, one for each assistant message of the conversation. */
export type Script = ScriptDefaults &
  ({ readonly turns: readonly Turn[]; readonly otherwise?: Turn } | { readonly steps: readonly Reply[] });

export type ScriptDefaults = {
  readonly pace?: number;
  readonly fragment?: FragmentMode;
  readonly faults?: readonly FaultRule[];
  /** For requests that offer the server's own web search: the first that fits what the user said. */
  readonly searches?: readonly SearchReply[];
};

export type SearchReply = { readonly match?: RegExp; readonly reply: Reply };

export type Turn = {
  /** Chooses this turn by the user's text, in any place and as often as it fits; without it, turns are taken in order. */
  readonly match?: RegExp;
  readonly steps: readonly Reply[];
};

/** A fault for requests that fit all that is given; `attempts` count from 0 at each point of the conversation. */
export type FaultRule = {
  readonly fault: Fault;
  /** Numbers of POST /v1/messages requests since the start, from 0. */
  readonly requests?: readonly number[];
  readonly turn?: number;
  readonly step?: number;
  readonly attempts?: readonly number[];
  readonly model?: string;
  readonly key?: string;
  /** 0 to 1, drawn from `seed` and the request's number: the same run gives the same faults. */
  readonly probability?: number;
  readonly seed?: number;
};

export type ScenarioRequest = {
  readonly body: Fields;
  readonly model: string;
  readonly key: string;
  /** From 0: how many user messages without tool results came before this turn's. */
  readonly turn: number;
  /** From 0: how many assistant messages this turn has. */
  readonly step: number;
  /** Number of assistant messages in the whole conversation. */
  readonly steps: number;
  /** What the user said: the last text of the message that began the turn. All its texts are in `userTexts`. */
  readonly userText: string;
  readonly userTexts: readonly string[];
  /** Text that came together with tool results in this turn. */
  readonly steering: readonly string[];
  /** Every result of this turn so far, in order. */
  readonly results: readonly ToolOutcome[];
  /** The results in the last message. */
  readonly lastResults: readonly ToolOutcome[];
  readonly toolNames: readonly string[];
  readonly attempt: number;
  readonly request: number;
};

export type ToolOutcome = {
  readonly id: string;
  readonly name: string;
  readonly input: Fields;
  readonly text: string;
  readonly isError: boolean;
  readonly step: number;
};

/** What is not in the body. */
export type Circumstances = { readonly key: string; readonly attempt: number; readonly request: number };

/** Reads a valid body as a conversation. `begins`: whether a text that came with tool results begins a turn all the same. */
export function readConversation(
  body: Fields,
  circumstances: Circumstances,
  begins: (text: string) => boolean = () => false,
): ScenarioRequest {
  const messages = listOf(body.messages).filter(isFields).map(readMessage);
  const isStart = (m: Message) =>
    m.role === "user" && m.texts.length > 0 && (!m.hasResults || m.texts.some((text) => begins(text)));
  const starts = messages.flatMap((message, index) => (isStart(message) ? [index] : []));
  const start = starts.at(-1) ?? 0;
  const turn = messages.slice(start);
  const results = outcomes(turn);
  const assistants = turn.filter((message) => message.role === "assistant").length;
  const last = turn.at(-1);
  return {
    ...circumstances,
    body,
    model: textOf(body.model),
    turn: Math.max(0, starts.length - 1),
    step: assistants,
    steps: messages.filter((message) => message.role === "assistant").length,
    userText: messages[start]?.texts.at(-1) ?? "",
    userTexts: messages[start]?.texts ?? [],
    steering: turn.slice(1).flatMap((message) => (message.role === "user" ? message.texts : [])),
    results,
    lastResults: last?.hasResults ? results.filter((result) => result.step === assistants - 1) : [],
    toolNames: listOf(body.tools)
      .filter(isFields)
      .map((tool) => textOf(tool.name)),
  };
}

/** A reply, and the fault that hits it this time. */
export type Choice = { readonly reply: Reply; readonly fault: Fault | undefined; readonly request: ScenarioRequest };

/** The reply for a request, or a sentence that says why there is none. */
export async function chooseReply(
  scenario: Scenario,
  body: Fields,
  circumstances: Circumstances,
): Promise<Choice | { readonly missing: string }> {
  if (typeof scenario === "function") {
    const request = readConversation(body, circumstances);
    const reply = await scenario(request);
    return { reply, request, fault: ownFault(reply, request) };
  }
  const matched = "turns" in scenario ? scenario.turns.filter((turn) => turn.match !== undefined) : [];
  const request = readConversation(body, circumstances, (text) => matched.some((turn) => turn.match?.test(text)));
  if (offersSearch(body)) {
    const found = scenario.searches?.find(({ match }) => match?.test(request.userText) ?? true)?.reply;
    if (found === undefined) return { missing: "no answer is scripted for this search" };
    return { request, reply: found, fault: ownFault(found, request) };
  }
  const chosen = "turns" in scenario ? scriptedTurn(scenario, body, request) : { steps: scenario.steps };
  const step = "turns" in scenario ? request.step : request.steps;
  const reply = chosen?.steps[step];
  if (reply === undefined) return { missing: `no reply is scripted for turn ${request.turn}, step ${step}` };
  const rule = scenario.faults?.find((candidate) => applies(candidate, request));
  return {
    request,
    fault: rule?.fault ?? ownFault(reply, request),
    reply: {
      ...(scenario.pace === undefined ? {} : { pace: scenario.pace }),
      ...(scenario.fragment === undefined ? {} : { fragment: scenario.fragment }),
      ...reply,
    },
  };
}

/** Whether the rule hits this request. */
export function applies(rule: FaultRule, request: ScenarioRequest): boolean {
  const attempts = rule.attempts ?? (rule.requests === undefined ? firstAttempts(rule.fault.times ?? 1) : undefined);
  return (
    (rule.requests?.includes(request.request) ?? true) &&
    (rule.turn ?? request.turn) === request.turn &&
    (rule.step ?? request.step) === request.step &&
    (attempts?.includes(request.attempt) ?? true) &&
    (rule.model ?? request.model) === request.model &&
    (rule.key ?? request.key) === request.key &&
    draw(rule.seed ?? 1, request.request) < (rule.probability ?? 1)
  );
}

/** The fault of the reply itself, while its `times` last. */
function ownFault(reply: Reply, request: ScenarioRequest): Fault | undefined {
  return reply.fault !== undefined && applies({ fault: reply.fault }, request) ? reply.fault : undefined;
}

/** The turn that fits the text, newest text first; else the next of those without a match; else `otherwise`. */
function scriptedTurn(
  script: Extract<Script, { turns: unknown }>,
  body: Fields,
  request: ScenarioRequest,
): Turn | undefined {
  const byText = (texts: readonly string[]) => {
    for (const text of texts.toReversed()) {
      const turn = script.turns.find((candidate) => candidate.match?.test(text) === true);
      if (turn !== undefined) return turn;
    }
    return undefined;
  };
  const inOrder = script.turns.filter((turn) => turn.match === undefined);
  const earlier = listOf(body.messages)
    .filter(isFields)
    .map(readMessage)
    .filter((message) => message.role === "user" && !message.hasResults && byText(message.texts) === undefined);
  return byText(request.userTexts) ?? inOrder[earlier.length - 1] ?? script.otherwise;
}

type Message = {
  readonly role: string;
  readonly blocks: readonly Fields[];
  readonly texts: readonly string[];
  readonly hasResults: boolean;
};

function readMessage(message: Fields): Message {
  const content = message.content;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content).filter(isFields);
  return {
    role: textOf(message.role),
    blocks,
    texts: blocks.flatMap((block) => (block.type === "text" ? [textOf(block.text)] : [])),
    hasResults: blocks.some((block) => block.type === "tool_result"),
  };
}

function outcomes(turn: readonly Message[]): readonly ToolOutcome[] {
  const calls = new Map<string, { readonly call: Fields; readonly step: number }>();
  let step = -1;
  return turn.flatMap((message) => {
    if (message.role === "assistant") step++;
    return message.blocks.flatMap((block): ToolOutcome[] => {
      if (block.type === "tool_use") calls.set(textOf(block.id), { call: block, step });
      if (block.type !== "tool_result") return [];
      const id = textOf(block.tool_use_id);
      const found = calls.get(id);
      // A result whose call is before this turn (a turn that was stopped) belongs to that one.
      if (found === undefined) return [];
      const input = found.call.input;
      return [
        {
          id,
          name: textOf(found.call.name),
          input: isFields(input) ? input : {},
          text: resultText(block.content),
          isError: block.is_error === true,
          step: found.step,
        },
      ];
    });
  });
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .filter(isFields)
    .map((block) => textOf(block.text))
    .join("\n");
}

function firstAttempts(times: number): readonly number[] | undefined {
  return Number.isFinite(times) ? Array.from({ length: times }, (_, index) => index) : undefined;
}

function draw(seed: number, index: number): number {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0;
  return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
}
