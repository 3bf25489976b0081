import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { call, reply } from "../simulator/reply";
import { filesIn } from "../support/storm";
import { answer, questions, said, send } from "./support/chat";
import { inFront } from "./support/tabs";
import { withVsCode } from "./support/vscode";

const secret = "sk-canary-7c41d9f0a2";

describe("the secret of a key, in VS Code", () => {
  it("is in no page, no output channel, no command's environment and no file, also when a server says it back", () =>
    withVsCode(
      {
        name: "secret",
        env: { DISPATCH_TEST_KEY: secret },
        scenario: ({ userText, step }) => {
          if (userText === "refuse") {
            const message = `Your key ${secret} is no key (Bearer ${secret}).`;
            return { ...reply("Never."), fault: { kind: "error", status: 401, type: "authentication_error", message } };
          }
          return step === 0 ? reply(call("run_shell", { command: "env" })) : reply("That was my environment.");
        },
      },
      async ({ page, frame, command, storage, log }) => {
        await send(frame, "refuse");
        await frame.getByText("Details", { exact: true }).click();
        await frame.getByText("is no key").waitFor();
        assert.ok(!(await shown(page)).includes(secret));

        await command("Dispatch: New Tab");
        await inFront(frame, "New chat");
        await send(frame, "environment");
        await answer(questions(frame, "run_shell"), "Allow once");
        await said(frame, "That was my environment.");
        await frame.getByRole("group", { name: "run_shell: env" }).getByRole("button").first().click();
        await frame.getByText("PATH=").first().waitFor();
        await command("Dispatch: Show Log");
        await page.locator(".part.panel .output-view-container, .part.panel [id*=output]").first().waitFor();

        assert.ok(!(await shown(page)).includes(secret), "nothing on the screen");
        assert.ok(!log().includes(secret), "nothing in what VS Code prints");
        for (const file of filesIn(storage())) assert.ok(!readFileSync(file, "latin1").includes(secret), file);
      },
    ));
});

/** All of the window and of every page in it, as HTML. */
async function shown(page: Page): Promise<string> {
  const pages = await Promise.all(page.frames().map((frame) => frame.content().catch(() => "")));
  return pages.join("\n");
}
