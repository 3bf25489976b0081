/** Starts the simulator of the Messages API: bundles it, which takes a moment, and runs it in this process. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const outfile = path.join(root, "dist-test/simulator/cli.entry.js");

const { outputFiles } = await build({
  entryPoints: [path.join(root, "test/simulator/cli.entry.ts")],
  write: false,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  sourcemap: "inline",
  logLevel: "warning",
});
mkdirSync(path.dirname(outfile), { recursive: true });
// By rename, since several simulators may start at once.
for (const { contents } of outputFiles) writeFileSync(`${outfile}.${process.pid}`, contents);
renameSync(`${outfile}.${process.pid}`, outfile);
createRequire(import.meta.url)(outfile);
