/**
 * Builds every bundle. `--production` minifies (for the .vsix), `--tests` builds the test side too, `--watch` stays.
 * dist/ is what runs in the editor and the headless runner; dist-test/ is development code and never shipped.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import esbuild from "esbuild";

const flags = new Set(process.argv.slice(2));
const production = flags.has("--production");
const require = createRequire(import.meta.url);

const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") },
};
const node = { ...shared, platform: "node", format: "cjs", target: "node20" };

const builds = present([
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] },
  { ...node, entryPoints: { "store-worker": "src/store/worker.ts" }, outdir: "dist" },
  { ...node, entryPoints: ["src/headless.ts"], outfile: "dist/headless.js" },
  {
    ...shared,
    entryPoints: { webview: "webview/main.tsx" },
    outdir: "dist",
    platform: "browser",
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
]);

/** While the parts are being written: builds what is there. */
function present(all) {
  return all.filter((one) => [Object.values(one.entryPoints)].flat().every((file) => existsSync(file)));
}

/** Tests by glob, so that a new file can't be forgotten; packages stay external, real files on disk. */
function testBuild() {
  const entryPoints = readdirSync("test", { recursive: true })
    .map((name) => path.join("test", String(name)))
    .filter((name) => /\.(test|entry)\.tsx?$/.test(name));
  return {
    ...node,
    entryPoints,
    outbase: "test",
    outdir: "dist-test",
    packages: "external",
    external: ["vscode"],
    sourcemap: "inline",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: false,
  };
}

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist", { recursive: true });
cpSync(path.join(path.dirname(require.resolve("sql.js")), "sql-wasm.wasm"), "dist/sql-wasm.wasm");
if (flags.has("--tests")) {
  rmSync("dist-test", { recursive: true, force: true });
  builds.push(testBuild());
}
if (flags.has("--watch")) {
  const contexts = await Promise.all(builds.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  await Promise.all(builds.map((options) => esbuild.build({ ...options, metafile: flags.has("--meta") })));
}
