import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Frame } from "playwright-core";
import { call, reply } from "../simulator/reply";
import { makePng } from "../support/png";
import { withVsCode } from "./support/vscode";

describe("a chat in VS Code", () => {
  it("reads, edits after an approval, takes a denial with its reason, and shows the answer", () =>
    withVsCode(
      {
        name: "chat",
        files: { "notes.txt": "first\nsecond\n" },
        scenario: {
          steps: [
            reply("I look first.", call("read_file", { path: "notes.txt" })),
            reply(call("edit_file", { path: "notes.txt", edits: [{ old_text: "second", new_text: "2nd" }] })),
            reply(call("run_shell", { command: "rm notes.txt" })),
            reply("It stays."),
          ],
        },
      },
      async ({ frame, simulator, workspace }) => {
        await send(frame, "Change the second line");

        const edit = frame.getByRole("alertdialog", { name: "Approval: edit_file" });
        await edit.getByRole("button", { name: "Allow once" }).click();
        const shell = frame.getByRole("alertdialog", { name: "Approval: run_shell" });
        await shell.getByRole("textbox", { name: "Reason" }).fill("I need that file");
        await shell.getByRole("button", { name: /^Deny/ }).click();
        await frame.getByRole("log", { name: "Conversation" }).getByText("It stays.").waitFor();

        assert.equal(await readFile(path.join(workspace, "notes.txt"), "utf8"), "first\n2nd\n");
        assert.deepEqual(await cards(frame), ["done", "done", "denied"]);
        const last = simulator.messages().at(-1);
        assert.ok(last?.body.toString().includes("I need that file"));
        assert.deepEqual(
          simulator.messages().map((request) => request.status),
          [200, 200, 200, 200],
        );
      },
    ));

  it("searches, and looks at a picture that the card shows too", () =>
    withVsCode(
      {
        name: "looks",
        files: {
          "src/engine.js": "export function start() {}\n",
          ".gitignore": "dist\n",
          "dist/engine.js": "start()\n",
        },
        scenario: {
          steps: [
            reply(
              call("search", { pattern: "start\\(" }),
              call("find_files", { globs: ["*.js"] }),
              call("list_files", { depth: 2 }),
            ),
            reply("Now the picture.", call("read_file", { path: "shot.png" })),
            reply("It is blue."),
          ],
        },
      },
      async ({ frame, simulator, workspace }) => {
        await writeFile(path.join(workspace, "shot.png"), makePng(320, 200));
        await send(frame, "Where does it start, and what does it look like?");
        const log = frame.getByRole("log", { name: "Conversation" });
        await log.getByText("It is blue.").waitFor();
        await log.getByText("Listed 1 folder, searched twice").waitFor();
        const [found, ...more] = simulator.messages().map(({ body }) => body.toString());
        assert.ok(
          found !== undefined && more[0]?.includes("1 match in 1 file]\\nsrc/engine.js\\n1:export function start()"),
        );
        assert.ok(more[1]?.includes(makePng(320, 200).toString("base64")));

        const card = frame.getByRole("group", { name: "read_file: shot.png" });
        await card.getByRole("button", { name: "Show details" }).click();
        await card.getByRole("img", { name: "shot.png" }).waitFor();
        await frame.waitForFunction("document.querySelector('img.picture')?.naturalWidth === 320");
      },
    ));
});

async function send(frame: Frame, text: string): Promise<void> {
  await frame.getByRole("textbox", { name: "Message" }).fill(text);
  await frame.getByRole("button", { name: "Send" }).click();
}

/** The states of all tool cards, in order. */
async function cards(frame: Frame): Promise<(string | null)[]> {
  const all = await frame.locator("[data-call-id][data-state]").all();
  return await Promise.all(all.map((card) => card.getAttribute("data-state")));
}
