/** Two windows of VS Code on one folder: the second follows the first, and goes on when that is closed. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { call, reply } from "../simulator/reply";
import { answer, composer, eventually, questions, said, send } from "./support/chat";
import { openChat, withVsCode } from "./support/vscode";

describe("a second window of VS Code on one folder", () => {
  it("shows what the first one does, sends nothing, and takes over when that is closed", () =>
    withVsCode(
      {
        name: "two-windows",
        scenario: {
          steps: [
            reply("I ask first.", call("run_shell", { command: "env true" })),
            reply(call("write_file", { path: "new.txt", content: "new\n" })),
            reply("It is done."),
          ],
        },
      },
      async ({ page, frame }) => {
        const second = await page.context().newPage();
        await second.goto(page.url());
        const reader = await openChat(second);
        await reader.getByText("writes; this one follows it").waitFor();

        await send(frame, "A task for the first");
        const question = questions(frame, "run_shell");
        await question.waitFor();
        await reader.getByRole("tab", { name: "A task for the first" }).click();
        await said(reader, "I ask first.");
        await reader.getByText("Working in another window…").waitFor();
        assert.equal(await composer(reader).inputValue(), "");
        assert.equal(await reader.getByRole("button", { name: "Stop", exact: true }).count(), 0);
        assert.equal(await reader.getByText("interrupted").count(), 0);

        await answer(question, "Allow once");
        const edit = questions(frame, "write_file");
        await edit.waitFor();
        await answer(edit, "Allow once");
        await said(reader, "It is done.");
        const undo = reader.getByRole("button", { name: "Undo all" });
        await undo.waitFor();
        assert.match((await undo.getAttribute("title")) ?? "", /^Only the window that writes the chats can undo/);
        await composer(reader).fill("A word from the second");
        await composer(reader).press("Enter");
        await reader.getByText("Your message was not sent and is kept in the box.").waitFor();
        assert.equal(await composer(reader).inputValue(), "A word from the second");

        await page.close();
        await eventually("the second window writes", async () => {
          const lines = await reader.getByText("writes; this one follows it").count();
          return lines === 0;
        });
        assert.equal(await composer(reader).inputValue(), "A word from the second");
        await said(reader, "It is done.");
        await undo.click();
        await reader.getByRole("button", { name: "Redo all" }).waitFor();
      },
    ));

  it("offers to take over when nothing can tell whether the first is still there, and asks once", () =>
    withVsCode(
      { name: "two-windows-far", scenario: { steps: [reply("It is done.")] } },
      async ({ page, frame, storage }) => {
        await send(frame, "A task for the first");
        await said(frame, "It is done.");
        // As the owner's file looks where a folder is synced, or a container was built anew.
        const file = path.join(storage(), "owner.json");
        writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), host: "far", bootId: "far" }));
        const second = await page.context().newPage();
        await second.goto(page.url());
        const reader = await openChat(second);
        const offer = reader.getByRole("button", { name: "Take over…" });
        const dialog = second.getByRole("dialog");
        await offer.click();
        await dialog.getByText("Take over the chats of this folder?").waitFor();
        await dialog.getByRole("button", { name: "Cancel" }).click();
        assert.equal(await offer.count(), 1);
        await offer.click();
        await dialog.getByRole("button", { name: "Take Over" }).click();
        await eventually("the second window writes", async () => (await reader.locator(".banner").count()) === 0);
        await send(reader, "A task for the second");
        await reader.getByText("A task for the second").first().waitFor();
        // The first finds out with its next write, and follows.
        await composer(frame).fill("Too late");
        await frame.getByText("writes; this one follows it").waitFor();
        assert.equal(await frame.getByRole("button", { name: "Take over…" }).count(), 0);
      },
    ));
});
