import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { reply } from "../simulator/reply";
import { eventually, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

describe("the history list in VS Code", () => {
  it("finds a closed chat as its title is typed, opens it, and deletes one after asking, all by keyboard", () =>
    withVsCode(
      { name: "history", scenario: { steps: [reply("From the model.")] } },
      async ({ page, frame, command }) => {
        await send(frame, "Mend the parser");
        await said(frame, "From the model.");
        await command("Dispatch: Close Tab");
        await eventually("an empty chat", async () => (await frame.getByText("Describe a task").count()) === 1);
        await send(frame, "Name the lexer");
        await said(frame, "From the model.");

        await page.getByRole("button", { name: "Search History..." }).click();
        await titles(page, ["Name the lexer", "Mend the parser"]);
        assert.match(
          (await page.locator(".quick-input-title").textContent()) ?? "",
          /Chats of this workspace — \d+ KB on disk/,
        );
        await page.keyboard.type("pars");
        await titles(page, ["Mend the parser"]);
        await page.keyboard.press("Enter");
        await eventually("the chat is back", async () => (await frame.getByText("Mend the parser").count()) > 1);

        await command("Dispatch: Search History...");
        await titles(page, ["Name the lexer", "Mend the parser"]);
        await pressDelete(page);
        await page.getByRole("dialog").getByText("Delete this chat? “Name the lexer”").waitFor();
        await page.keyboard.press("Escape");
        await titles(page, ["Name the lexer", "Mend the parser"]);
        await pressDelete(page);
        await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
        await titles(page, ["Mend the parser"]);
        await page.keyboard.press("Escape");
        const tab = frame.getByRole("tab", { name: "Name the lexer" });
        await eventually("the tab is gone", async () => (await tab.count()) === 0);
      },
    ));

  it("is one step from an empty chat, which offers the last ones by themselves", () =>
    withVsCode(
      { name: "recent", scenario: { steps: [reply("From the model.")] } },
      async ({ page, frame, command }) => {
        await send(frame, "Mend the parser");
        await said(frame, "From the model.");
        await command("Dispatch: Close Tab");
        const recent = frame.getByRole("region", { name: "Recent chats" });
        await recent.getByRole("button", { name: "All chats…" }).click();
        await titles(page, ["Mend the parser"]);
        await page.keyboard.press("Escape");
        await recent.getByRole("button", { name: /^Mend the parser/ }).press("Enter");
        await said(frame, "From the model.");
        await frame.getByRole("tab", { name: "Mend the parser", selected: true }).waitFor();
      },
    ));
});

/** Tab goes to the list and on to the buttons of the entry that has the keyboard. */
async function pressDelete(page: Page): Promise<void> {
  const button = page.locator(".quick-input-list :focus[aria-label^='Delete this chat']");
  for (let tabs = 0; tabs < 6 && (await button.count()) === 0; tabs += 1) await page.keyboard.press("Tab");
  await button.press("Enter", { timeout: 5000 });
}

/** Waits until the quick pick lists exactly these chats. */
async function titles(page: Page, wanted: readonly string[]): Promise<void> {
  const labels = page.locator(
    ".quick-input-widget:visible .quick-input-list .quick-input-list-entry .quick-input-list-rows > *:first-child .label-name",
  );
  await eventually(`the list of ${wanted.join(", ")}`, async () => {
    const shown = (await labels.allInnerTexts()).map((text) => text.trim());
    return shown.length === wanted.length && wanted.every((title, at) => shown[at]?.endsWith(title));
  });
}
