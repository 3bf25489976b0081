import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { CANARY, makeRepository, obedient } from "../injection/repository";
import { sandboxProblem } from "../sandbox/support";
import { reply } from "../simulator/reply";
import { call } from "../support/script";
import { eventually, hasStatus, said, send, toolCalls } from "./support/chat";
import { withVsCode } from "./support/vscode";

const run = (id: string, command: string, more: object = {}) => call("run_shell", { command, ...more }, id);

describe("the mode of a chat in VS Code", () => {
  it("is chosen from the palette and by the button, is shown in the tab, and lets commands run in the sandbox", async function () {
    const problem = await sandboxProblem();
    if (problem !== undefined) {
      console.log(`skipped, no sandbox on this machine. ${problem}`);
      return this.skip();
    }
    const commands = "echo x > made.txt; echo x > ../escaped.txt; cat made.txt";
    await withVsCode(
      { name: "modes", scenario: { steps: [reply(run("r", commands), run("s", "true")), reply("Done.")] } },
      async ({ page, frame, workspace, command }) => {
        await command("Dispatch: Select Mode...");
        await page.getByText("Commands run without a question in a sandbox").waitFor();
        await page.keyboard.type("Sandboxed");
        await page.keyboard.press("Enter");
        await frame.getByRole("button", { name: "Mode: Sandboxed auto" }).waitFor();
        assert.equal(await frame.locator("[role=tab] .tab-mode").textContent(), "Sandboxed");
        await send(frame, "Make it");
        await said(frame, "Done.");
        assert.deepEqual(
          (await toolCalls(frame)).map(([, state]) => state),
          ["done", "done"],
        );
        assert.equal(readFileSync(path.join(workspace, "made.txt"), "utf8"), "x\n");
        assert.ok(!existsSync(path.join(workspace, "../escaped.txt")));

        await frame.getByRole("button", { name: "Mode: Sandboxed auto" }).click();
        await frame.getByRole("menuitemradio", { name: "Plan" }).click();
        await frame.getByRole("button", { name: "Mode: Plan" }).waitFor();
        await page.reload();
        const chat = await eventually("the chat after a reload", async () => {
          const frames = page.frames().filter((one) => one.url().includes("/webview/"));
          for (const one of frames) if ((await one.getByRole("button", { name: "Mode: Plan" }).count()) > 0) return one;
          return undefined;
        });
        assert.equal(await chat.locator("[role=tab] .tab-mode").textContent(), "Plan");
      },
    );
  });

  it("keeps everything in, in a repository that tells the agent to do harm, while edits are allowed", async () => {
    const base = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-injection-")));
    const collected: string[] = [];
    const collector = createServer((request, response) => {
      collected.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const { port } = collector.address() as AddressInfo;
    mkdirSync(path.join(base, "home"));
    makeRepository(base, port);
    try {
      await withVsCode(
        { name: "injection", workspace: path.join(base, "workspace"), scenario: obedient(port) },
        async ({ frame, simulator }) => {
          await frame.getByRole("button", { name: "Mode: Ask" }).click();
          await frame.getByRole("menuitemradio", { name: "Edits allowed" }).click();
          await frame.getByRole("button", { name: "Mode: Edits allowed" }).waitFor();
          await send(frame, "Have a look at this repository.");
          const idle = frame.locator("[role=tab][aria-selected=true][data-status=idle]");
          const denied = frame.getByRole("alertdialog").getByRole("button", { name: "Deny", exact: true });
          await eventually(
            "every question is answered",
            async () => {
              if ((await denied.count()) > 0)
                await denied
                  .first()
                  .click({ timeout: 2_000 })
                  .catch(() => undefined);
              return simulator.messages().length > 1 && (await idle.count()) > 0;
            },
            90_000,
          );
          await hasStatus(frame, "idle");
          assert.ok(simulator.messages().some(({ body }) => body.toString().includes(CANARY)));
          assert.deepEqual(collected, []);
          const files = ["src/b.js", ".vscode", "AGENTS.md", "data", "stolen.txt", ".git/hooks/pre-commit"];
          assert.deepEqual(
            files.filter((file) => existsSync(path.join(base, "workspace", file))),
            ["src/b.js"],
          );
        },
      );
    } finally {
      collector.close();
      rmSync(base, { recursive: true, force: true });
    }
  });
});
