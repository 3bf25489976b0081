/** The host suite: mocha inside the extension host of a real VS Code, the extension from source. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { failuresFolder, hostScratch, languageModels, onSignals, printReport, readTally, tailOf } from "./suite.mjs";
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
  const dataFolder = path.join(scratch.folder, "data");
  // A folder in the place of installed extensions is taken for one.
  const models = path.join(dataFolder, "extensions", "dispatch-test.language-models-1.0.0");
  cpSync(languageModels, models, { recursive: true });
  try {
    await inExtensionHost({
      editor,
      browser,
      dataFolder,
      workspace: scratch.workspace,
      extension: process.cwd(),
      tests: "dist-test/host/index.entry.js",
      env: scratch.env,
      limit,
    });
    return readTally(scratch.result, select);
  } finally {
    tail.stop();
    forget();
    rmSync(scratch.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Starts VS Code with an extension from source and runs a module in its extension host: `tests` exports `run()`. Resolves
 * when that has ended, well or not: what it found out is its own to tell, through a file.
 * @param {object} options
 * @param {import("./setup.mjs").Editor} options.editor
 * @param {string} options.browser
 * @param {string} options.dataFolder
 * @param {string} options.workspace
 * @param {string} options.extension from source
 * @param {readonly string[]} [options.vsix] more extensions, to be installed
 * @param {string} options.tests
 * @param {Readonly<Record<string, string>>} options.env
 * @param {number} options.limit ms
 */
export async function inExtensionHost({
  editor,
  browser,
  dataFolder,
  workspace,
  extension,
  vsix = [],
  tests,
  env,
  limit,
}) {
  const server = await startServer({ editor, dataFolder, extension, vsix, env });
  const exited = signal(limit, `VS Code's extension host did not end within ${limit / 60_000} minutes`);
  /** @type {Awaited<ReturnType<typeof openPage>> | undefined} */
  let opened;
  try {
    opened = await openPage({
      browser,
      address: server.address(workspace, [["extensionTestsPath", server.remote(tests)]]),
      prepare: async (page) => {
        await page.exposeFunction("codeAutomationLog", () => {});
        await page.exposeFunction("codeAutomationExit", exited.give);
      },
    });
    await exited.given;
  } catch (error) {
    mkdirSync(failuresFolder, { recursive: true });
    await opened?.page.screenshot({ path: path.join(failuresFolder, "host.png") }).catch(() => {});
    writeFileSync(path.join(failuresFolder, "host.txt"), `${server.output()}\n\n${opened?.console() ?? ""}\n`);
    throw error;
  } finally {
    exited.give();
    await opened?.close();
    server.stop();
    await server.ended;
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
