/**
 * `npm test [-- [unit|host|ui]… [PART]… [--grep TEXT]]`: installs, builds and runs the suites; a PART keeps only test files
 * with it in their path. The last line is `N passed, M failed, K skipped`. A suite that can't run on this machine is
 * named with its reason; that is a failure when CI=true.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureBrowser, ensureDependencies, ensureEditor, ensureSandbox, quietly, SetupError } from "./setup.mjs";
import { runInNode } from "./suite.mjs";

process.chdir(path.dirname(import.meta.dirname));
const minute = 60_000;

/**
 * `limit` bounds the whole suite, `perTest` one test, both in ms; what the suites take is well under half of it on two idle cores.
 * @type {Record<string, (select: import("./suite.mjs").Selection) => Promise<import("./suite.mjs").Tally>>}
 */
const suites = {
  unit: async (select) => {
    await ensureSandbox();
    return await runInNode({
      ...{ name: "unit", folder: "dist-test", skip: ["host", "ui"] },
      ...{ limit: 20 * minute, perTest: minute, select },
    });
  },
  host: async (select) => {
    const machine = { editor: await ensureEditor(), browser: await ensureBrowser() };
    const { runInHost } = await import("./host-suite.mjs");
    return await runInHost({ ...machine, limit: 6 * minute, perTest: minute / 2, select });
  },
  ui: async (select) => {
    await ensureEditor();
    await ensureBrowser();
    return await runInNode({
      name: "ui",
      folder: "dist-test/ui",
      skip: [],
      limit: 24 * minute,
      perTest: 2 * minute,
      select,
    });
  },
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: "string" } } });
const named = positionals.filter((word) => word in suites);
const select = { only: positionals.filter((word) => !(word in suites)), grep: values.grep };
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  await ensureDependencies();
  await quietly(process.execPath, ["esbuild.mjs", "--tests"], { failed: "The build failed" });
  for (const [name, run] of Object.entries(suites)) {
    if (named.length === 0 || named.includes(name)) await runSuite(name, run);
  }
} catch (error) {
  total.failed += 1;
  console.log(error instanceof SetupError ? error.message : error);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** @param {string} name @param {(selection: typeof select) => Promise<import("./suite.mjs").Tally>} run */
async function runSuite(name, run) {
  const started = Date.now();
  console.log(`${name}:`);
  try {
    const tally = await run(select);
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`${name}: passed ${tally.passed}, failed ${tally.failed}, skipped ${tally.skipped}, in ${seconds} s\n`);
  } catch (error) {
    const unavailable = error instanceof SetupError;
    if (unavailable && process.env.CI !== "true") total.skipped += 1;
    else total.failed += 1;
    console.log(`${name}: ${unavailable ? "could not run" : "broke"}: ${unavailable ? error.message : error}\n`);
  }
}
