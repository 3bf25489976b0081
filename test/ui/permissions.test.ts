/** *Always allow …* and the list of rules as a person uses them: by keyboard, in a real VS Code. */
import assert from "node:assert/strict";
import { call, reply } from "../simulator/reply";
import { eventually, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

describe("permissions in VS Code", () => {
  it("are made on a card, listed with what they decided, and taken back, by keyboard alone", () =>
    withVsCode(
      {
        name: "permissions",
        scenario: ({ step, userText }) =>
          step === 0 ? reply(call("run_shell", { command: "touch made" })) : reply(`Done with ${userText}.`),
      },
      async ({ page, frame, command }) => {
        const card = frame.getByRole("alertdialog", { name: "Approval: run_shell" });
        const list = page.locator(".quick-input-widget .quick-input-list");
        await send(frame, "one");
        await card.getByRole("button", { name: "Always allow …" }).focus();
        await frame.locator("[data-approval][data-armed=true]").waitFor();
        await page.keyboard.press("Enter");
        const choices = card.getByRole("group", { name: "Always allow" });
        assert.match(
          (await choices.textContent()) ?? "",
          /touch madeExactly this command in the workspace folder\..*Saved for this folder.*every folder that you open.*user settings/,
        );
        await choices.locator("button[aria-disabled=false]", { hasText: "Save and allow" }).focus();
        await page.keyboard.press("Enter");
        await said(frame, "Done with one.");
        await send(frame, "two");
        await said(frame, "Done with two.");

        await command("Dispatch: Show Permissions...");
        await list.getByText("allow: touch made in the workspace folder").waitFor();
        await page.keyboard.type("touch made");
        await page.keyboard.press("Enter");
        await list.getByText("Allowed by you: run_shell").waitFor();
        await page.keyboard.type("Remove");
        await page.keyboard.press("Enter");
        await list.getByText("Files and folders of the workspace may be read.").waitFor();
        assert.equal(await list.getByText("allow: touch made").count(), 0);
        await page.keyboard.press("Escape");

        await send(frame, "three");
        await card.getByRole("button", { name: "Deny" }).waitFor();
        await eventually("the card is armed", async () => (await card.getAttribute("data-armed")) === "true");
        await card.getByRole("button", { name: "Deny" }).click();
        await said(frame, "Done with three.");
      },
    ));
});
