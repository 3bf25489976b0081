/** A suite as a process of its own, with a bound on its time and a result that is read from a file. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/**
 * @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Tally
 * @typedef {{ readonly only: readonly string[], readonly grep: string | undefined }} Selection
 */

/** @typedef {import("node:child_process").ChildProcess} Child */

/** How long a suite that is stopped may take to end its servers and browsers, ms. */
const graceToEnd = 5000;

/** Where failed tests leave what helps to understand them: screenshots, the editor's last output. */
export const failuresFolder = path.join("dist-test", "failures");

/**
 * Runs the built tests under `folder` with mocha in plain Node. `limit` and `perTest` are ms. Throws with the reason when
 * the suite broke off or had nothing to run.
 * @param {{ name: string, folder: string, skip: readonly string[], limit: number, perTest: number, select: Selection }} options
 * @returns {Promise<Tally>}
 */
export async function runInNode({ name, folder, skip, limit, perTest, select }) {
  const result = resultFile(name);
  const args = [
    "dist-test/run.entry.js",
    folder,
    result,
    ...skip.flatMap((one) => ["--skip", one]),
    ...["--timeout", String(perTest)],
    ...(select.grep === undefined ? [] : ["--grep", select.grep]),
    ...select.only,
  ];
  const child = spawn(process.execPath, args, { stdio: "inherit", detached: process.platform !== "win32" });
  const end = () => signalGroup(child, "SIGTERM");
  process.once("exit", end);
  const forget = onSignals(() => void endGroup(child).then(() => process.exit(130)));
  try {
    await endOf(child, limit, `the suite did not end within ${limit / 60_000} minutes and was stopped`);
    return readTally(result, select);
  } finally {
    await endGroup(child);
    forget();
    process.off("exit", end);
  }
}

/** A fresh path for the outcome of suite `name`. */
export function resultFile(/** @type {string} */ name) {
  mkdirSync("dist-test", { recursive: true });
  return path.resolve("dist-test", `result-${name}-${process.pid}.jsonl`);
}

/**
 * The tally on the last line of `file`, as test/support/run-mocha.ts writes it.
 * @param {string} file
 * @param {Selection} select
 * @returns {Tally}
 */
export function readTally(file, select) {
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  const last = lines.at(-1) ?? "";
  if (!last.startsWith("{"))
    throw new Error(`the suite ended early${lines.length > 1 ? `, after: ${last.trim()}` : ""}`);
  const outcome = JSON.parse(last);
  if (outcome.error !== undefined) throw new Error(outcome.error);
  const selected = select.only.length > 0 || select.grep !== undefined;
  if (!selected && outcome.passed + outcome.failed === 0) throw new Error("there was no test to run");
  return outcome;
}

/** An extension beside ours that brings language models. */
export const languageModels = path.resolve("test/host/language-models");

/**
 * A fresh workspace and the environment that dist-test/host/index.entry.js reads.
 * @param {number} perTest
 * @param {Selection} select
 */
export function hostScratch(perTest, select) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-host-"));
  const workspace = path.join(folder, "workspace");
  mkdirSync(workspace);
  writeFileSync(path.join(workspace, "README.md"), "# Sample\n");
  const result = resultFile("host");
  const env = {
    DISPATCH_TEST_RESULT: result,
    DISPATCH_TEST_SELECT: JSON.stringify({ only: select.only, grep: select.grep, timeout: perTest }),
  };
  return { folder, workspace, result, env };
}

/** Lines of the report, as they come, without the machine's last one. @param {string} line */
export function printReport(line) {
  if (!line.startsWith("{")) console.log(line);
}

/**
 * Follows a text file that another process appends to. `stop` gives what is still unread.
 * @param {string} file need not exist yet
 * @param {(line: string) => void} onLine
 */
export function tailOf(file, onLine) {
  let read = 0;
  const look = () => {
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    for (const line of lines.slice(read, -1)) onLine(line);
    read = Math.max(read, lines.length - 1);
  };
  const timer = setInterval(look, 250);
  return {
    stop: () => {
      clearInterval(timer);
      look();
    },
  };
}

/** Ends a process that was started detached, and all that it started in its group, at once. @param {Child} child */
export function stopGroup(child) {
  signalGroup(child, "SIGKILL");
}

/**
 * The same, but lets it end what it has started in groups of their own first, within `graceToEnd`.
 * @param {Child} child
 */
async function endGroup(child) {
  const running = child.exitCode === null && child.signalCode === null;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => stopGroup(child), graceToEnd);
  if (running) await exited;
  clearTimeout(timer);
  stopGroup(child);
}

/** @param {Child} child @param {NodeJS.Signals} signal */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}

/** Calls `act` on Ctrl+C and its like. @param {() => void} act @returns {() => void} takes it back */
export function onSignals(act) {
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.once(signal, act);
  return () => {
    for (const signal of signals) process.off(signal, act);
  };
}

/** @param {Child} child @param {number} limit @param {string} tooLong */
function endOf(child, limit, tooLong) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(tooLong)), limit);
    child.once("error", reject);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
