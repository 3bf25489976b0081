/** `npm run test:electron`: the host suite in the desktop VS Code. Needs a screen (on a server: xvfb-run). */
import { rmSync } from "node:fs";
import path from "node:path";
import { ensureDependencies, quietly, SetupError } from "./setup.mjs";
import { hostScratch, languageModels, onSignals, printReport, readTally, tailOf } from "./suite.mjs";

process.chdir(path.dirname(import.meta.dirname));
/** One test may take this long, ms. */
const perTest = 30_000;

try {
  await ensureDependencies();
  const { fetchDesktop } = await import("./desktop.mjs");
  const vscodeExecutablePath = await fetchDesktop();
  await quietly(process.execPath, ["esbuild.mjs", "--tests"], { failed: "The build failed" });
  process.exitCode = await runSuite(vscodeExecutablePath);
} catch (error) {
  console.log(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}

async function runSuite(/** @type {string} */ vscodeExecutablePath) {
  const { runTests } = await import("@vscode/test-electron");
  const select = { only: process.argv.slice(2), grep: undefined };
  const scratch = hostScratch(perTest, select);
  const tail = tailOf(scratch.result, printReport);
  const forget = onSignals(() => process.exit(130));
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: [process.cwd(), languageModels],
      extensionTestsPath: path.resolve("dist-test/host/index.entry.js"),
      extensionTestsEnv: scratch.env,
      launchArgs: [
        scratch.workspace,
        "--disable-workspace-trust",
        "--user-data-dir",
        path.join(scratch.folder, "data"),
      ],
    });
    const tally = readTally(scratch.result, select);
    tail.stop();
    console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
    return tally.failed > 0 ? 1 : 0;
  } finally {
    tail.stop();
    forget();
    rmSync(scratch.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
