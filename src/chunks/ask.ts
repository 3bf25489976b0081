/** A question that the agent asks the person in the middle of its work, and the answer. */

export type AskChoice = { readonly label: string; readonly description?: string };

export type Ask = {
  /** Of this asking: an answer to an earlier one has no effect. */
  readonly id: string;
  readonly callId: string;
  readonly question: string;
  readonly choices: readonly AskChoice[];
  /** Whether more than one choice may be taken. */
  readonly several: boolean;
};

export type AskAnswer =
  /** `choices`: their places, from 0. With none of them the text alone is the answer. */
  | { readonly kind: "answer"; readonly choices: readonly number[]; readonly text?: string }
  /** The agent is to decide. */
  | { readonly kind: "skip" }
  /** Nobody is there who could answer. */
  | { readonly kind: "nobody" };

export const ASK_USER = "ask_user";

/** Whether it answers this question: it says something, with choices that there are, and one only where only one may be taken. */
export function fitsAsk(ask: Ask, answer: AskAnswer): boolean {
  if (answer.kind !== "answer") return true;
  const { choices, text = "" } = answer;
  const isUnique = new Set(choices).size === choices.length;
  const exist = choices.every((choice) => ask.choices[choice] !== undefined);
  return isUnique && exist && (choices.length <= 1 || ask.several) && (choices.length > 0 || text.trim() !== "");
}
