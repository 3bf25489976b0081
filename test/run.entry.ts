/**
 * Runs a suite in plain Node: `node run.entry.js FOLDER RESULT [--skip NAME]… [--timeout MS] [--grep TEXT] [PART]…`.
 * A test that leaves a timer, a socket or a worker behind is a leak in what it tested: the run then says so and fails.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { runMocha, testFiles, toFile } from "./support/run-mocha";

/** How long the process may take to end by itself when all tests are through, ms. */
const graceToEnd = 5000;

process.setSourceMapsEnabled(true);
// Only a process that ends by itself runs its exit handlers, which end the servers and browsers that tests have started.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { skip: { type: "string", multiple: true }, timeout: { type: "string" }, grep: { type: "string" } },
});
const [folder = ".", result = "", ...only] = positionals;
const output = toFile(path.resolve(result));
const print = (line: string) => {
  console.log(line);
};

runMocha({
  files: testFiles(path.resolve(folder), values.skip ?? [], only),
  grep: values.grep,
  timeout: Number(values.timeout ?? 60_000),
  print,
}).then(
  (tally) => {
    process.exitCode = tally.failed > 0 ? 1 : 0;
    output.finish(tally);
    setTimeout(() => {
      const kept = process.getActiveResourcesInfo().filter((name) => name !== "TTYWrap" && name !== "PipeWrap");
      print(`  ✗ all tests are through, but the process is kept alive by: ${kept.join(", ")}`);
      output.finish({ ...tally, failed: tally.failed + 1 });
      process.exit(1);
    }, graceToEnd).unref();
  },
  (error: unknown) => {
    console.error(error);
    output.finish({ error: "a test file could not be loaded (see above)" });
    process.exit(1);
  },
);
