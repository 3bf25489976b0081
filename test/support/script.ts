/** Short words for scenarios of the simulator. */
import type { Reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";

export const call = (name: string, input: Readonly<Record<string, unknown>>, id?: string) =>
  ({ type: "tool_use", name, input, ...(id === undefined ? {} : { id }) }) as const;

export const text = (words: string) => ({ type: "text", text: words }) as const;

/** One turn, whatever the person says. */
export const steps = (...replies: readonly Reply[]): Scenario => ({ turns: [{ steps: replies }] });
