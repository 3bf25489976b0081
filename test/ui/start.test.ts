import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ensureBrowser } from "../../scripts/setup.mjs";
import { stopGroup } from "../../scripts/suite.mjs";
import { openPage, webviewFrame } from "../../scripts/vscode-server.mjs";
import { keepTraces } from "./support/vscode";

describe("npm start", () => {
  it("opens the chat by itself, and the demo model reads, edits and runs something in the sample", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-start-"));
    const sample = path.join(folder, "sample");
    cpSync("test/simulator/sample", sample, { recursive: true });
    const { ANTHROPIC_API_KEY: _key, DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
    const args = ["scripts/start.mjs", "--no-open", "--data", path.join(folder, "data"), sample];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"], detached: true });
    process.once("exit", () => child.kill());
    let opened: Awaited<ReturnType<typeof openPage>> | undefined;
    try {
      const address = await printedAddress(child);
      opened = await openPage({ browser: await ensureBrowser(), address });
      const chat = await webviewFrame(opened.page, { selector: "textarea, [role=textbox]", timeout: 60_000 });

      await chat.getByRole("textbox", { name: "Message" }).fill("Meet the wish in the README");
      await chat.getByRole("button", { name: "Send" }).click();
      for (const tool of ["edit_file", "run_shell"]) {
        const card = chat.getByRole("alertdialog", { name: `Approval: ${tool}` });
        await card.getByRole("button", { name: "Allow once" }).click();
      }
      await chat.getByRole("heading", { name: "The wish is met" }).waitFor();

      assert.match(await readFile(path.join(sample, "src/greeting.js"), "utf8"), /greetingFor/);
    } catch (error) {
      if (opened !== undefined) await keepTraces("start", opened.page, opened.console());
      throw error;
    } finally {
      await opened?.close();
      await ended(child);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${text}`)));
    child.stdout?.on("data", (data) => {
      text += data;
      const address = /^ +(http:\S+)$/m.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

/** As by Ctrl+C; its own children must end with it, so no group is killed unless it does not end. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const timer = setTimeout(() => stopGroup(child), 10_000);
  await exited;
  clearTimeout(timer);
}
