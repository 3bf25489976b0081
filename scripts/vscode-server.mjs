/**
 * VS Code from the npm registry: its server as a child process, its workbench in a Chromium driven by playwright-core.
 * What works and how was found by trial; flags that look redundant are not.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { quietly } from "./setup.mjs";
import { stopGroup } from "./suite.mjs";

/**
 * @typedef {object} ServerOptions
 * @property {import("./setup.mjs").Editor} editor
 * @property {string} dataFolder gets user data, machine settings and installed extensions; fresh for each run
 * @property {string | undefined} [extension] the folder of an extension that runs from source; the workbench takes only one
 * @property {string | readonly string[] | undefined} [vsix] packages that are installed, as a user would
 * @property {Readonly<Record<string, unknown>>} [settings] machine settings, beside those that keep VS Code quiet
 * @property {Readonly<Record<string, string>>} [env] added to the environment of the server, so of the extension host
 * @property {number} [port] any free one by default
 * @property {boolean} [asksTrust] as VS Code is by itself: a folder is not trusted until somebody says so
 * @property {boolean} [bare] without VS Code's own extensions (git, languages, themes): an extension host starts sooner
 *
 * @typedef {object} Server
 * @property {number} port
 * @property {(folder?: string, payload?: readonly (readonly [string, string])[]) => string} address the page that shows
 *   `folder` (none: an empty window) with the extensions from source
 * @property {(file: string) => string} remote a file of this machine as the workbench names it
 * @property {() => string} output the last lines that the server and its extension host printed
 * @property {() => void} stop ends the server and everything it started, at once; harmless when repeated
 * @property {Promise<void>} ended
 */

/** How long the server may take until it listens, ms; some 2 s are usual. */
const startLimit = 60_000;

/** No welcome page, no telemetry, no update check, nothing that asks. */
const quietSettings = {
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
};

/**
 * Starts the server and waits until it listens. Throws with its output when it doesn't.
 * @param {ServerOptions} options
 * @returns {Promise<Server>}
 */
export async function startServer(options) {
  const {
    editor,
    dataFolder,
    extension,
    vsix = [],
    settings = {},
    env = {},
    port = 0,
    bare = false,
    asksTrust = false,
  } = options;
  const main = path.join(editor.folder, "out", "server-main.js");
  const folders = dataFlags(dataFolder);
  const none = path.join(dataFolder, "no-extensions");
  const own = bare ? ["--builtin-extensions-dir", none] : [];
  if (bare) mkdirSync(none, { recursive: true });
  mkdirSync(path.join(dataFolder, "user", "Machine"), { recursive: true });
  const machineSettings = JSON.stringify({ ...quietSettings, ...settings }, undefined, 2);
  writeFileSync(path.join(dataFolder, "user", "Machine", "settings.json"), machineSettings);
  const packages = typeof vsix === "string" ? [vsix] : vsix;
  if (packages.length > 0) {
    const install = packages.flatMap((file) => ["--install-extension", path.resolve(file)]);
    const failed = `${packages.join(", ")} could not be installed`;
    await quietly(editor.node, [main, ...install, ...folders], { cwd: editor.folder, failed });
  }
  const child = spawn(
    editor.node,
    [main, ...serverFlags(port), ...(asksTrust ? [] : ["--disable-workspace-trust"]), ...folders, ...own],
    {
      cwd: editor.folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    },
  );
  const stop = () => stopGroup(child);
  process.once("exit", stop);
  const ended = new Promise((resolve) => {
    child.once("close", () => {
      process.off("exit", stop);
      resolve(undefined);
    });
  });
  const output = lastLines(child);
  const actual = await listening(child, output, stop);
  const remote = (/** @type {string} */ file) => `vscode-remote://127.0.0.1:${actual}${path.resolve(file)}`;
  return {
    port: actual,
    remote,
    output,
    stop,
    ended,
    address: (folder, payload = []) => {
      const development = extension === undefined ? [] : [["extensionDevelopmentPath", remote(extension)]];
      const query = new URLSearchParams(folder === undefined ? { ew: "true" } : { folder: path.resolve(folder) });
      query.set("payload", JSON.stringify([...development, ...payload]));
      return `http://127.0.0.1:${actual}/?${query}`;
    },
  };
}

/**
 * A headless Chromium with one page, which shows `address` once `prepare` has seen it.
 * @param {object} options
 * @param {string} options.browser path of the program
 * @param {string} options.address
 * @param {{ width: number, height: number }} [options.size]
 * @param {number} [options.scale] pixels of the screen to a pixel of the page
 * @param {(page: import("playwright-core").Page) => Promise<void>} [options.prepare]
 * @returns {Promise<{ page: import("playwright-core").Page, console: () => string, close: () => Promise<void> }>}
 *   `console` gives the last lines that the page logged
 */
export async function openPage({ browser, address, size = { width: 1280, height: 800 }, scale = 1, prepare }) {
  const running = await chromium.launch({ executablePath: browser, headless: true, args: browserFlags });
  try {
    const permissions = ["clipboard-read", "clipboard-write"];
    const context = await running.newContext({ viewport: size, deviceScaleFactor: scale, permissions });
    const page = await context.newPage();
    /** @type {string[]} */
    const lines = [];
    page.on("console", (message) => {
      if (!message.text().includes("spdlog")) lines.push(message.text());
      if (lines.length > 200) lines.shift();
    });
    await prepare?.(page);
    await page.goto(address);
    return { page, console: () => lines.join("\n"), close: () => running.close() };
  } catch (error) {
    await running.close();
    throw error;
  }
}

/**
 * The innermost frame of the webview that contains `selector`; webviews are two iframes deep.
 * @param {import("playwright-core").Page} page
 * @param {{ selector?: string, timeout?: number }} [options] timeout in ms
 * @returns {Promise<import("playwright-core").Frame>}
 */
export async function webviewFrame(page, { selector = "#app", timeout = 30_000 } = {}) {
  const end = Date.now() + timeout;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      if (frame.parentFrame() === null || !frame.url().includes("/webview/")) continue;
      const count = await frame
        .locator(selector)
        .count()
        .catch(() => 0);
      if (count > 0) return frame;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`no webview shows ${selector} after ${timeout / 1000} s`);
}

/** So that a browser in a container starts, and asks nobody but the page that it is given. */
export const browserFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function serverFlags(/** @type {number} */ port) {
  return [
    ...["--host", "127.0.0.1", "--port", String(port)],
    "--without-connection-token",
    "--enable-smoke-test-driver",
    ...["--telemetry-level", "off"],
  ];
}

function dataFlags(/** @type {string} */ folder) {
  return [
    "--accept-server-license-terms",
    ...["--user-data-dir", path.join(folder, "user")],
    ...["--extensions-dir", path.join(folder, "extensions")],
    ...["--server-data-dir", path.join(folder, "server")],
  ];
}

/** @param {import("node:child_process").ChildProcess} child @returns {() => string} */
function lastLines(child) {
  let text = "";
  const collect = (/** @type {Buffer} */ data) => {
    text = (text + data.toString()).slice(-20_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  return () => text;
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {() => string} output
 * @param {() => void} stop
 * @returns {Promise<number>} the port
 */
function listening(child, output, stop) {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ what) => {
      clearTimeout(timer);
      stop();
      reject(new Error(`VS Code's server ${what}. It printed:\n${output()}`));
    };
    const timer = setTimeout(() => fail(`did not listen within ${startLimit / 1000} s`), startLimit);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stdout?.on("data", () => {
      const port = /listening on (\d+)/.exec(output())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(Number(port));
    });
  });
}
