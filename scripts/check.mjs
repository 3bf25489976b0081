/** `npm run check`: types, lint, format and architecture. All of them run; what fails is named at the end. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { ensureDependencies, SetupError } from "./setup.mjs";

process.chdir(path.dirname(import.meta.dirname));
const bin = (/** @type {readonly string[]} */ ...parts) => path.resolve("node_modules", ...parts);

/** @type {readonly (readonly [string, readonly string[]])[]} */
const steps = [
  ["types", [bin("typescript", "bin", "tsc"), "-p", "."]],
  ["types of the webview", [bin("typescript", "bin", "tsc"), "-p", "webview"]],
  ["lint and format", [bin("@biomejs", "biome", "bin", "biome"), "ci", "."]],
  ["build", ["esbuild.mjs", "--tests"]],
  ["architecture", [bin("mocha", "bin", "mocha.js"), "--reporter", "dot", "dist-test/architecture.test.js"]],
];

try {
  await ensureDependencies();
  const failed = steps.filter(([, args]) => spawnSync(process.execPath, args, { stdio: "inherit" }).status !== 0);
  console.log(failed.length === 0 ? "check: all well" : `check failed: ${failed.map(([name]) => name).join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
