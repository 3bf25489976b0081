/** What may be typed into a terminal for a person. Pure. */
import { reveal } from "../approvals/reveal";

/**
 * A line break would run what stands before it, a tab completes, other control characters are keys to the shell, and what
 * can't be seen there would be run unseen.
 * @returns why this command is not typed, in a sentence or two; nothing when it can be.
 */
export function whyNotTyped(command: string): string | undefined {
  if (/[\n\r]/.test(command)) {
    return "This command has several lines, and a terminal would run each as it is typed. It can be copied instead.";
  }
  if (/\t/.test(command) || reveal(command).hidden > 0) {
    return "This command has characters that a terminal would act on or not show, so it was not typed. It can be copied instead.";
  }
  return undefined;
}
