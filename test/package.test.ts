import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { zipEntries, zipText } from "./support/zip";

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
      "extension/dist/ThirdPartyNotices.txt",
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
      "extension/media/tab-dark.svg",
      "extension/media/tab-light.svg",
      "extension/package.json",
      "extension/readme.md",
    ]);
  });

  it("names every package that is bundled or copied, with its licence's text, the same in every build", () => {
    const notices = zipText(file, "extension/dist/ThirdPartyNotices.txt");
    const shipped = shippedPackages();
    assert.ok(shipped.length > 30);
    const entries = new Map(
      notices.split(/^={80}\n(?=.+\n={80}\n)/m).map((entry) => [entry.slice(0, entry.indexOf("\n")), entry]),
    );
    for (const { title, licences } of shipped) {
      const entry = entries.get(title) ?? assert.fail(`no entry for ${title}`);
      assert.match(entry, /^Licence: .+$/m);
      assert.match(
        entry,
        /permission is hereby granted|redistribution|version 2\.0|permission to use|attribution 4\.0/i,
        title,
      );
      for (const text of licences) assert.ok(entry.includes(text), `the licence of ${title}`);
    }
    assert.ok(notices.includes("GNU LESSER GENERAL PUBLIC LICENSE"), "for what is linked into apply-seccomp");
    assert.equal(notices, readFileSync("dist/ThirdPartyNotices.txt", "utf8"));
  });

  it("is smaller than 3 MB", () => {
    assert.ok(statSync(file).size < 3_000_000);
  });
});

interface Shipped {
  readonly title: string;
  readonly licences: readonly string[];
}

/** By the source maps of the build that lies here, and by what is shipped as a file of its own. */
function shippedPackages(): readonly Shipped[] {
  const sources = ["extension.js", "store-worker.js", "page-worker.js", "webview.js", "webview.css"].flatMap((name) => {
    const map: { readonly sources: readonly string[] } = JSON.parse(readFileSync(`dist/${name}.map`, "utf8"));
    return map.sources.flatMap((source) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? []);
  });
  const copied = ["sql.js", "@vscode/tree-sitter-wasm", "@anthropic-ai/sandbox-runtime", "@vscode/codicons"];
  const folders = [
    ...sources.map((source) => path.resolve("dist", source)),
    ...copied.map((name) => path.resolve("node_modules", name)),
  ];
  return [...new Set(folders)].map(describePackage);
}

function describePackage(folder: string): Shipped {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const licences = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  return {
    title: `${name} ${version}`,
    licences: licences.map((file) =>
      readFileSync(path.join(folder, file), "utf8")
        .replace(/^\uFEFF/, "")
        .replaceAll("\r\n", "\n")
        .trim(),
    ),
  };
}
