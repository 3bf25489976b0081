/**
 * `npm run package [-- FILE]`: the .vsix, from a copy of the checkout with a production build, so that dist/ is left as
 * it is and .vscodeignore has to hold against everything that lies in the checkout.
 */
import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureDependencies, quietly, SetupError } from "./setup.mjs";

process.chdir(path.dirname(import.meta.dirname));
const left = /^(node_modules|\.git|\.vscode-test|dist.*|.*\.vsix)$/;
const target = path.resolve(process.env.INIT_CWD ?? ".", process.argv[2] ?? "dispatch.vsix");
const stage = mkdtempSync(path.join(os.tmpdir(), "dispatch-package-"));
process.once("exit", () => rmSync(stage, { recursive: true, force: true }));

try {
  await ensureDependencies();
  cpSync(".", stage, { recursive: true, filter: (source) => source === "." || !left.test(source) });
  const build = ["esbuild.mjs", "--production", `--out=${path.join(stage, "dist")}`];
  await quietly(process.execPath, build, { failed: "The build failed" });
  const vsce = path.resolve("node_modules", "@vscode", "vsce", "vsce");
  const flags = ["--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository", "--out", target];
  await quietly(process.execPath, [vsce, "package", ...flags], {
    cwd: stage,
    failed: "vsce could not make the package",
  });
  console.log(`${target}: ${(statSync(target).size / 1024).toFixed(0)} KiB`);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
