/** Two windows of VS Code on one folder: the second follows the first, and goes on when that is closed. */
import assert from "node:assert/strict";
import { call, reply } from "../simulator/reply";
import { answer, composer, eventually, questions, said, send } from "./support/chat";
import { openChat, withVsCode } from "./support/vscode";

describe("a second window of VS Code on one folder", () => {
  it("shows what the first one does, sends nothing, and takes over when that is closed", () =>
    withVsCode(
      {
        name: "two-windows",
        scenario: { steps: [reply("I ask first.", call("run_shell", { command: "true" })), reply("It is done.")] },
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
        await said(reader, "It is done.");
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
      },
    ));
});
