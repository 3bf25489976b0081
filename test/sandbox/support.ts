/** The sandbox of this machine for tests, and whether there is one. */
import path from "node:path";
import { createSandbox } from "../../src/sandbox/sandbox";
import { DIST } from "../support/agent";

export const helpers = path.join(DIST, "sandbox");

/** Why there is no sandbox on this machine; nothing where there is one. */
export const sandboxProblem = (): Promise<string | undefined> =>
  createSandbox({ root: process.cwd(), secret: [], helpers }).problem();

/** Skips the suite, with the reason printed, where the system has no sandbox or lets nobody make one. */
export function describeSandbox(title: string, body: () => void): void {
  describe(title, () => {
    before(async function () {
      const problem = await sandboxProblem();
      if (problem === undefined) return;
      console.log(`${title}: skipped, no sandbox on this machine. ${problem}`);
      this.skip();
    });
    body();
  });
}
