/** What benchmarks of the view share: the real page in a real browser, over a real session on a log that is filled before. */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import type { ToView } from "../../../src/chunks/protocol";
import type { Row } from "../../../src/chunks/rows";
import { type Agent, startAgent, tempFolders } from "../../support/agent";
import { seedTab } from "../../support/seed";
import { launch, openView, whyNoBrowser } from "../../webview/harness/browser";
import { type Connection, connect } from "../../webview/harness/connect";
import { startHarness } from "../../webview/harness/server";

export type BenchStage = {
  readonly agent: Agent;
  readonly page: Page;
  readonly devtools: CDPSession;
  readonly connection: Connection;
};

/** The tab without rows that is open beside the others, and in front at first. */
export const EMPTY_TAB = "empty";

/**
 * Opens the page on a log with these tabs.
 * @param scenario of the simulator, as JSON: it runs in a process of its own, as a server does.
 * @param seen gets each message as it is posted to the page.
 */
export async function withStage<T>(
  tabs: Readonly<Record<string, readonly Row[]>>,
  scenario: object,
  use: (stage: BenchStage) => Promise<T>,
  seen?: (message: ToView) => void,
): Promise<T> {
  const reason = whyNoBrowser();
  if (reason !== undefined) throw Object.assign(new Error(reason), { name: "SetupError" });
  const folders = tempFolders({ "README.md": "# Sample\n" });
  const ends: (() => unknown)[] = [() => folders.remove()];
  try {
    let position = 0;
    for (const [id, rows] of Object.entries({ ...tabs, [EMPTY_TAB]: [] }))
      await seedTab(folders.storage, id, rows, position++);
    const simulator = await startServer(path.join(folders.storage, "scenario.json"), scenario);
    ends.push(simulator.close);
    const agent = await startAgent({ simulator, ...folders });
    ends.push(agent.close);
    const harness = await startHarness();
    ends.push(harness.close);
    const browser: Browser = await launch();
    ends.push(() => browser.close());
    let connection: Connection | undefined;
    const { page } = await openView(browser, harness, {
      prepare: async (fresh) => {
        connection = await connect(fresh, agent.session, seen);
      },
    });
    if (connection === undefined) throw new Error("The page was not connected.");
    await page.locator("[role=tab]").first().waitFor();
    return await use({ agent, page, connection, devtools: await page.context().newCDPSession(page) });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startServer(file: string, scenario: object) {
  writeFileSync(file, JSON.stringify(scenario));
  const child = fork(path.resolve("dist-test", "simulator", "cli.entry.js"), ["--scenario", file], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error("The simulator did not start.")));
    child.stdout?.on("data", (text: Buffer) => {
      const found = /http:\S+/.exec(text.toString())?.[0];
      if (found !== undefined) resolve(found);
    });
  });
  return { url, close: () => void child.kill("SIGTERM") };
}

/** Brings a tab to the front by a click. @returns ms from the click until its rows are painted. */
export function openTab(page: Page, tab: string): Promise<number> {
  return page.evaluate(async (id) => {
    const hasRows = () => document.querySelector("section.turn") !== null;
    const start = performance.now();
    document.querySelector<HTMLElement>(`[role=tab][data-tab-id="${id}"]`)?.click();
    while (!hasRows()) await new Promise((resolve) => requestAnimationFrame(resolve));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - start;
  }, tab);
}

/** A fresh page with the empty tab in front: nothing of another tab is kept in it. */
export async function startAnew(page: Page): Promise<void> {
  await page.locator(`[role=tab][data-tab-id="${EMPTY_TAB}"]`).evaluate((tab: HTMLElement) => tab.click());
  await page.waitForFunction(() => document.querySelector("section.turn") === null);
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await page.locator(".empty").waitFor();
}

/** What the page holds after its garbage was collected. */
export async function sizeOf({ page, devtools }: Pick<BenchStage, "page" | "devtools">) {
  const rows = await page.evaluate(() => {
    const count = (selector: string) => document.querySelectorAll(selector).length;
    return count("article.user, .context, .markdown, .thought, .notice, .problem") + 2 * count("[data-call-id]");
  });
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { nodes } = await devtools.send("Memory.getDOMCounters");
  return { rows, nodes, heap: usedSize };
}

export function spreadOf(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), range: [at(0), at(1)] as const };
}
