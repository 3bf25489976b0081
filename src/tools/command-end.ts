/** How a command has ended, in words: for the model, for the card, for the line of a job. */
import type { CommandResult, JobEnd } from "./types";

/** A few words: `exit 0`, `SIGKILL`, `stopped`. */
export function summaryOf(result: CommandResult): string {
  switch (result.kind) {
    case "exited":
      return result.signal ?? `exit ${result.exitCode ?? 0}`;
    case "timeout":
      return "timeout";
    case "cancelled":
      return "stopped";
    case "failed-to-start":
      return "not started";
  }
}

/** `exit code 0`, `stopped by the person`: completes "it has ended: …". */
export function jobEndWords({ result, stoppedBy }: JobEnd): string {
  switch (result.kind) {
    case "exited":
      return result.signal === undefined ? `exit code ${result.exitCode ?? 0}` : `ended by ${result.signal}`;
    case "timeout":
      return "stopped at its time limit";
    case "cancelled":
      return stoppedBy === "person" ? "stopped by the person" : "stopped";
    case "failed-to-start":
      return `it could not be started: ${result.message ?? "unknown reason"}`;
  }
}

/** A command on one line of at most so many characters. */
export function shortCommand(command: string, most = 80): string {
  const letters = [...command.replaceAll(/\s+/g, " ").trim()];
  return letters.length <= most ? letters.join("") : `${letters.slice(0, most - 1).join("")}…`;
}
