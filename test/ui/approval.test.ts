import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Frame } from "playwright-core";
import { call, reply } from "../simulator/reply";
import {
  answer,
  conversation,
  editorText,
  eventually,
  hasStatus,
  questions,
  said,
  send,
  toolCalls,
} from "./support/chat";
import { withVsCode } from "./support/vscode";

const sum = "function sum(a, b) {\n  return a - b;\n}\n";
const files = { "src/sum.js": sum, "README.md": "# Sums\n" };
const edit = (file: string, from: string, to: string) =>
  call("edit_file", { path: file, edits: [{ old_text: from, new_text: to }] });

describe("questions and answers in VS Code", () => {
  it("shows an edit in the editor's own diff, and allows what it says for the tab and nothing more", () =>
    withVsCode(
      {
        name: "allow-in-tab",
        files,
        scenario: {
          steps: [
            reply(edit("src/sum.js", "a - b", "a + b")),
            reply(edit("src/sum.js", "sum", "add")),
            reply(edit("README.md", "Sums", "Additions")),
            reply("Two of three."),
          ],
        },
      },
      async ({ page, frame, workspace }) => {
        await send(frame, "Mend it");
        const first = questions(frame, "edit_file");
        await first.getByRole("button", { name: "Open diff" }).click();
        await page.getByRole("tab", { name: "src/sum.js (proposed)" }).waitFor();
        const diff = page.locator(".monaco-diff-editor");
        await eventually("both sides of the diff", async () => {
          const before = await editorText(diff.locator(".editor.original"));
          const after = await editorText(diff.locator(".editor.modified"));
          return before.includes("return a - b;") && after.includes("return a + b;") && !after.includes("a - b");
        });
        assert.equal(await readFile(path.join(workspace, "src/sum.js"), "utf8"), sum);

        const forTab = first.getByRole("button", { name: "Allow in this tab" });
        const scope = await forTab.getAttribute("aria-describedby");
        assert.equal(
          await frame.locator(`[id="${scope}"]`).textContent(),
          "Allow in this tab: All further edits to this file",
        );
        await forTab.click();
        const other = frame.getByRole("group", { name: "edit_file: README.md" }).getByRole("alertdialog");
        await other.waitFor();
        assert.equal(
          await readFile(path.join(workspace, "src/sum.js"), "utf8"),
          "function add(a, b) {\n  return a + b;\n}\n",
        );
        await other.and(frame.locator("[data-armed=true]")).press("ControlOrMeta+Backspace");
        await said(frame, "Two of three.");

        assert.deepEqual(await toolCalls(frame), [
          ["edit_file: src/sum.js", "done"],
          ["edit_file: src/sum.js", "done"],
          ["edit_file: README.md", "denied"],
        ]);
        const second = frame.getByRole("group", { name: "edit_file: src/sum.js" }).nth(1);
        await second.getByRole("button", { name: "Show details" }).click();
        await second.getByText(/allowed in this tab: edits to .*src\/sum\.js/).waitFor();
        await second.getByRole("button", { name: "Open diff" }).click();
        await page.getByRole("tab", { name: "src/sum.js (edited by Dispatch)" }).waitFor();
        await eventually("what was done to the file", async () =>
          (await editorText(diff.locator(".editor.modified"))).includes("function add(a, b)"),
        );
      },
    ));

  it("does not take a click that came too early for it to have been read", () =>
    withVsCode(
      {
        name: "arm",
        files,
        scenario: { steps: [reply(call("run_shell", { command: "touch ran" })), reply("It ran.")] },
      },
      async ({ frame, simulator, workspace }) => {
        await frame.evaluate(clickAtOnce);
        await send(frame, "Run it");
        const question = questions(frame, "run_shell");
        await question.and(frame.locator("[data-armed=true]")).waitFor();
        assert.notEqual(await frame.locator("body").getAttribute("data-clicked"), null);
        assert.equal(simulator.messages().length, 1);
        await assert.rejects(readFile(path.join(workspace, "ran")));

        await answer(question, "Allow once");
        await said(frame, "It ran.");
        await readFile(path.join(workspace, "ran"));
      },
    ));

  it("stops with Escape, while an answer streams and while a question waits, and goes on validly", () =>
    withVsCode(
      {
        name: "escape",
        files,
        scenario: {
          turns: [
            { match: /^talk$/, steps: [{ ...reply("word ".repeat(2000)), pace: 25 }] },
            {
              match: /^ask$/,
              steps: [reply(call("run_shell", { command: "touch ran" }), edit("README.md", "S", "s"))],
            },
            { match: /^go on$/, steps: [reply("Still here.")] },
          ],
        },
      },
      async ({ page, frame, simulator, workspace }) => {
        await send(frame, "talk");
        await conversation(frame).getByText("word word word").waitFor();
        await page.keyboard.press("Escape");
        await hasStatus(frame, "idle");
        await eventually("the request to be dropped", () => simulator.messages()[0]?.outcome === "client-gone");

        await send(frame, "ask");
        await questions(frame, "run_shell").waitFor();
        await questions(frame, "edit_file").waitFor();
        await page.keyboard.press("Escape");
        await hasStatus(frame, "idle");
        assert.equal(await frame.getByRole("alertdialog").count(), 0);
        assert.deepEqual(await toolCalls(frame), [
          ["run_shell: touch ran", "cancelled"],
          ["edit_file: README.md", "cancelled"],
        ]);

        await send(frame, "go on");
        await said(frame, "Still here.");
        await assert.rejects(readFile(path.join(workspace, "ran")));
        assert.deepEqual(
          simulator.messages().map(({ error }) => error),
          [undefined, undefined, undefined],
        );
      },
    ));

  it("runs two tabs at once, each with its own questions and its own end", () =>
    withVsCode(
      {
        name: "two-tabs",
        files,
        scenario: {
          turns: ["one", "two"].map((name) => ({
            match: new RegExp(`^${name}$`),
            steps: [
              reply(call("run_shell", { command: `echo ${name} waits; while [ ! -f ${name} ]; do sleep 0.1; done` })),
              reply(`Tab ${name} is done.`),
            ],
          })),
        },
      },
      async ({ frame, simulator, workspace }) => {
        await send(frame, "one");
        await answer(questions(frame, "run_shell"), "Allow once");
        await prints(frame, "one waits");
        await frame.getByRole("button", { name: "New tab" }).click();
        await frame.getByRole("heading", { name: "Dispatch" }).waitFor();
        await send(frame, "two");
        await answer(questions(frame, "run_shell"), "Allow once");
        await prints(frame, "two waits");
        const statuses = () =>
          frame
            .getByRole("tablist", { name: "Chats" })
            .getByRole("tab")
            .evaluateAll((tabs) => tabs.map((tab) => `${tab.getAttribute("aria-label")}: ${tab.dataset.status}`));
        assert.deepEqual(await statuses(), ["one: running", "two: running"]);

        await writeFile(path.join(workspace, "two"), "");
        await said(frame, "Tab two is done.");
        await hasStatus(frame, "idle");
        assert.deepEqual(await statuses(), ["one: running", "two: idle"]);
        await frame.getByRole("tab", { name: "one" }).click();
        await prints(frame, "one waits");
        await writeFile(path.join(workspace, "one"), "");
        await said(frame, "Tab one is done.");
        await hasStatus(frame, "idle");
        assert.deepEqual(
          simulator.messages().map(({ status }) => status),
          [200, 200, 200, 200],
        );
      },
    ));

  it("leads whoever looks elsewhere to the question by a notification", () =>
    withVsCode(
      {
        name: "notice",
        files,
        scenario: {
          steps: [
            reply("a moment ".repeat(60), call("run_shell", { command: "touch one" })),
            reply(call("run_shell", { command: "touch two" })),
            reply("Both."),
          ].map((step) => ({ ...step, pace: 20 })),
        },
      },
      async ({ page, frame, chat, command }) => {
        const notice = page.locator(".notification-list-item", { hasText: "The chat “Go” waits for your answer." });
        await send(frame, "Go");
        await conversation(frame).getByText("a moment").waitFor();
        await page.getByRole("tab", { name: /^Explorer/ }).click();
        // As a toast, or in the list of the bell where the editor shows none.
        const bell = page.locator("[id='status.notifications'] .codicon-bell-dot");
        await eventually("the notice", async () => {
          if ((await notice.count()) > 0) return true;
          if ((await bell.count()) > 0) await bell.click();
          return false;
        });
        await notice.getByRole("button", { name: "Show" }).press("Enter"); // the bell's tooltip may lie over it
        const shown = await chat();
        await answer(questions(shown, "run_shell"), "Allow once");
        await questions(shown, "run_shell").getByText("touch two").waitFor();
        await command("Dispatch: Deny");
        await said(shown, "Both.");
        assert.equal(await notice.count(), 0, "what was seen needs no notice");
      },
    ));

  it("opens links, copies code, and puts it where the cursor is", () =>
    withVsCode(
      {
        name: "answer-acts",
        files,
        scenario: {
          steps: [
            reply(
              "See [the sum](src/sum.js#L2) and [the docs](https://example.com/docs?a=1%262).\n\n```js\n/* checked */\n```\n",
            ),
          ],
        },
      },
      async ({ page, frame }) => {
        await send(frame, "Show me");
        await frame.getByRole("link", { name: "the docs" }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByText("https://example.com/docs?a=1%262").waitFor();
        await dialog.getByRole("button", { name: "Cancel" }).click();

        await frame.getByRole("link", { name: "the sum" }).click();
        await page.getByRole("tab", { name: "sum.js" }).waitFor();
        await page.locator("footer").getByRole("button", { name: "Ln 2, Col 1" }).waitFor();
        const code = frame.locator(".code-block");
        await code.getByRole("button", { name: "Insert at cursor" }).click();
        await eventually("the code in the editor", async () => {
          const text = await editorText(page.locator(".editor-instance"));
          return text.startsWith("function sum(a, b) {\n/* checked */  return a - b;");
        });

        await code.getByRole("button", { name: "Copy" }).click();
        await code.getByRole("button", { name: "Copied" }).waitFor();
        await eventually("the code in the clipboard", async () => {
          const copied = await page.evaluate<string>("navigator.clipboard.readText()");
          return copied.trimEnd() === "/* checked */";
        });
      },
    ));
});

/** Presses every button of a question in the same moment in which it appears. */
const clickAtOnce = `new MutationObserver(() => {
  for (const button of document.querySelectorAll("[role=alertdialog] button")) {
    button.click();
    document.body.dataset.clicked = button.textContent;
  }
}).observe(document.body, { childList: true, subtree: true })`;

/** The last output of a running command, as opposed to the command that would print it. */
const prints = (frame: Frame, line: string): Promise<void> =>
  conversation(frame).getByText(line, { exact: true }).waitFor();
