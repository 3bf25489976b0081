import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { call, reply } from "../simulator/reply";
import { answer, conversation, eventually, questions, said, send } from "./support/chat";
import { withVsCode } from "./support/vscode";

const files = { "src/sum.js": "function sum(a, b) {\n  return a - b;\n}\n", "README.md": "# Sums\n" };

describe("edits in VS Code", () => {
  it("are shown where they were made and at the end of the turn, reviewed, undone and redone", () =>
    withVsCode(
      {
        name: "edits",
        files,
        scenario: {
          steps: [
            reply(call("edit_file", { path: "src/sum.js", edits: [{ old_text: "a - b", new_text: "a + b" }] })),
            reply(call("write_file", { path: "docs/sum.md", content: "# How to add\n\nAdd.\n" })),
            reply("It adds now."),
          ],
        },
      },
      async ({ page, frame, workspace }) => {
        const file = (name: string) => readFile(path.join(workspace, name), "utf8");
        await send(frame, "Mend it");
        await answer(questions(frame, "edit_file"), "Allow once");
        await answer(questions(frame, "write_file"), "Allow once");
        await said(frame, "It adds now.");
        const edit = frame.getByRole("group", { name: "edit_file: src/sum.js" });
        assert.deepEqual(await edit.locator(".edit-preview .diff-line").allTextContents(), ["−a - b", "+a + b"]);

        const changed = conversation(frame).getByRole("region", { name: "Changed files" });
        await changed.getByText("2 files changed").waitFor();
        await changed.getByRole("button", { name: "Review all" }).click();
        await page.getByRole("tab", { name: "Changes of one turn" }).waitFor();

        await changed.getByRole("button", { name: "Undo all" }).click();
        await changed.getByRole("button", { name: "Redo all" }).waitFor();
        assert.equal(await file("src/sum.js"), files["src/sum.js"]);
        assert.equal(existsSync(path.join(workspace, "docs/sum.md")), false);
        await edit.getByRole("button", { name: "Redo the edit of src/sum.js" }).click();
        await edit.getByRole("button", { name: "Undo the edit of src/sum.js" }).waitFor();
        await changed.getByRole("button", { name: "Undo all" }).waitFor();
        await eventually("the edit is back", async () => (await file("src/sum.js")).includes("a + b"));
      },
    ));
});
