import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { commandIds, settingIds } from "../src/host/contributions";
import { brokenLayers, differences, forbidden, type SourceFile, tooLong } from "./support/architecture";

const maxLines = 400;
const rawHtml = /innerHTML|outerHTML|insertAdjacentHTML|document\.write\b/i;
const unfinished = new RegExp(["TO", "DO|FIX", "ME|XX", "X"].join(""));

describe("the architecture", () => {
  it("keeps every import within the table of layers", () => {
    assert.deepEqual(brokenLayers([...sources("src"), ...sources("webview")]), []);
  });

  it("keeps every file readable in one go", () => {
    const files = ["src", "webview", "test", "scripts"].flatMap((folder) => sources(folder));
    assert.ok(files.length > 100);
    assert.deepEqual(tooLong(files, maxLines), []);
  });

  it("puts no raw HTML into the page", () => {
    assert.deepEqual(forbidden(sources("webview"), rawHtml, "markup goes through vnodes"), []);
  });

  it("opens no port", () => {
    const allowed = "src/sandbox/probe.ts"; // on loopback, answering nothing, while it tries whether a sandbox holds
    const files = sources("src").filter(({ path }) => path !== allowed);
    assert.ok(files.length < sources("src").length);
    const listens = /\bcreate(?:Secure)?Server\b|\bWebSocketServer\b|\bcreateSocket\b|node:(?:dgram|http2)/;
    assert.deepEqual(forbidden(files, listens, "whoever runs on this machine could talk to it"), []);
  });

  it("leaves nothing half done", () => {
    const files = ["src", "webview", "test", "scripts"].flatMap((folder) => sources(folder));
    assert.deepEqual(forbidden(files, unfinished, "do it, or write an issue"), []);
  });

  it("contributes the commands and settings that the code has", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
    const commands: string[] = contributes.commands.map((one: { command: string }) => one.command);
    assert.deepEqual(differences("command", commands, commandIds), []);
    assert.deepEqual(differences("setting", Object.keys(contributes.configuration.properties), settingIds), []);
  });
});

describe("the rules of the architecture", () => {
  it("see an import that the table does not allow, of code and of packages", () => {
    const files = [
      { path: "src/wire/a.ts", text: 'import { b } from "../store/b";' },
      { path: "src/chunks/a.ts", text: 'import { readFile } from "node:fs/promises";' },
      { path: "src/tools/a.ts", text: 'const sdk = await import("@anthropic-ai/sdk");' },
      { path: "src/agent/a.ts", text: 'import {\n  type Store,\n  openStore,\n} from "../store/open";' },
      { path: "src/models/a.ts", text: 'export * from "../agent/types";' },
      { path: "webview/parts/a.tsx", text: 'import "../../src/host/panel";' },
      { path: "src/other/a.ts", text: "" },
    ];
    assert.deepEqual(brokenLayers(files), [
      "src/wire/a.ts imports src/store/b: wire may import only chunks",
      "src/chunks/a.ts imports node:fs/promises: chunks may import nothing of all packages",
      "src/tools/a.ts imports @anthropic-ai/sdk: tools may import only @cfworker/json-schema, diff, node:, http, https, @mozilla/readability, linkedom, turndown of all packages",
      "src/agent/a.ts imports src/store/open: agent may import only chunks, wire, approvals, models, tools (and types of store)",
      "src/models/a.ts imports src/agent/types: models may import only chunks, wire",
      "webview/parts/a.tsx imports src/host/panel: webview may import only chunks",
      "src/other/a.ts is in no layer: give it a line in the table",
    ]);
  });

  it("let pass what the table allows, and what only looks like an import", () => {
    const files = [
      {
        path: "src/agent/a.ts",
        text: 'import type { Store } from "../store/types";\nimport { b, type C } from "./b";',
      },
      { path: "src/wire/a.ts", text: 'import { type Message } from "@anthropic-ai/sdk/resources";' },
      { path: "src/chunks/a.ts", text: '/** import x from "vscode" */\n// import y from "vscode"' },
      { path: "src/extension.ts", text: 'import * as vscode from "vscode";\nimport { x } from "./host/x";' },
    ];
    assert.deepEqual(brokenLayers(files), []);
  });

  it("see a long file, raw HTML, a mark of unfinished work and a manifest that differs", () => {
    const file = (text: string) => [{ path: "webview/a.tsx", text }];
    assert.deepEqual(tooLong(file("\n".repeat(maxLines)), maxLines), []);
    assert.equal(tooLong(file("\n".repeat(maxLines + 1)), maxLines).length, 1);
    assert.equal(forbidden(file("x;\nnode.innerHTML = text;"), rawHtml, "").length, 1);
    assert.equal(forbidden(file("<div dangerouslySetInnerHTML={x} />"), rawHtml, "").length, 1);
    assert.equal(forbidden(file(`// ${"TO"}DO: later`), unfinished, "").length, 1);
    assert.deepEqual(differences("command", ["a", "b"], ["b", "c"]), [
      "command a is in package.json but not in the code",
      "command c is in the code but not in package.json",
    ]);
  });
});

/** Source files under `folder`, with posix paths from the root of the checkout. */
function sources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.posix.join(folder, String(name).replaceAll(path.sep, "/")))
    .filter((name) => /\.(tsx?|mjs|css)$/.test(name) && !name.includes("/fixtures/"))
    .map((name) => ({ path: name, text: readFileSync(name, "utf8") }));
}
