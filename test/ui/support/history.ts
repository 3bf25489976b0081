/** The history list, which is VS Code's own quick pick. */
import type { Page } from "playwright-core";
import { eventually } from "./chat";

/** Types into the list as soon as it has the keyboard; what is typed before goes to the chat. */
export async function typeTitle(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder("Type a part of a title. Enter opens the chat.").and(page.locator(":focus")).waitFor();
  await page.keyboard.type(text);
}

/** Tab goes to the list and on to the buttons of the entry that has the keyboard. */
export async function pressDelete(page: Page): Promise<void> {
  const button = page.locator(".quick-input-list :focus[aria-label^='Delete this chat']");
  for (let tabs = 0; tabs < 6 && (await button.count()) === 0; tabs += 1) await page.keyboard.press("Tab");
  await button.press("Enter", { timeout: 5000 });
}

/** Waits until the quick pick lists exactly these chats. */
export async function listed(page: Page, wanted: readonly string[]): Promise<void> {
  const labels = page.locator(
    ".quick-input-widget:visible .quick-input-list .quick-input-list-entry .quick-input-list-rows > *:first-child .label-name",
  );
  await eventually(`the list of ${wanted.join(", ")}`, async () => {
    const shown = (await labels.allInnerTexts()).map((text) => text.trim());
    return shown.length === wanted.length && wanted.every((title, at) => shown[at]?.endsWith(title));
  });
}
