/** Opens the harness page in a real Chromium. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { browserFlags } from "../../../scripts/vscode-server.mjs";
import type { FromPage, ToView } from "../../../src/chunks/protocol";
import type { Harness } from "./server";
import type { ThemeName } from "./themes";

export const CHROMIUM = "/usr/bin/chromium";

/** @returns why the browser can't be used, or undefined when it can. */
export function whyNoBrowser(): string | undefined {
  return existsSync(CHROMIUM) ? undefined : `${CHROMIUM} is missing`;
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: browserFlags });
}

export type View = {
  readonly page: Page;
  /** Sends messages as the host and waits until they are drawn. */
  readonly show: (...messages: readonly ToView[]) => Promise<void>;
  /** What the view has posted so far. */
  readonly sent: () => Promise<readonly FromPage[]>;
};

export async function openView(
  browser: Browser,
  harness: Harness,
  options: {
    readonly theme?: ThemeName;
    readonly width?: number;
    readonly height?: number;
    /** Before the page is loaded. */
    readonly prepare?: (page: Page) => Promise<void>;
  } = {},
): Promise<View> {
  const { theme = "dark", width = 480, height = 800 } = options;
  const page = await browser.newPage({ viewport: { width, height } });
  await options.prepare?.(page);
  await page.goto(harness.url(theme));
  return viewOf(page);
}

function viewOf(page: Page): View {
  return {
    page,
    show: async (...messages) => {
      await page.evaluate(async (all) => {
        for (const message of all) {
          window.postMessage(message, "*");
        }
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        await new Promise((resolve) => setTimeout(resolve));
        await frame();
        await frame();
        await frame();
      }, messages);
    },
    sent: () => page.evaluate(() => globalThis.sent),
  };
}

declare global {
  var sent: FromPage[];
}
