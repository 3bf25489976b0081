/** The approvals of one tab that wait for a person. Each is answered once: the first answer wins, over all views. */
import type { ApprovalAnswer, ApprovalCard } from "../chunks/protocol";
import type { Question } from "./turn-context";

export type Questions = {
  /** Resolves with the first answer, or with `stopped` when the signal aborts. */
  readonly ask: (question: Question, signal: AbortSignal) => Promise<ApprovalAnswer | { readonly kind: "stopped" }>;
  /** @returns false when no such question is waiting (answered already, voided by a stop or a restart). */
  readonly answer: (id: string, answer: ApprovalAnswer) => boolean;
  /** In call order. */
  readonly cards: () => readonly ApprovalCard[];
  readonly first: () => Question | undefined;
  readonly find: (callId: string) => Question | undefined;
};

export function createQuestions(onChange: () => void): Questions {
  type Waiting = {
    readonly question: Question;
    readonly settle: (answer: ApprovalAnswer | { readonly kind: "stopped" }) => void;
  };
  const waiting = new Map<string, Waiting>();
  const inOrder = (): readonly Question[] =>
    [...waiting.values()].map(({ question }) => question).sort((a, b) => a.order - b.order);
  return {
    ask(question, signal) {
      if (signal.aborted) return Promise.resolve({ kind: "stopped" });
      return new Promise((resolve) => {
        const id = question.card.id;
        const onAbort = (): void => settle({ kind: "stopped" });
        const settle: Waiting["settle"] = (answer) => {
          signal.removeEventListener("abort", onAbort);
          waiting.delete(id);
          onChange();
          resolve(answer);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.set(id, { question, settle });
        onChange();
      });
    },
    answer(id, answer) {
      const found = waiting.get(id);
      found?.settle(answer);
      return found !== undefined;
    },
    cards: () => inOrder().map(({ card }) => card),
    first: () => inOrder()[0],
    find: (callId) => [...waiting.values()].find((one) => one.question.card.callId === callId)?.question,
  };
}
