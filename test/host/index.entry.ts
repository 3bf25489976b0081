/**
 * What VS Code's extension host loads as its test runner: runs the built test files beside this one with mocha. The
 * launcher passes DISPATCH_TEST_RESULT, a file that gets the report and, as its last line, the tally; and
 * DISPATCH_TEST_SELECT, JSON of what to run.
 */
import { runMocha, testFiles, toFile } from "../support/run-mocha";

type Selection = { readonly only: readonly string[]; readonly grep?: string; readonly timeout: number };

export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const output = toFile(process.env.DISPATCH_TEST_RESULT ?? "");
  const select: Selection = JSON.parse(process.env.DISPATCH_TEST_SELECT ?? "");
  try {
    const files = testFiles(__dirname, [], select.only);
    const tally = await runMocha({ files, grep: select.grep, timeout: select.timeout, print: output.print });
    output.finish(tally);
  } catch (error) {
    output.print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    output.finish({ error: "a test file could not be loaded" });
    throw error;
  }
}
