/** The host suite: mocha inside the extension host of a real VS Code, the extension from source. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { failuresFolder, hostScratch, onSignals, printReport, readTally, tailOf } from "./suite.mjs";
import { openPage, startServer } from "./vscode-server.mjs";

/**
 * Runs dist-test/host in VS Code from the npm registry. `limit` and `perTest` are ms. Throws with the reason when the suite
 * broke off; the editor's last output is then in dist-test/failures/.
 * @param {object} options
 * @param {import("./setup.mjs").Editor} options.editor
 * @param {string} options.browser
 * @param {number} options.limit
 * @param {number} options.perTest
 * @param {import("./suite.mjs").Selection} options.select
 * @returns {Promise<import("./suite.mjs").Tally>}
 */
export async function runInHost({ editor, browser, limit, perTest, select }) {
  const scratch = hostScratch(perTest, select);
  const forget = onSignals(() => process.exit(130));
  const tail = tailOf(scratch.result, printReport);
  const server = await startServer({
    editor,
    dataFolder: path.join(scratch.folder, "data"),
    extensions: [process.cwd()],
    env: scratch.env,
  });
  /** @type {Awaited<ReturnType<typeof openPage>> | undefined} */
  let opened;
  try {
    const tests = /** @type {const} */ (["extensionTestsPath", server.remote("dist-test/host/index.entry.js")]);
    const exited = signal(limit, `the suite did not end within ${limit / 60_000} minutes`);
    opened = await openPage({
      browser,
      address: server.address(scratch.workspace, [tests]),
      prepare: async (page) => {
        await page.exposeFunction("codeAutomationLog", () => {});
        await page.exposeFunction("codeAutomationExit", exited.give);
      },
    });
    await exited.given;
    return readTally(scratch.result, select);
  } catch (error) {
    mkdirSync(failuresFolder, { recursive: true });
    await opened?.page.screenshot({ path: path.join(failuresFolder, "host.png") }).catch(() => {});
    writeFileSync(path.join(failuresFolder, "host.txt"), `${server.output()}\n\n${opened?.console() ?? ""}\n`);
    throw error;
  } finally {
    await opened?.close();
    server.stop();
    await server.ended;
    tail.stop();
    forget();
    rmSync(scratch.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A promise that `give` fulfils, or that fails with `tooLate` after `limit` ms. @param {number} limit @param {string} tooLate */
function signal(limit, tooLate) {
  let give = () => {};
  const given = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(tooLate)), limit);
    give = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
  });
  return { give: () => give(), given };
}
