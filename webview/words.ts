/** Numbers and states as people read them. */
import { dollars } from "../src/chunks/money";
import type { TurnEnd, TurnSummary, Usage } from "../src/chunks/protocol";
import { assertNever } from "../src/chunks/rows";

/** `0.4 s`, `48 s`, `3 min 5 s`, `2 h 4 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return `${whole} s`;
  }
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long something has been running, for a line that changes rarely: `< 1 min`, `2 min`, `2 h 4 min`. */
export function minutes(ms: number): string {
  const whole = Math.floor(Math.max(0, ms) / 60_000);
  return whole === 0 ? "< 1 min" : whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/** `812`, `9 k`, `182 k`, `1.2 M`. */
export function tokens(count: number): string {
  if (count < 1000) {
    return String(count);
  }
  if (count < 999_500) {
    return count < 9_950 ? `${trimZero((count / 1000).toFixed(1))} k` : `${Math.round(count / 1000)} k`;
  }
  return `${trimZero((count / 1_000_000).toFixed(1))} M`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The line under a turn: `12 steps · 48 s · 182 k read, 9 k written · $0.14`, after how it ended if not well. */
export function turnLine(turn: TurnSummary): string {
  const parts = [plural(turn.steps, "step"), duration(turn.endedAt - turn.startedAt), usageLine(turn.usage)];
  if (turn.cost !== undefined) parts.push(dollars(turn.cost));
  if (turn.missed !== undefined)
    parts.push(turn.missed === 1 ? "cache missed once" : `cache missed ${turn.missed} times`);
  const end = endWords(turn.endReason);
  return [...(end === "" ? [] : [end]), ...parts.filter((part) => part !== "")].join(" · ");
}

/** All tokens of a turn by what they cost, for a tooltip. */
export function usageDetails({ usage, cost }: TurnSummary): string {
  const price = usage.fresh + usage.read + usage.written + usage.output === 0 || cost !== undefined ? [] : [noPrice];
  return [
    `${usage.read.toLocaleString("en")} tokens read from the cache`,
    `${usage.written.toLocaleString("en")} written to the cache`,
    `${usage.fresh.toLocaleString("en")} sent without the cache`,
    `${usage.output.toLocaleString("en")} in the answer`,
    ...price,
  ].join("\n");
}

const noPrice = "No cost: the price of a model is not known. It can be set in dispatch.prices.";

function usageLine(usage: Usage): string {
  return usage.read + usage.written === 0
    ? usage.fresh + usage.output === 0
      ? ""
      : `${tokens(usage.fresh)} sent, ${tokens(usage.output)} answered`
    : `${tokens(usage.read)} read, ${tokens(usage.written)} written`;
}

function endWords(end: TurnEnd): string {
  switch (end) {
    case "done":
      return "";
    case "cancelled":
      return "Stopped";
    case "error":
      return "Ended with an error";
    case "refusal":
      return "The model declined to go on";
    case "max_tokens":
      return "The answer reached its length limit";
    case "max_steps":
      return "The step limit was reached";
    case "max_cost":
      return "The cost limit was reached";
    case "interrupted":
      return "Interrupted";
    default:
      return assertNever(end);
  }
}

function trimZero(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}
