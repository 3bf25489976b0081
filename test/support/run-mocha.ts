/**
 * One way to run a suite, whether in plain Node or inside an extension host: files in, tally out. Written to a file as
 * well, since an extension host has no exit code and no output of its own.
 */
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

export type Tally = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export type RunOptions = {
  /** Absolute paths of built test files. */
  readonly files: readonly string[];
  /** Only tests whose full title has this in it. */
  readonly grep?: string | undefined;
  /** Milliseconds that one test may take. */
  readonly timeout: number;
  /** Gets each line of the report; the runner prints nothing itself. */
  readonly print: (line: string) => void;
};

/** Test files under `folder`, sorted, without the folders in `skip` (relative to `folder`), whose path contains `only`. */
export function testFiles(folder: string, skip: readonly string[], only: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".test.js"))
    .filter((name) => !skip.includes(name.split(path.sep)[0] ?? ""))
    .filter((name) => only.length === 0 || only.some((part) => name.includes(part)))
    .sort()
    .map((name) => path.join(folder, name));
}

/** Runs the files. Never rejects for a failing test; rejects when a file can't be loaded. */
export async function runMocha(options: RunOptions): Promise<Tally> {
  const mocha = new Mocha({ ui: "bdd", timeout: options.timeout, reporter: Mocha.reporters.Base });
  if (options.grep !== undefined) mocha.fgrep(options.grep);
  for (const file of options.files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return await new Promise((resolve) => {
    const runner = mocha.run(() => resolve(tally));
    const tally = report(runner, options.print);
  });
}

/** A `print` and a `finish` for a run whose result is read by another process from `file`: `{"tally":…}` is its last line. */
export function toFile(file: string): { print(line: string): void; finish(outcome: Tally | { error: string }): void } {
  writeFileSync(file, "");
  return {
    print: (line) => appendFileSync(file, `${line}\n`),
    finish: (outcome) => appendFileSync(file, `${JSON.stringify(outcome)}\n`),
  };
}

/** One line per group with its count and time; each failure whole, at once, so that a run cut short still tells. */
function report(runner: Mocha.Runner, print: (line: string) => void): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  let group = { passed: 0, failed: 0, skipped: 0, started: Date.now() };
  runner.on("suite", (suite) => {
    if (suite.parent?.root === true) group = { passed: 0, failed: 0, skipped: 0, started: Date.now() };
  });
  runner.on("pass", () => {
    tally.passed += 1;
    group.passed += 1;
  });
  runner.on("pending", (test) => {
    tally.skipped += 1;
    group.skipped += 1;
    print(`  - skipped: ${test.fullTitle()}`);
  });
  runner.on("fail", (test, error: Error) => {
    tally.failed += 1;
    group.failed += 1;
    print(`  ✗ ${test.fullTitle()}`);
    print(indent(error.stack ?? String(error)));
  });
  runner.on("suite end", (suite) => {
    if (suite.parent?.root !== true) return;
    const parts = [
      `${group.passed} passed`,
      group.failed > 0 ? `${group.failed} failed` : "",
      group.skipped > 0 ? `${group.skipped} skipped` : "",
    ];
    const counts = parts.filter((part) => part !== "").join(", ");
    print(
      `  ${group.failed > 0 ? "✗" : "✓"} ${suite.title} (${counts}, ${((Date.now() - group.started) / 1000).toFixed(1)} s)`,
    );
  });
  return tally;
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `      ${line}`)
    .join("\n");
}
