/**
 * `npm run bench [-- [--json] [PART]…]`: builds and runs the benchmarks in test/bench, each in a process of its own; a PART
 * keeps only those with it in their name. `--json` prints one JSON object of figures by name and nothing else on stdout.
 */
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDependencies, quietly, SetupError } from "./setup.mjs";
import { onSignals, stopGroup } from "./suite.mjs";

/** @typedef {{ name: string, value: number, unit: string, spread?: readonly [number, number], note?: string }} Figure */
/** @typedef {{ figures: readonly Figure[] } | { skipped: string } | { failed: string }} Outcome */

process.chdir(path.dirname(import.meta.dirname));
/** One benchmark may take this long, ms. */
const limit = 15 * 60_000;

if (process.send !== undefined && process.argv[2] === "--one") await runOne(process.argv[3] ?? "");
else await runAll().catch(giveUp);

async function runAll() {
  const options = { json: { type: /** @type {const} */ ("boolean"), default: false } };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  await ensureDependencies();
  await quietly(process.execPath, ["esbuild.mjs", "--tests"], { failed: "The build failed" });
  onSignals(() => process.exit(130));
  const names = ["", "view/"]
    .flatMap((folder) => readdirSync(`dist-test/bench/${folder}`).map((name) => `${folder}${name}`))
    .filter((name) => name.endsWith(".entry.js"))
    .map((name) => name.replace(".entry.js", ""))
    .filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
  /** @type {Figure[]} */
  const all = [];
  for (const name of names) {
    console.error(`${name}…`);
    const outcome = await inOwnProcess(path.resolve("dist-test", "bench", `${name}.entry.js`));
    if ("figures" in outcome) all.push(...outcome.figures);
    if ("figures" in outcome && !values.json) console.log(table(name, outcome.figures));
    if ("skipped" in outcome) console.error(`${name} was skipped: ${outcome.skipped}`);
    if ("failed" in outcome) console.error(`${name} failed: ${outcome.failed}`);
    if ("failed" in outcome) process.exitCode = 1;
  }
  if (values.json) console.log(JSON.stringify(Object.fromEntries(all.map(({ name, ...rest }) => [name, rest]))));
}

/** @param {unknown} error @returns {never} */
function giveUp(error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}

/** @param {string} file */
async function runOne(file) {
  /** @type {Outcome} */
  let outcome;
  try {
    outcome = { figures: await createRequire(import.meta.url)(file).bench() };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    outcome = error instanceof Error && error.name === "SetupError" ? { skipped: error.message } : { failed: text };
  }
  process.send?.(outcome, () => process.exit(0));
}

/** @param {string} file @returns {Promise<Outcome>} */
function inOwnProcess(file) {
  const child = fork(import.meta.filename, ["--one", file], {
    detached: process.platform !== "win32",
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const stop = () => stopGroup(child);
  process.once("exit", stop);
  return new Promise((resolve) => {
    /** @param {Outcome} outcome */
    const end = (outcome) => {
      clearTimeout(timer);
      process.off("exit", stop);
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      stop();
      end({ failed: `it did not end within ${limit / 60_000} minutes` });
    }, limit);
    child.once("message", (message) => end(/** @type {Outcome} */ (message)));
    child.once("error", (error) => end({ failed: error.message }));
    child.once("exit", (code, signal) => end({ failed: `it ended with ${signal ?? code} and no figures` }));
  });
}

/** @param {string} title @param {readonly Figure[]} figures */
function table(title, figures) {
  const rows = figures.map((one) => [
    one.name,
    amount(one.value, one.unit),
    one.spread === undefined ? "" : `${amount(one.spread[0], one.unit)} … ${amount(one.spread[1], one.unit)}`,
    one.note ?? "",
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([name = "", value = "", spread = "", note = ""]) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${spread.padStart(widths[2] ?? 0)}  ${note}`.trimEnd(),
  );
  return `${title}\n${lines.join("\n")}\n`;
}

/** A figure as people read it. @param {number} value @param {string} unit */
function amount(value, unit) {
  const isWhole = Number.isInteger(value) && unit !== "ratio";
  const digits = Math.abs(value) >= 100 || isWhole ? 0 : 2;
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === "ratio" ? `${text} ×` : `${text} ${unit}`;
}
