/** The extension host of a window: who it is, its end by force, and how a person gets the next one. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Page } from "playwright-core";
import { eventually } from "./chat";

/** The process that writes the log: the extension host of the window that was there first. 0 when there is none. */
export function hostOf(logFolder: string): number {
  try {
    const owner: unknown = JSON.parse(readFileSync(path.join(logFolder, "owner.json"), "utf8"));
    const pid = typeof owner === "object" && owner !== null && "pid" in owner ? Number(owner.pid) : 0;
    return isAlive(pid) ? pid : 0;
  } catch {
    return 0;
  }
}

/** Ends an extension host as a crash does; what it has started may live on. Resolves when the process is gone. */
export async function killHost(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await eventually("the end of the extension host", () => !isAlive(pid));
}

/**
 * VS Code starts a host that crashed again by itself, but after three crashes in five minutes only when asked to: its
 * notification has a button then. (An extension that runs from source is never started again.)
 */
export async function restartHost(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Restart Remote Extension Host" });
  const bell = page.locator("[id='status.notifications']");
  await eventually("the button that starts the extension host", async () => {
    if ((await button.count()) > 0) return true;
    if ((await bell.locator(".codicon-bell-dot").count()) > 0) await bell.click();
    return false;
  });
  await button.press("Enter"); // the bell's tooltip may lie over it
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
