import assert from "node:assert/strict";
import { reply } from "../simulator/reply";
import { eventually, said, send } from "./support/chat";
import { listed, pressDelete } from "./support/history";
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
        await listed(page, ["Name the lexer", "Mend the parser"]);
        assert.match(
          (await page.locator(".quick-input-title").textContent()) ?? "",
          /Chats of this workspace — \d+ KB on disk/,
        );
        await page.keyboard.type("pars");
        await listed(page, ["Mend the parser"]);
        await page.keyboard.press("Enter");
        await eventually("the chat is back", async () => (await frame.getByText("Mend the parser").count()) > 1);

        await command("Dispatch: Search History...");
        await listed(page, ["Name the lexer", "Mend the parser"]);
        await pressDelete(page);
        await page.getByRole("dialog").getByText("Delete this chat? “Name the lexer”").waitFor();
        await page.keyboard.press("Escape");
        await listed(page, ["Name the lexer", "Mend the parser"]);
        await pressDelete(page);
        await page.getByRole("dialog").getByRole("button", { name: "Delete" }).press("Enter");
        await listed(page, ["Mend the parser"]);
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
        await listed(page, ["Mend the parser"]);
        await page.keyboard.press("Escape");
        await recent.getByRole("button", { name: /^Mend the parser/ }).press("Enter");
        await said(frame, "From the model.");
        await frame.getByRole("tab", { name: "Mend the parser", selected: true }).waitFor();
      },
    ));
});
