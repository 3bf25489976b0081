/**
 * `npm start [-- [--port N] [--desktop] [--no-open] [--data DIR] [FOLDER]]`: from a clean checkout to VS Code with Dispatch, ready to
 * chat, on FOLDER or on a copy of the sample. Stays in the foreground; Ctrl+C ends everything it started.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDependencies, ensureEditor, quietly, SetupError } from "./setup.mjs";
import { onSignals, stopGroup } from "./suite.mjs";

const usage = `Usage: npm start -- [--port N] [--desktop] [--no-open] [--data DIR] [FOLDER]
  --port N    the port of VS Code in the browser; default: any free one
  --desktop   fetch the desktop VS Code when there is no "code" on PATH
  --no-open   don't open a browser, only print the address
  --data DIR  where VS Code keeps settings and chats; default: inside .vscode-test/
  FOLDER      what to work on; default: a copy of the sample`;

const called = process.env.INIT_CWD ?? process.cwd();
process.chdir(path.dirname(import.meta.dirname));

main().catch((error) => {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
});

async function main() {
  const options = readOptions();
  onSignals(() => process.exit(0));
  await ensureDependencies();
  await quietly(process.execPath, ["esbuild.mjs"], { failed: "The build failed" });
  const workspace = options.folder ?? freshSample();
  const model = process.env.ANTHROPIC_API_KEY ? ownKey() : await demoModel();
  const desktop = await findDesktop(options.desktop);
  console.log(model.sentence);
  if (desktop !== undefined) await runDesktop(desktop, options, workspace, model);
  else await runInBrowser(options, workspace, model);
}

/** @typedef {{ sentence: string, settings: Record<string, unknown>, env: Record<string, string> }} Model */

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        port: { type: "string", default: "0" },
        desktop: { type: "boolean", default: false },
        "no-open": { type: "boolean", default: false },
        data: { type: "string" },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port takes a port, not "${values.port}".`);
    const [named] = positionals;
    const folder = named === undefined ? undefined : path.resolve(called, named);
    if (folder !== undefined && !(existsSync(folder) && statSync(folder).isDirectory()))
      throw new Error(`${folder} is not a folder.`);
    return {
      port,
      folder,
      desktop: values.desktop,
      open: !values["no-open"],
      data: path.resolve(called, values.data ?? path.join(process.cwd(), ".vscode-test", "data")),
    };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}\n${usage}`);
  }
}

/** A new copy at each start, always in the same place, so that the chats about it are still there. */
function freshSample() {
  const folder = path.resolve(".vscode-test", "sample-workspace");
  rmSync(folder, { recursive: true, force: true });
  cpSync(path.join("test", "simulator", "sample"), folder, { recursive: true });
  return folder;
}

/** @returns {Model} */
function ownKey() {
  return {
    sentence: "Dispatch uses the key in ANTHROPIC_API_KEY.",
    settings: {
      "dispatch.keys": [{ id: "anthropic", provider: "anthropic", env: "ANTHROPIC_API_KEY" }],
      "dispatch.models": [{ key: "anthropic", model: "claude-sonnet-5-5" }],
    },
    env: {},
  };
}

/** The scripted model as a process of its own. @returns {Promise<Model>} */
async function demoModel() {
  const child = spawn(process.execPath, [path.join("scripts", "simulator.mjs"), "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32",
  });
  process.once("exit", () => stopGroup(child));
  const baseUrl = await new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", () => reject(new SetupError("The demo model could not be started.")));
    child.stdout.on("data", (data) => {
      text += data;
      const url = /listening on (http:\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  return {
    sentence: "ANTHROPIC_API_KEY is not set: Dispatch talks to the demo model, which is scripted and works offline.",
    settings: {
      "dispatch.keys": [{ id: "demo", provider: "anthropic", baseUrl, env: "DISPATCH_DEMO_KEY" }],
      "dispatch.models": [{ key: "demo", model: "claude-sonnet-5-5" }],
    },
    env: { DISPATCH_DEMO_KEY: "demo" },
  };
}

/**
 * The desktop VS Code to use, or nothing (so always without a screen): the one on PATH, or on request the one that @vscode/test-electron fetches.
 * @param {boolean} fetchIt
 */
async function findDesktop(fetchIt) {
  if (!hasScreen()) return undefined;
  const names = process.platform === "win32" ? ["code.cmd"] : ["code"];
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = folders
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find((file) => existsSync(file));
  if (found !== undefined || !fetchIt) return found;
  const { fetchDesktop } = await import("./desktop.mjs");
  return await fetchDesktop();
}

/** @param {string} program @param {ReturnType<typeof readOptions>} options @param {string} workspace @param {Model} model */
async function runDesktop(program, options, workspace, model) {
  const data = path.join(options.data, "desktop");
  mkdirSync(path.join(data, "User"), { recursive: true });
  writeFileSync(path.join(data, "User", "settings.json"), JSON.stringify(model.settings, undefined, 2));
  const flags = ["--new-window", "--wait", "--disable-workspace-trust", "--user-data-dir", data];
  // Electron refuses root otherwise.
  if (process.getuid?.() === 0) flags.push("--no-sandbox");
  const args = [`--extensionDevelopmentPath=${process.cwd()}`, ...flags, workspace];
  const env = { ...process.env, ...model.env, DISPATCH_OPEN: "1" };
  const child = spawn(program, args, { env, stdio: "inherit", shell: process.platform === "win32" });
  console.log("VS Code opens with the Dispatch view. Close its window or press Ctrl+C here to end.");
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  process.exit(code === 0 ? 0 : 1);
}

/** @param {ReturnType<typeof readOptions>} options @param {string} workspace @param {Model} model */
async function runInBrowser(options, workspace, model) {
  const { startServer } = await import("./vscode-server.mjs");
  const server = await startServer({
    editor: await ensureEditor(),
    dataFolder: options.data,
    extension: process.cwd(),
    settings: model.settings,
    env: { ...model.env, DISPATCH_OPEN: "1" },
    port: options.port,
  });
  const address = server.address(workspace);
  console.log(`\nVS Code with Dispatch, on ${workspace}:\n\n  ${address}\n\nPress Ctrl+C to end.`);
  if (options.open) openBrowser(address);
  await server.ended;
  console.error(`VS Code ended. Its last output:\n${server.output().slice(-2000)}`);
  process.exit(1);
}

/** Only where there is a screen; the address is printed in any case. @param {string} address */
function openBrowser(address) {
  const program = { darwin: "open", linux: "xdg-open", win32: "explorer" }[String(process.platform)];
  if (program === undefined || !hasScreen()) return;
  spawn(program, [address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}

function hasScreen() {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
