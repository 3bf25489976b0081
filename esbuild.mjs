/**
 * Builds every bundle. `--production` minifies (for the .vsix), `--tests` builds the test side too, `--watch` stays,
 * `--out=DIR` takes the place of dist/.
 * dist/ is what runs in the editor and the headless runner; dist-test/ is development code and never shipped.
 */
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import esbuild from "esbuild";

const flags = new Set(process.argv.slice(2));
const out = process.argv.find((flag) => flag.startsWith("--out="))?.slice("--out=".length) ?? "dist";
const production = flags.has("--production");
const require = createRequire(import.meta.url);

const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  define: { "process.env.NODE_ENV": JSON.stringify(production ? "production" : "development") },
};
const node = {
  ...shared,
  platform: "node",
  format: "cjs",
  target: "node20",
  // VS Code's extension host has an AMD loader at times; a bundled package that saw it would hand itself to that one.
  define: { ...shared.define, define: "undefined" },
};

const builds = [
  { ...node, entryPoints: ["src/extension.ts"], outfile: path.join(out, "extension.js"), external: ["vscode"] },
  { ...node, entryPoints: { "store-worker": "src/store/worker.ts" }, outdir: out },
  { ...node, entryPoints: { "page-worker": "src/tools/web/page-worker.ts" }, outdir: out, external: ["canvas"] },
  { ...node, entryPoints: ["src/headless.ts"], outfile: path.join(out, "headless.js") },
  {
    ...shared,
    entryPoints: { webview: "webview/main.tsx" },
    outdir: out,
    platform: "browser",
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
];

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

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const loaded = [
  ["sql.js", ["sql-wasm.wasm"]],
  ["@vscode/tree-sitter-wasm", ["tree-sitter.wasm", "tree-sitter-bash.wasm"]],
];
for (const [from, names] of loaded) {
  const folder = path.dirname(require.resolve(from));
  for (const name of names) cpSync(path.join(folder, name), path.join(out, name));
}
// The sandbox of Linux starts commands through this program, which takes from them what reaches out of it.
for (const arch of ["x64", "arm64"]) {
  const helper = require.resolve(`@anthropic-ai/sandbox-runtime/vendor/seccomp/${arch}/apply-seccomp`);
  mkdirSync(path.join(out, "sandbox", arch), { recursive: true });
  cpSync(helper, path.join(out, "sandbox", arch, "apply-seccomp"));
}
if (flags.has("--tests")) {
  rmSync("dist-test", { recursive: true, force: true });
  builds.push(testBuild());
}
if (flags.has("--watch")) {
  const contexts = await Promise.all(builds.map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  // esbuild has printed what is wrong.
  await Promise.all(builds.map((options) => esbuild.build(options))).catch(() => process.exit(1));
}
