import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { zipEntries } from "./support/zip";

describe("the .vsix", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-vsix-"));
  const file = path.join(folder, "dispatch.vsix");
  before(() => execFileSync(process.execPath, ["scripts/package.mjs", file]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds what runs, what describes it, and nothing else: no tests, no sources, no maps, no headless runner", () => {
    const names = zipEntries(file).map(({ name }) => name);
    assert.deepEqual(names.sort(), [
      "[Content_Types].xml",
      "extension.vsixmanifest",
      "extension/LICENSE.txt",
      "extension/changelog.md",
      "extension/dist/codicon.ttf",
      "extension/dist/extension.js",
      "extension/dist/page-worker.js",
      "extension/dist/sandbox/arm64/apply-seccomp",
      "extension/dist/sandbox/x64/apply-seccomp",
      "extension/dist/sql-wasm.wasm",
      "extension/dist/store-worker.js",
      "extension/dist/tree-sitter-bash.wasm",
      "extension/dist/tree-sitter.wasm",
      "extension/dist/webview.css",
      "extension/dist/webview.js",
      "extension/media/dispatch.svg",
      "extension/media/icon.png",
      "extension/package.json",
      "extension/readme.md",
    ]);
  });

  it("is smaller than 3 MB", () => {
    assert.ok(statSync(file).size < 3_000_000);
  });
});
