/** The words of the status bar. Pure. */
import type { SessionSummary, SpentToday } from "../agent/types";
import { dollars } from "../chunks/money";
import { tokensText } from "./model-items";

export type StatusWords = {
  readonly text: string;
  /** For the tooltip and for screen readers. */
  readonly label: string;
  readonly isWaiting: boolean;
};

/** @returns nothing when there is nothing to say: no chat works or waits, and nothing was used today. */
export function statusWords(
  { running, needApproval }: Pick<SessionSummary, "running" | "needApproval">,
  today: SpentToday,
): StatusWords | undefined {
  const spent = spentWords(today);
  const parts = [
    ...(needApproval === 0 ? [] : [`$(bell-dot) ${needApproval}`]),
    ...(running === 0 ? [] : [`$(sync~spin) ${running}`]),
    ...(spent === undefined ? [] : [spent]),
  ];
  if (parts.length === 0) return undefined;
  const sentences = [
    ...(needApproval === 0 ? [] : [`${chats(needApproval)} ${needApproval === 1 ? "waits" : "wait"} for your answer`]),
    ...(running === 0 ? [] : [`${chats(running)} ${running === 1 ? "is" : "are"} running`]),
    ...(spent === undefined ? [] : [`${spent} today${withoutPrice(today)}`]),
  ];
  return {
    text: `$(comment-discussion) ${parts.join(" ")}`,
    label: `Dispatch: ${sentences.join(", ")}`,
    isWaiting: needApproval > 0,
  };
}

/** While chats run, what was spent is read again this often, ms; else at least so often, for a clock that stood still. */
const runningMs = 15_000;
const idleMs = 30 * 60_000;

/** @param now in ms since 1970. @returns when what was spent today is read again, in ms: at midnight it is another day. */
export function readAgainMs(running: number, now: number): number {
  if (running > 0) return runningMs;
  return Math.min(idleMs, new Date(now).setHours(24, 0, 0, 0) - now);
}

/** Where nothing has a price, tokens. */
function spentWords({ usd, unpriced, tokens }: SpentToday): string | undefined {
  if (usd > 0) return `${dollars(usd)}${unpriced.length > 0 ? "+" : ""}`;
  return tokens > 0 ? `${tokensText(tokens)} tokens` : undefined;
}

function withoutPrice({ usd, unpriced }: SpentToday): string {
  return usd > 0 && unpriced.length > 0 ? ` (and what has no known price: ${unpriced.join(", ")})` : "";
}

function chats(count: number): string {
  return count === 1 ? "1 chat" : `${count} chats`;
}
