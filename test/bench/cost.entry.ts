/** What the input of a session of fifty steps costs, in units of the least that it can cost. */
import { costInIdeals, costSessions } from "../support/cost-sessions";
import type { Figure } from "./figures";

const STEPS = 50;

export async function bench(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name, run } of costSessions) {
    const value = costInIdeals(await run(STEPS));
    figures.push({
      name: `cost of ${STEPS} steps: ${name}`,
      value,
      unit: "ratio",
      note: "to every prefix written once and read ever after; aim: 1.00",
    });
  }
  return figures;
}
