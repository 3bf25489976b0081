/**
 * Takes a picture of every scene in every theme and width, to be looked at: `node dist-test/webview/harness/shots.entry.js DIR [scene…]`.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { launch, openView } from "./browser";
import { scenes } from "./scenes";
import { startHarness } from "./server";
import { themeNames } from "./themes";

async function main(): Promise<void> {
  const [folder, ...wanted] = process.argv.slice(2);
  if (folder === undefined) {
    throw new Error("Say where the pictures go: shots.entry.js DIR [scene…]");
  }
  mkdirSync(folder, { recursive: true });
  const harness = await startHarness();
  const browser = await launch();
  for (const [name, messages] of Object.entries(scenes)) {
    if (wanted.length > 0 && !wanted.includes(name)) {
      continue;
    }
    for (const theme of themeNames) {
      const { page, show } = await openView(browser, harness, { theme });
      for (const width of [320, 480, 900]) {
        await page.setViewportSize({ width, height: 800 });
        await page.reload();
        await show(...messages);
        await page.waitForTimeout(600); // questions are armed, fonts are there
        if (name === "all-questions") await page.getByRole("button", { name: "Answer all…" }).click();
        await page.screenshot({ path: path.join(folder, `${name}-${theme}-${width}.png`) });
      }
      await page.close();
    }
  }
  await browser.close();
  await harness.close();
}

void main();
