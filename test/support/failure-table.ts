/** Each kind of failure of a server with what a turn makes of it, for whoever runs a whole turn from outside. */
import type { TurnSummary } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import type { Fault } from "../simulator/faults";
import { reply } from "../simulator/reply";
import type { RecordedRequest } from "../simulator/requests";
import type { ScenarioFunction } from "../simulator/scenario";

export const tableSecrets = { k1: "sk-table-one", k2: "sk-table-two" } as const;

export const tableModels = [
  { key: "k1", model: "claude-sonnet-5-5" },
  { key: "k2", model: "claude-sonnet-5-5" },
  { key: "k1", model: "claude-opus-5-5" },
] as const;

/** `always`: hits every request that it can; else the first one alone. `course`: where requests went and how the turn ended. */
type Line = { readonly signal: string; readonly fault: Fault; readonly always?: true; readonly course: string };

const error = (status: number, type: string, message: string): Fault => ({ kind: "error", status, type, message });
const again = "k1/sonnet fails, k1/sonnet: done";
const otherKey = "k1/sonnet fails, k2/sonnet: done";

export const failureTable: readonly Line[] = [
  { signal: "429 for a moment", fault: { kind: "rate-limit", retryAfter: "ms", seconds: 0.1 }, course: again },
  { signal: "429 for a minute", fault: { kind: "rate-limit", seconds: 60 }, always: true, course: otherKey },
  { signal: "429, spend cap of the organization", fault: { kind: "spend-limit" }, always: true, course: otherKey },
  {
    signal: "400, limit of one's own",
    fault: error(400, "invalid_request_error", "You have reached your specified API usage limits."),
    always: true,
    course: otherKey,
  },
  { signal: "400, credit", fault: { kind: "no-credit" }, always: true, course: otherKey },
  { signal: "402", fault: { kind: "billing" }, always: true, course: otherKey },
  { signal: "401", fault: { kind: "bad-key" }, always: true, course: "k1/sonnet fails: error bad-key" },
  { signal: "403", fault: { kind: "forbidden" }, always: true, course: "k1/sonnet fails: error bad-key" },
  { signal: "404", fault: { kind: "not-found" }, always: true, course: otherKey },
  { signal: "529", fault: { kind: "overloaded" }, course: again },
  {
    signal: "529 that is not to be tried again",
    fault: { kind: "overloaded", shouldRetry: false },
    always: true,
    course: "k1/sonnet fails, k1/opus: done",
  },
  { signal: "event: error after 200", fault: { kind: "error-event" }, course: again },
  { signal: "500", fault: { kind: "server-error" }, course: again },
  { signal: "502 with a page of the edge", fault: { kind: "bad-gateway" }, course: again },
  { signal: "504", fault: { kind: "timeout" }, course: again },
  { signal: "413", fault: { kind: "too-large" }, always: true, course: "k1/sonnet fails: error too-large" },
  { signal: "a reset before the headers", fault: { kind: "reset", at: "before-headers" }, course: again },
  { signal: "a reset in the stream", fault: { kind: "reset", at: "after-events", after: 4 }, course: again },
  { signal: "an end without message_stop", fault: { kind: "cut", after: 4 }, course: again },
];

/** The server of one line: the fault hits the first key with the first model. */
export const failing =
  ({ fault, always }: Line): ScenarioFunction =>
  ({ key, model }) =>
    key === tableSecrets.k1 && model.includes("sonnet")
      ? { ...reply("Done."), fault: { ...fault, times: always ? 99 : 1 } }
      : reply("Done.");

/** What has happened, in the words of the table. */
export function courseOf(requests: readonly RecordedRequest[], turn: TurnSummary, rows: readonly Row[]): string {
  const ways = requests.map(({ headers, body, outcome }) => {
    const key = JSON.stringify(headers).includes(tableSecrets.k1) ? "k1" : "k2";
    const model = /"model":"claude-(\w+)/.exec(body.toString())?.[1];
    return `${key}/${model}${outcome === "complete" ? "" : " fails"}`;
  });
  const codes = rows.flatMap((row) => (row.type === "error" ? [` ${row.data.code}`] : []));
  return `${ways.join(", ")}: ${turn.endReason}${codes.join("")}`;
}
