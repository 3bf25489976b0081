/**
 * Builds every bundle. `--production` minifies (for the .vsix), `--tests` builds the test side too, `--watch` stays,
 * `--out=DIR` takes the place of dist/.
 * dist/ is what runs in the editor and the headless runner; dist-test/ is development code and never shipped.
 */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import esbuild from "esbuild";
import { thirdPartyNotices } from "./scripts/third-party.mjs";

const flags = new Set(process.argv.slice(2));
const out = process.argv.find((flag) => flag.startsWith("--out="))?.slice("--out=".length) ?? "dist";
const production = flags.has("--production");
const require = createRequire(import.meta.url);

const shared = {
  bundle: true,
  metafile: true,
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
const copied = /** @type {string[]} */ ([]);
const loaded = [
  ["sql.js", ["sql-wasm.wasm"]],
  ["@vscode/tree-sitter-wasm", ["tree-sitter.wasm", "tree-sitter-bash.wasm"]],
];
for (const [from, names] of loaded) {
  const folder = path.dirname(require.resolve(from));
  for (const name of names) copy(path.join(folder, name), name);
}
// The sandbox of Linux starts commands through this program, which takes from them what reaches out of it.
for (const arch of ["x64", "arm64"]) {
  const helper = require.resolve(`@anthropic-ai/sandbox-runtime/vendor/seccomp/${arch}/apply-seccomp`);
  copy(helper, path.join("sandbox", arch, "apply-seccomp"));
}
const tests = flags.has("--tests") ? [testBuild()] : [];
if (tests.length > 0) rmSync("dist-test", { recursive: true, force: true });
if (flags.has("--watch")) {
  const contexts = await Promise.all([...builds, ...tests].map((options) => esbuild.context(options)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  // esbuild has printed what is wrong.
  const build = (options) => esbuild.build(options).catch(() => process.exit(1));
  const [bundled] = await Promise.all([Promise.all(builds.map(build)), Promise.all(tests.map(build))]);
  const inputs = bundled.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(path.join(out, "ThirdPartyNotices.txt"), thirdPartyNotices([...copied, ...inputs]));
}

function copy(from, to) {
  const target = path.join(out, to);
  mkdirSync(path.dirname(target), { recursive: true });
  cpSync(from, target);
  copied.push(from);
}
