import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { reply } from "../simulator/reply";
import { eventually, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

describe("choosing a model in VS Code", () => {
  it("lists what every server offers, by keyboard, says what a change costs, and the next message goes to the choice", () =>
    withVsCode(
      {
        name: "select-model",
        scenario: ({ userText }) => reply(`Answer to ${userText}.`),
        keys: (url) => [
          { id: "simulator", provider: "anthropic", baseUrl: url, env: "DISPATCH_TEST_KEY" },
          { id: "away", provider: "ollama", baseUrl: "http://127.0.0.1:9" },
          { id: "unset", provider: "openrouter" },
        ],
      },
      async ({ page, frame, simulator, command }) => {
        await send(frame, "one");
        await said(frame, "Answer to one.");
        await frame.getByRole("button", { name: "Model: claude-sonnet-5-5" }).click();
        const input = page.locator(".quick-input-widget input.input");
        await input.waitFor();
        await page.keyboard.type("opus 5.5");
        await page.getByText(/^Model of This Chat: another writes [\d,]+ tokens to its cache again$/).waitFor();
        await eventually("what each server says", async () => {
          const shown = (await entries(page)).join("\n");
          return ["Claude Opus 5.5", "127.0.0.1:9 could not be reached", 'No API key is set for "unset"'].every(
            (words) => shown.includes(words),
          );
        });
        await inFront(page, "Claude Opus 5.5");
        await page.keyboard.press("Enter");
        await page.getByText("Effort of claude-opus-5-5").waitFor();
        await page.keyboard.type("high");
        await page.keyboard.press("Enter");
        await frame.getByRole("button", { name: "Model: claude-opus-5-5 · high" }).waitFor();
        await frame.getByRole("textbox", { name: "Message" }).and(frame.locator(":focus")).waitFor();

        await send(frame, "two");
        await said(frame, "Answer to two.");
        const { model } = JSON.parse(simulator.messages().at(-1)?.body.toString() ?? "{}");
        assert.equal(model, "claude-opus-5-5");

        await command("Dispatch: New Tab");
        await frame.getByRole("button", { name: "Model: claude-sonnet-5-5" }).waitFor();
      },
    ));

  it("chooses what was typed, when its server answers later than another fails", () =>
    withLateServer((late, letGo) =>
      withVsCode(
        {
          name: "select-late-model",
          scenario: () => reply("Well."),
          keys: (url) => [
            { id: "simulator", provider: "anthropic", baseUrl: url, env: "DISPATCH_TEST_KEY" },
            { id: "unset", provider: "openrouter" },
            { id: "late", provider: "ollama", baseUrl: late },
          ],
        },
        async ({ page, frame }) => {
          await frame.getByRole("button", { name: "Model: claude-sonnet-5-5" }).click();
          await page.locator(".quick-input-widget input.input").waitFor();
          await page.keyboard.type("late");
          await eventually("the failure", async () => (await entries(page)).some((one) => one.includes('for "unset"')));
          letGo();
          await eventually("the late model", async () => (await entries(page)).includes("late-model"));
          await inFront(page, "late-model");
          await page.keyboard.press("Enter");
          await frame.getByRole("button", { name: "Model: late-model" }).waitFor();
        },
      ),
    ));
});

/** A server whose list of models comes when it is let go. */
async function withLateServer(test: (url: string, letGo: () => void) => Promise<void>): Promise<void> {
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const server = createServer((_request, response) => {
    void gate.then(() => response.end(JSON.stringify({ data: [{ id: "late-model" }] })));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  try {
    await test(`http://127.0.0.1:${address.port}`, () => letGo());
  } finally {
    letGo();
    server.closeAllConnections();
    server.close();
  }
}

/** Resolves when Enter would choose this entry. */
function inFront(page: Page, name: string): Promise<void> {
  return page.locator(".quick-input-list .monaco-list-row.focused").getByText(name).first().waitFor();
}

/** What the quick pick shows: the label of each entry. */
async function entries(page: Page): Promise<readonly string[]> {
  return page.locator(".quick-input-widget:visible .quick-input-list .label-name").allInnerTexts();
}
