/**
 * A real VS Code with Dispatch for one test: server, browser, workspace, settings and a simulator of the Messages API, all
 * fresh, all gone afterwards. A test that fails leaves a screenshot and the editor's last output in dist-test/failures/.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Frame, Page } from "playwright-core";
import { ensureBrowser, ensureEditor } from "../../../scripts/setup.mjs";
import { failuresFolder } from "../../../scripts/suite.mjs";
import { openPage, startServer, webviewFrame } from "../../../scripts/vscode-server.mjs";
import type { Scenario } from "../../simulator/scenario";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/server";

export type VsCodeOptions = {
  /** Names the files that a failure leaves; unique among the tests. */
  readonly name: string;
  readonly scenario: Scenario;
  /** Beside the scenario: faults, pace, keys, limits. */
  readonly simulator?: Omit<SimulatorOptions, "scenario" | "port">;
  /** Files of the workspace, by path inside it. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder that is there already, instead of `files`; "none" opens a window without a folder. */
  readonly workspace?: string;
  /** Machine settings, on top of those that point to the simulator. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The keys instead of the one for the simulator, which is at this address. */
  readonly keys?: (url: string) => readonly unknown[];
  /** Environment of the extension host. Dispatch's key is in DISPATCH_TEST_KEY; "" there means no key. */
  readonly env?: Readonly<Record<string, string>>;
  /** An installed package instead of the extension from source. */
  readonly vsix?: string;
  /** Without VS Code's own extensions: for tests that start many extension hosts. */
  readonly bare?: boolean;
  /** The folder is not trusted until somebody says so; elsewhere every folder is. */
  readonly asksTrust?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** Pixels of the screen to a pixel of the page, for sharp pictures. */
  readonly scale?: number;
};

export type VsCode = {
  readonly page: Page;
  /** The chat. Changes when the page or the view is reloaded: ask again with `chat`. */
  readonly frame: Frame;
  readonly simulator: Simulator;
  readonly workspace: string;
  /** The folder of the chunk log (checkpoint.sqlite, journal, …). */
  readonly storage: () => string;
  /** Opens the Dispatch view if it isn't, and finds the chat in it. */
  readonly chat: () => Promise<Frame>;
  /** Runs a command of the palette by its title, e.g. "Dispatch: New Tab". */
  readonly command: (title: string) => Promise<void>;
  /** What the extension and the page logged lately. */
  readonly log: () => string;
};

/** How long VS Code may take until the workbench or a view is there, ms; some 5 s are usual. */
const patience = 60_000;

/** Starts all of it, runs `test`, and takes all of it down again, whatever happens. */
export async function withVsCode(options: VsCodeOptions, test: (vscode: VsCode) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-ui-"));
  const simulator = await startSimulator({ ...options.simulator, scenario: options.scenario });
  try {
    const workspace = options.workspace ?? writeWorkspace(folder, options.files ?? { "README.md": "# Sample\n" });
    await inServer(options, { folder, workspace, simulator }, test);
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Scratch = { readonly folder: string; readonly workspace: string; readonly simulator: Simulator };

async function inServer(
  options: VsCodeOptions,
  { folder, workspace, simulator }: Scratch,
  test: (vscode: VsCode) => Promise<void>,
): Promise<void> {
  const dataFolder = path.join(folder, "data");
  const server = await startServer({
    editor: await ensureEditor(),
    dataFolder,
    settings: {
      ...settingsFor(simulator.url),
      ...(options.keys === undefined ? {} : { "dispatch.keys": options.keys(simulator.url) }),
      ...options.settings,
    },
    env: { DISPATCH_TEST_KEY: "sk-simulator", ...options.env },
    extension: options.vsix === undefined ? process.cwd() : undefined,
    vsix: options.vsix,
    ...(options.bare === undefined ? {} : { bare: options.bare }),
    ...(options.asksTrust === undefined ? {} : { asksTrust: options.asksTrust }),
  });
  try {
    const opened = await openPage({
      browser: await ensureBrowser(),
      address: server.address(workspace === "none" ? undefined : workspace),
      ...(options.size === undefined ? {} : { size: options.size }),
      ...(options.scale === undefined ? {} : { scale: options.scale }),
    });
    const log = () => `${server.output()}\n\n${opened.console()}`;
    try {
      const chat = () => openChat(opened.page);
      const command = (title: string) => runCommand(opened.page, title);
      const storage = () => logFolder(dataFolder);
      const frame = await chat();
      await test({ page: opened.page, frame, simulator, workspace, storage, chat, command, log });
    } catch (error) {
      await keepTraces(options.name, opened.page, log());
      throw error;
    } finally {
      await opened.close();
    }
  } finally {
    server.stop();
    await server.ended;
  }
}

/** One key and one model, at the simulator. */
export function settingsFor(baseUrl: string): Readonly<Record<string, unknown>> {
  return {
    "dispatch.keys": [{ id: "simulator", provider: "anthropic", baseUrl, env: "DISPATCH_TEST_KEY" }],
    "dispatch.models": [{ key: "simulator", model: "claude-sonnet-5-5" }],
  };
}

/**
 * A click on the entry of a view that is open closes it, and after a reload VS Code may open it just before the click lands:
 * so it is clicked again for as long as it isn't the open one.
 */
export async function openChat(page: Page): Promise<Frame> {
  // Its name ends with what its number means: "Dispatch - 2 chats need your approval".
  const entry = page.getByRole("tab", { name: /^Dispatch\b/ }).first();
  await entry.waitFor({ timeout: patience });
  const end = Date.now() + patience;
  for (;;) {
    if ((await entry.getAttribute("aria-selected")) !== "true") await entry.click();
    try {
      const frame = await webviewFrame(page, { selector: "#app > *", timeout: 5000 });
      // Else it may be a chat in the editor area.
      if ((await entry.getAttribute("aria-selected")) === "true") return frame;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

/** What still takes the focus when the palette opens (the end of the command before) closes it again: then it is opened anew. */
async function runCommand(page: Page, title: string): Promise<void> {
  const input = page.locator(".quick-input-widget input.input");
  for (let attempt = 0; ; attempt += 1) {
    await page.keyboard.press("F1");
    try {
      await input.fill(`>${title}`, { timeout: 3000 });
      await page.locator(".quick-input-list").getByText(title, { exact: true }).first().click({ timeout: 3000 });
      return;
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

function writeWorkspace(folder: string, files: Readonly<Record<string, string>>): string {
  const workspace = path.join(folder, "workspace");
  mkdirSync(workspace);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
    writeFileSync(path.join(workspace, name), text);
  }
  return workspace;
}

/** The one log folder of a fresh user data folder, with or without a workspace. */
function logFolder(dataFolder: string): string {
  const user = path.join(dataFolder, "user", "User");
  const storages = path.join(user, "workspaceStorage");
  const all = existsSync(storages) ? readdirSync(storages) : [];
  const ids = all.filter((id) => readdirSync(path.join(storages, id)).includes("dispatch.dispatch"));
  const [id] = ids;
  if (id !== undefined) return path.join(storages, id, "dispatch.dispatch", "log");
  return path.join(user, "globalStorage", "dispatch.dispatch", "no-folder", "log");
}

/** Leaves a screenshot and `log` in dist-test/failures/. */
export async function keepTraces(name: string, page: Page, log: string): Promise<void> {
  mkdirSync(failuresFolder, { recursive: true });
  const base = path.join(failuresFolder, `ui-${name.replaceAll(/[^a-z0-9]+/gi, "-")}`);
  writeFileSync(`${base}.txt`, log);
  await page.screenshot({ path: `${base}.png` }).catch(() => {});
}
