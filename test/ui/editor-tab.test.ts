import { reply } from "../simulator/reply";
import { composer, editorChat, eventually, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

describe("a chat in the editor area of VS Code", () => {
  it("opens beside the sidebar with its own tab in front, and is there again after a reload", () =>
    withVsCode(
      {
        name: "editor-tab",
        scenario: { steps: [reply("From the model."), reply("Said in the editor.")] },
        size: { width: 1500, height: 900 },
      },
      async ({ page, frame, command, chat }) => {
        await send(frame, "A task for the editor");
        await said(frame, "From the model.");
        await command("Dispatch: Open Chat in Editor");
        const editor = await editorChat(page, frame);
        await said(editor, "From the model.");
        await frame.getByRole("button", { name: "New tab" }).click();
        await eventually(
          "an empty chat in the sidebar",
          async () => (await frame.getByText("Describe a task").count()) === 1,
        );

        await send(editor, "Go on");
        await said(editor, "Said in the editor.");
        await command("Developer: Reload Window");
        await eventually("the window is loaded anew", () => frame.isDetached());
        await chat();
        const again = await eventually("the chat in the editor area", async () => {
          for (const one of page.frames())
            if (
              (await one
                .getByText("Said in the editor.")
                .count()
                .catch(() => 0)) > 0
            )
              return one;
          return undefined;
        });
        await composer(again).waitFor();
      },
    ));
});
