/** What request n costs to assemble: by the wire's frozen segments, and by serialising the whole history each time. */
import { createHash } from "node:crypto";
import type { Row } from "../../src/chunks/rows";
import { createConversation } from "../../src/wire/assemble";
import { renderPrompt } from "../../src/wire/prompt";
import { rowLog } from "../support/rows";
import type { Figure } from "./figures";

const COUNTS = [10, 100, 1000] as const;
const RUNS = 7;
/** Requests timed after the n-th, for one median. */
const TIMED = 21;

const head = `"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true`;
const prompt = renderPrompt("You are Dispatch. ".repeat(200), []);

export async function bench(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [name, measure, note] of measures) {
    measure(COUNTS[0]); // warm up
    const runs = Array.from({ length: RUNS }, () => COUNTS.map(measure));
    for (const [index, count] of COUNTS.entries()) {
      const times = runs.map((run) => run[index] ?? Number.NaN);
      if (index === 0) continue;
      const ratios = runs.map((run) => (run[index] ?? Number.NaN) / (run[0] ?? Number.NaN));
      figures.push({
        name: `${name}: request ${count} to request 10`,
        value: median(ratios),
        unit: "ratio",
        spread: spread(ratios),
        note,
      });
      if (count === COUNTS.at(-1)) {
        figures.push({
          name: `${name}: request ${count}`,
          value: median(times),
          unit: "ms",
          spread: spread(times),
          note,
        });
      }
    }
  }
  return figures;
}

type Measure = (count: number) => number;

const measures: readonly (readonly [string, Measure, string])[] = [
  ["assemble and hash a request", assembled, "aim: flat, it costs what is new"],
  ["the same with JSON.stringify of the whole history", serialised, "what peers do"],
  ["body text to bytes", encoded, "any client hands all bytes to the socket"],
];

/** Median ms of: take the rows of a step, give the next body, hash it. */
function assembled(count: number): number {
  const steps = stepsOf(count + TIMED);
  const conversation = createConversation(head, prompt);
  const known = createHash("sha256");
  let hashed = 0;
  const times: number[] = [];
  for (const [index, rows] of steps.entries()) {
    const start = performance.now();
    conversation.append(rows);
    const { stable, rest } = conversation.body();
    for (; hashed < stable.length; hashed++) known.update(stable[hashed] ?? "");
    known.copy().update(rest).digest("hex");
    if (index >= count) times.push(performance.now() - start);
  }
  return median(times);
}

function serialised(count: number): number {
  const steps = stepsOf(count + TIMED);
  const messages: unknown[] = [];
  const times: number[] = [];
  for (const [index, rows] of steps.entries()) {
    messages.push(...messagesOf(rows));
    if (index < count) continue;
    const start = performance.now();
    createHash("sha256")
      .update(JSON.stringify({ model: "claude-sonnet-5-5", max_tokens: 32_000, messages }))
      .digest("hex");
    times.push(performance.now() - start);
  }
  return median(times);
}

function encoded(count: number): number {
  const conversation = createConversation(head, prompt);
  const times: number[] = [];
  for (const [index, rows] of stepsOf(count + TIMED).entries()) {
    conversation.append(rows);
    if (index < count) continue;
    const { text } = conversation.body();
    const start = performance.now();
    Buffer.from(text);
    times.push(performance.now() - start);
  }
  return median(times);
}

/** The rows of each step: words, two calls, two results of some 4 KB together. */
function stepsOf(count: number): readonly (readonly Row[])[] {
  const log = rowLog();
  log.turn("Fix the test");
  return Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? 0 : log.rows.length;
    log.step().text(`Step ${index}: I look at the next two files.`);
    for (const part of ["a", "b"]) log.call(`c${index}${part}`, "read_file", `{"path": "src/${index}/${part}.ts"}`);
    for (const part of ["a", "b"]) log.result(`c${index}${part}`, `${index}\tconst value = "${part}";\n`.repeat(80));
    return log.rows.slice(from);
  });
}

/** The history as an array of messages, as a client without a log keeps it. */
function messagesOf(rows: readonly Row[]): readonly unknown[] {
  const content = (role: Row["role"]) =>
    rows
      .filter((row) => row.role === role)
      .map((row) => {
        if (row.type === "tool_call") {
          const input: unknown = JSON.parse(row.data.argumentsText);
          return { type: "tool_use", id: row.data.callId, name: row.data.name, input };
        }
        if (row.type === "tool_result")
          return { type: "tool_result", tool_use_id: row.data.callId, content: row.data.text };
        return { type: "text", text: row.type === "text" ? row.data.text : "" };
      });
  return [
    { role: "user", content: content("user") },
    { role: "assistant", content: content("assistant") },
    { role: "user", content: content("tool") },
  ].filter((message) => message.content.length > 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function spread(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
