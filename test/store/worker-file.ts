/** Where the built worker is: beside the tests in a full build, else built here the same way. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { build } from "esbuild";

/** @returns the path of store-worker.js, with sql-wasm.wasm beside it. */
export async function workerFile(): Promise<string> {
  const built = path.resolve(__dirname, "../../dist/store-worker.js");
  if (path.basename(path.dirname(__dirname)) === "dist-test" && existsSync(built)) return built;
  const outdir = mkdtempSync(path.join(os.tmpdir(), "dispatch-worker-"));
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  const entryPoints = { "store-worker": path.resolve("src/store/worker.ts") };
  await build({
    entryPoints,
    outdir,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  const wasm = createRequire(path.resolve("package.json")).resolve("sql.js/dist/sql-wasm.wasm");
  copyFileSync(wasm, path.join(outdir, "sql-wasm.wasm"));
  return path.join(outdir, "store-worker.js");
}
