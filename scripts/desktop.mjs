/** The desktop VS Code that @vscode/test-electron fetches, and what to say where it can't. */
import { downloadAndUnzipVSCode, SilentReporter } from "@vscode/test-electron";
import { SetupError } from "./setup.mjs";

/** How long the fetch may take to begin and to go on, ms. */
const timeout = 30_000;

/** The path of the program. Throws a sentence where it can't be had. @returns {Promise<string>} */
export async function fetchDesktop() {
  try {
    return await downloadAndUnzipVSCode({ reporter: new SilentReporter(), timeout });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new SetupError(
      `The desktop VS Code could not be fetched (${reason}); the download is not reachable from here.`,
    );
  }
}
